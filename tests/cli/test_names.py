"""What a shell is told while somebody types: quick, harmless, and silent whatever is wrong."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from jobistemer_tui.cli.names import print_names
from jobistemer_tui.domain.identity import occurrence_id
from jobistemer_tui.settings.locations import find_locations
from jobistemer_tui.settings.quick_path import quick_store_url
from tests.support.factories import NOW, make_definition
from tests.support.named_store import HOSTILE, make_named_store

RUN = occurrence_id(make_definition("backup").id, NOW).hex[:8]


def names(capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    print_names(words)
    return [line.partition("\t")[0] for line in capsys.readouterr().out.splitlines()]


def test_jobs_by_their_beginning_and_runs_newest_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_named_store(tmp_path)
    assert names(capsys, "jobs", "b", str(tmp_path)) == ["backup", "build-docs"]
    assert names(capsys, "jobs", "", str(tmp_path)) == ["backup", "build-docs", *sorted(HOSTILE)]
    first, second = names(capsys, "runs", "", str(tmp_path))
    assert first == RUN != second
    assert names(capsys, "runs", RUN[:3], str(tmp_path)) == [RUN]
    assert names(capsys, "names", RUN[0], str(tmp_path))[-1] == RUN
    assert names(capsys, "names", "bu", str(tmp_path)) == ["build-docs"]
    assert names(capsys, "runs", RUN + "0", str(tmp_path)) == []
    print_names(["runs", RUN, "", f"sqlite:{tmp_path}/jobistemer.db"])
    assert capsys.readouterr().out == f"{RUN}\tbackup completed\n"


def test_whatever_is_wrong_nothing_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database = make_named_store(tmp_path / "good")
    newer, garbage, folder = tmp_path / "newer", tmp_path / "garbage", tmp_path / "folder"
    for home in (newer, garbage, folder):
        home.mkdir()
    with sqlite3.connect(newer / "jobistemer.db") as other:
        other.execute("CREATE TABLE job (title TEXT)")
    other.close()
    (garbage / "jobistemer.db").write_bytes(b"not a database" * 999)
    (folder / "jobistemer.db").mkdir()
    for home in (newer, garbage, folder, tmp_path / "nowhere"):
        assert names(capsys, "names", "", str(home)) == []
    assert names(capsys, "names", "", "", "postgresql://user:secret@host/x") == []
    assert names(capsys, "odd", "", str(database.parent)) == []
    assert names(capsys) == []
    assert not (tmp_path / "nowhere").exists()
    assert capsys.readouterr().err == ""


def test_a_locked_store_is_not_waited_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database = make_named_store(tmp_path)
    holder = sqlite3.connect(database, isolation_level=None)
    holder.execute("PRAGMA locking_mode = EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    assert names(capsys, "jobs", "", str(tmp_path)) == []
    holder.execute("ROLLBACK")
    holder.close()
    assert names(capsys, "jobs", "ba", str(tmp_path)) == ["backup"]


def test_a_glance_never_checkpoints_even_as_the_last_to_close(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database = make_named_store(tmp_path / "made")
    writer = sqlite3.connect(database, isolation_level=None)
    writer.execute("PRAGMA wal_autocheckpoint = 0")
    writer.execute("UPDATE job SET name = 'bakery' WHERE name = 'backup'")
    home = tmp_path / "left"  # what a process that was killed leaves behind: a log that nobody has carried over
    home.mkdir()
    for name in ("jobistemer.db", "jobistemer.db-wal"):
        (home / name).write_bytes((database.parent / name).read_bytes())
    writer.close()
    main, log = (home / "jobistemer.db").read_bytes(), (home / "jobistemer.db-wal").read_bytes()
    assert names(capsys, "jobs", "ba", str(home)) == ["bakery"]
    assert ((home / "jobistemer.db").read_bytes(), (home / "jobistemer.db-wal").read_bytes()) == (main, log)


@pytest.mark.parametrize("home", ["", "~/here", "relative", "/srv/x/../y"])
@pytest.mark.parametrize("store", ["", "sqlite:~/a.db", "sqlite:///srv/b.db", "lmdb:~/c.lmdb", "memory:"])
@pytest.mark.parametrize(
    "more", [{}, {"JOBISTEMER_HOME": "/e"}, {"JOBISTEMER_STORE": "sqlite:/s.db"}, {"XDG_DATA_HOME": "/x"}]
)
def test_the_quick_path_is_the_path(
    home: str, store: str, more: dict[str, str], isolated_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in more.items():
        monkeypatch.setenv(name, value)
    environ = {"HOME": str(isolated_home), **more}
    found = find_locations(Path(home) if home else None, store or None, environ).store_url
    assert quick_store_url(home, store, environ) == (None if found == "memory:" else found)
