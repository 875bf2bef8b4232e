"""`doctor` on real homes: nothing is written, and each thing that is wrong is found."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.cli.home import Home
from tests.support.factories import add_job, make_definition
from tests.support.real_home import RealHome


@pytest.fixture(autouse=True)
def an_editor(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("EDITOR", "VISUAL"):
        monkeypatch.setenv(name, "/bin/cat")


def findings(home: Home, code: int) -> dict[str, Any]:
    done = home.run("doctor", "--json")
    assert done.code == code, done
    return {row["what"]: row for row in done.json}


def test_a_home_that_is_not_there_stays_so(home: Home) -> None:
    found = findings(home, 0)
    assert not home.folder.exists()
    assert found["store"]["text"].startswith("there is none yet")
    assert {"python", "sqlite", "extras", "editor", "terminal", "home", "disk", "locks", "time zone"} <= set(found)
    text = home.run("doctor").out
    assert text.startswith("WHAT")
    assert found["editor"]["text"] == "/bin/cat"


def test_a_store_without_an_engine(home: Home) -> None:
    home.fill(lambda store: add_job(store, make_definition()))
    before = sorted(path.name for path in home.folder.rglob("*"))
    found = findings(home, 0)
    assert found["engine"]["level"] == "warning"
    assert "jobistemer run" in found["engine"]["advice"]
    assert (found["integrity"]["level"], found["supervisor"]["level"]) == ("ok", "ok")
    assert found["last success"]["text"] == "no run has completed yet"
    assert sorted(path.name for path in home.folder.rglob("*")) == before


def test_what_is_wrong_ends_with_1(home: Home) -> None:
    home.fill(lambda store: add_job(store, make_definition()))
    home.folder.chmod(0o777)
    found = findings(home, 1)
    assert (found["home"]["level"], found["home"]["advice"]) == ("problem", f"chmod 700 {home.folder}")
    home.folder.chmod(0o700)
    with sqlite3.connect(home.folder / "jobistemer.db") as database:
        database.execute("PRAGMA user_version = 999")
    database.close()
    found = findings(home, 1)
    assert "newer version" in found["store"]["text"]
    assert "engine" not in found, "nothing is asked of a database that cannot be read"


def test_files_that_are_no_database_or_no_settings(home: Home) -> None:
    home.folder.mkdir(mode=0o700)
    (home.folder / "jobistemer.db").write_bytes(b"\x1b[31mno database" * 999)
    (home.folder / "config.toml").write_text("min_free = 'much\x1b[31m'\n")
    found = findings(home, 1)
    assert "cannot be read: file is not a database" in found["store"]["text"]
    assert "could not be examined" in found["disk"]["text"]
    assert "\x1b" not in home.run("doctor").out


def test_a_home_that_is_served(tmp_path: Path) -> None:
    real = RealHome(tmp_path)
    real.write("good.toml", '[jobs.good]\nrun = "true"\n')
    real.write("bad.toml", '[jobs.bad]\nrunn = "true"\n')
    try:
        engine = real.start_engine()
        real.call("trigger", "good", "--wait")
        rows = {row["what"]: row for row in json.loads(real.call("doctor", "--json", code=1).stdout)}
    finally:
        real.end()
    assert f"process {engine.pid} " in rows["engine"]["text"]
    assert rows["supervisor"]["text"].startswith("process ")
    assert "bad.toml" in rows["job files"]["text"]
    assert rows["last success"]["text"].endswith(" UTC")
    assert rows["locks"]["text"] == "2 lock files"
