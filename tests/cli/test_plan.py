"""`plan`: what would change, its exit codes, and that it changes nothing."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from jobistemer_tui.engine.definitions import Definitions
from jobistemer_tui.engine.transactions.common import Owner
from jobistemer_tui.engine.transactions.publish import Source, publish
from jobistemer_tui.jobfiles import read_paths
from jobistemer_tui.storage.contract import Store
from jobistemer_tui.storage.tables import INDEXES
from tests.cli.home import Home
from tests.support.engine_world import ME, START

JOB = "[jobs.{name}]\nschedule = '{schedule}'\ntimezone = 'UTC'\nrun = 'true'\n"


@pytest.fixture
def files(home: Home) -> Path:
    folder = home.folder / "jobs"
    folder.mkdir(parents=True)
    write(folder, "a")
    write(folder, "b")
    return folder


def write(folder: Path, name: str, schedule: str = "0 5 * * *") -> Path:
    path = folder / f"{name}.toml"
    path.write_text(JOB.format(name=name, schedule=schedule))
    return path


def publish_all(store: Store, folder: Path) -> None:
    owner = Owner(ME, Definitions(), 8)
    for file in read_paths([folder]).files:
        for found in file.jobs:
            source = Source(found.path, found.line, found.root)
            work = partial(publish, owner=owner, definition=found.definition, source=source, now=START)
            store.write(work)


def everything(store: Store) -> list[object]:
    return store.read(lambda reader: [row for index in INDEXES for row in reader.scan(index)])


def test_without_a_store_all_is_new_and_nothing_is_made(home: Home, files: Path) -> None:
    done = home.run("plan")
    assert done.code == 2
    assert f"+ a is added · {files}/a.toml:1" in done.out
    assert "2 jobs added; 0 past occurrences will fire" in done.err
    assert [path.name for path in home.folder.iterdir()] == ["jobs"]


def test_changed_retired_and_untouched_jobs(home: Home, files: Path) -> None:
    home.fill(lambda store: publish_all(store, files))
    assert home.run("plan").code == 0
    write(files, "a", "0 6 * * *")
    (files / "b.toml").unlink()
    before = home.fill(everything)
    done = home.run("plan", str(files))
    assert done.code == 2
    lines = done.out.splitlines()
    assert lines[0] == f"~ a becomes version 2 · {files}/a.toml:1"
    assert lines[1] == "  schedule: 0 5 * * * → 0 6 * * *"
    assert lines[2].startswith("  + 30 times in 30 days (UTC)") or lines[2].startswith("  + 31 times")
    assert any(line.startswith("- b is retired, its history is kept") for line in lines)
    assert "1 job changed, 1 retired; 0 past occurrences will fire" in done.err
    assert home.fill(everything) == before


def test_as_json(home: Home, files: Path) -> None:
    done = home.run("plan", "--json")
    assert (done.json["changes"], done.json["ok"], done.json["past_occurrences"]) == (True, True, 0)
    assert done.json["roots"] == [str(files)]
    first, _ = done.json["jobs"]
    assert (first["job"], first["change"], first["before"], first["version"]) == ("a", "added", 0, 1)
    assert first["instants"]["added_count"] == 30
    assert len(first["instants"]["added"]) == 30


def test_errors_come_first_and_keep_what_runs(home: Home, files: Path) -> None:
    home.fill(lambda store: publish_all(store, files))
    (files / "a.toml").write_text("[jobs.a]\nscheduel = 1\n")
    done = home.run("plan", "--json")
    assert done.code == 1
    assert (done.json["changes"], done.json["ok"]) == (False, False)
    assert done.json["problems"][0]["file"] == str(files / "a.toml")
    text = home.run("plan")
    assert f"{files}/a.toml:2:1: error:" in text.out
    assert "retired" not in text.out


def test_a_path_that_is_not_there(home: Home) -> None:
    assert home.run("plan", "nowhere.toml").code == 66
