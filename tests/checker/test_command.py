"""`python -m tests.checker` over a real database: right, with a wrong row, and none."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from jobistemer_tui.domain.states import AttemptState
from jobistemer_tui.storage.open import open_store
from tests.support.engine_world import World, job

ROOT = Path(__file__).parents[2]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A store in which one occurrence has completed."""
    path = tmp_path / "store.db"
    with closing(open_store(f"sqlite:{path}")) as store:
        world = World(store)
        world.end(world.begin(job(timezone="UTC")), AttemptState.SUCCESS)
    return path


def judge(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.checker", *map(str, words)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


def test_a_sound_store(database: Path) -> None:
    done = judge(database)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_row_that_cannot_be(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE task_run SET state = 'failed'")
        connection.commit()
    done = judge(database)
    assert done.returncode == 1
    assert "I4: " in done.stdout


def test_a_success_that_the_ledger_does_not_know(database: Path, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    with closing(sqlite3.connect(database)) as connection:
        (occurrence, attempt) = connection.execute("SELECT hex(occurrence_id), hex(id) FROM attempt").fetchone()
    ledger.write_text(f"begin backup dump {occurrence} {attempt} 1 12.5 -\n")
    assert "is recorded as a success and was none" in judge(database, ledger).stdout


@pytest.mark.parametrize("text", [None, "this is no database"])
def test_what_cannot_be_read(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "other.db"
    if text is not None:
        path.write_text(text)
    done = judge(path)
    assert done.returncode == 2
    assert "database" in done.stderr
