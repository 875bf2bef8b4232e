"""`import`: the file to standard output or to a new private file, the report to standard error."""

from __future__ import annotations

import os
import tomllib
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from tests.cli.home import Home, run_process

LINES = "# Nightly\n0 5 * * * /usr/bin/backup\n@daily mail me@x.org%hi\n"


@pytest.fixture
def crontab(tmp_path: Path) -> Path:
    path = tmp_path / "crontab"
    path.write_text(LINES)
    return path


def fake_program(folder: Path, name: str, script: str) -> str:
    """A shell script of that name; gives the PATH that finds it first."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def test_the_file_is_data_and_the_report_is_talk(home: Home, crontab: Path) -> None:
    done = home.run("import", "crontab", str(crontab))
    assert done.code == 0
    assert list(tomllib.loads(done.out)["jobs"]) == ["backup", "mail"]
    assert f"{crontab}:2: 0 5 * * * /usr/bin/backup\n    carried over as backup\n" in done.err
    assert not home.folder.exists()


def test_what_is_written_is_checked_and_due(home: Home, crontab: Path, tmp_path: Path) -> None:
    target = tmp_path / "cron.toml"
    done = home.run("import", "crontab", str(crontab), "--output", str(target))
    assert (done.code, done.out) == (0, "")
    assert target.stat().st_mode & 0o777 == 0o600
    assert home.run("check", str(target)).code == 0


def test_a_file_that_is_there_is_replaced_only_by_force(home: Home, crontab: Path, tmp_path: Path) -> None:
    target = tmp_path / "cron.toml"
    target.write_text("mine")
    refused = home.run("import", "crontab", str(crontab), "-o", str(target))
    assert (refused.code, target.read_text()) == (1, "mine")
    assert "--force" in refused.err
    assert home.run("import", "crontab", str(crontab), "-o", str(target), "--force").code == 0
    assert "backup" in target.read_text()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    assert home.run("import", "crontab", str(crontab), "-o", str(tmp_path / "no" / "x.toml")).code == 73


def test_a_line_that_is_left_behind_makes_it_1_and_stays_as_a_comment(home: Home, crontab: Path) -> None:
    crontab.write_text(LINES + "61 * * * * /usr/bin/never\n")
    done = home.run("import", "crontab", str(crontab))
    assert done.code == 1
    assert "not carried over" in done.err
    assert "#     61 * * * * /usr/bin/never" in done.out


def test_json_only_looks(home: Home, crontab: Path, tmp_path: Path) -> None:
    done = home.run("import", "crontab", str(crontab), "--json")
    assert (done.code, done.err) == (0, "")
    found = done.json
    assert found["complete"] is True
    assert found["jobs"]["backup"]["schedule"] == "0 5 * * *"
    assert [(note["fate"], note["line"], note["job"]) for note in found["notes"]] == [
        ("carried", 2, "backup"), ("carried", 3, "mail"),
    ]  # fmt: skip
    assert tomllib.loads(found["toml"])["jobs"].keys() == found["jobs"].keys()
    assert home.run("import", "crontab", str(crontab), "--json", "-o", str(tmp_path / "x.toml")).code == 64
    assert not (tmp_path / "x.toml").exists()


def test_a_folder_is_read_as_cron_reads_etc_cron_d(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "cron.d"
    folder.mkdir()
    (folder / "mine").write_text("0 5 * * * nobody-known /usr/bin/a\n")
    (folder / "old.bak").write_text("0 5 * * * root /usr/bin/b\n")
    done = home.run("import", "crontab", str(folder), "--json")
    assert list(done.json["jobs"]) == ["a"]
    assert done.json["notes"][0]["file"] == f"{folder}/mine"


def test_without_a_file_it_is_my_own_crontab(tmp_path: Path) -> None:
    path = fake_program(tmp_path / "bin", "crontab", f"[ \"$*\" = -l ] && printf '%s' '{LINES}'")
    done = run_process("import", "crontab", environ={"PATH": path})
    assert (done.code, list(tomllib.loads(done.out)["jobs"])) == (0, ["backup", "mail"])
    path = fake_program(tmp_path / "bin", "crontab", "echo no crontab for ann >&2; exit 1")
    none = run_process("import", "crontab", environ={"PATH": path})
    assert (none.code, none.out) == (66, "")
    assert "no crontab for ann" in none.err


def test_standard_input_is_read_too(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(LINES.encode())))
    assert list(tomllib.loads(home.run("import", "crontab", "-").out)["jobs"]) == ["backup", "mail"]


def test_what_is_not_there_is_named(home: Home, tmp_path: Path) -> None:
    assert home.run("import", "crontab", str(tmp_path / "none")).code == 66
    (tmp_path / "closed").mkdir()
    assert home.run("import", "crontab", "--nope").code == 64


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """A folder with a timer, its service and a drop-in."""
    folder = tmp_path / "units"
    (folder / "dump.service.d").mkdir(parents=True)
    (folder / "dump.timer").write_text("[Timer]\nOnCalendar=Mon..Fri 02:30\nPersistent=true\n")
    (folder / "dump.service").write_text("[Service]\nType=oneshot\nExecStart=/usr/bin/true\n")
    (folder / "dump.service.d" / "env.conf").write_text("[Service]\nEnvironment=A=1\n")
    (folder / "sync@.timer").write_text("[Timer]\nOnCalendar=daily\n")
    (folder / "sync@.service").write_text("[Service]\nExecStart=/usr/bin/true %i\n")
    return folder


def test_timers_of_a_folder(home: Home, units: Path) -> None:
    (units / "sync@.timer").unlink()
    done = home.run("import", "systemd", str(units))
    assert done.code == 0
    file = tomllib.loads(done.out)
    assert file["defaults"]["recovery_strategy"] == "execute-last"
    job = file["jobs"]["dump"]
    assert (job["schedule"], job["command"]) == ("30 2 * * mon-fri", ["/usr/bin/true"])
    assert f"{units}/dump.timer\n    carried over as dump\n" in done.err


def test_units_by_name_and_by_file(home: Home, units: Path, isolated_home: Path) -> None:
    own = isolated_home / ".config" / "systemd" / "user"
    own.parent.mkdir(parents=True)
    own.symlink_to(units)
    by_name = home.run("import", "systemd", "dump", "sync@music.timer", "--json")
    assert by_name.code == 0
    assert by_name.json["jobs"]["sync-music"]["command"] == ["/usr/bin/true", "music"]
    assert by_name.json["jobs"]["dump"]["env"] == {"A": "1"}
    by_file = home.run("import", "systemd", str(units / "dump.timer"), "--json")
    assert list(by_file.json["jobs"]) == ["dump"]
    assert set(home.run("import", "systemd", "--json").json["jobs"]) == {"dump", "sync"}


def test_a_masked_timer_and_bytes_that_are_no_text_cost_no_other(home: Home, units: Path) -> None:
    (units / "masked.timer").symlink_to("/dev/null")
    (units / "loop.timer").symlink_to("loop.timer")
    (units / "odd.timer").write_bytes(b"[Unit]\nDescription=caf\xe9\n[Timer]\nOnCalendar=daily\n")
    (units / "odd.service").write_bytes(b"[Service]\nExecStart=/usr/bin/true\nEnvironment=A=\xe9\n")
    done = home.run("import", "systemd", str(units))
    assert done.code == 1
    jobs = tomllib.loads(done.out)["jobs"]
    assert "dump" in jobs
    assert jobs["odd"]["description"] == "caf\ufffd"
    assert f"{units}/masked.timer\n    not carried over: it is masked, or a link to nothing\n" in done.err
    assert done.err.count("link to nothing") == 2
    assert f"{units}/odd.service:3: " in done.err
    assert home.run("import", "systemd", str(units / "masked.timer")).code == 66


def test_a_file_that_is_too_long_is_not_called_complete(home: Home, tmp_path: Path) -> None:
    (tmp_path / "long").write_text(f"0 5 * * * {'x' * 600_000}\n")
    done = home.run("import", "crontab", str(tmp_path / "long"))
    assert (done.code, "at most 1 MiB is read" in done.err) == (1, True)


def test_timers_that_are_not_there(home: Home, tmp_path: Path) -> None:
    assert home.run("import", "systemd").code == 66
    named = home.run("import", "systemd", "nobody")
    assert (named.code, "nobody.timer" in named.err) == (66, True)


def test_units_of_the_system_are_known_by_their_folder(home: Home, units: Path, tmp_path: Path) -> None:
    folder = tmp_path / "systemd" / "system"
    folder.parent.mkdir()
    units.rename(folder)
    job = home.run("import", "systemd", str(folder / "dump.timer"), "--json").json["jobs"]["dump"]
    assert job["path"].startswith("/usr/local/sbin:")
