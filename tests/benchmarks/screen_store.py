"""A store with many jobs and a long past, made once for a run: what a year of use looks like to the screen."""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.standing import stand, write_jobs

_MINUTE_US = 60_000_000
_FATES = ("completed",) * 17 + ("failed", "skipped", "missed")


def make_store(folder: Path, jobs: int, occurrences: int) -> Path:
    """A home whose jobs an engine has published, with so many occurrences spread over them."""
    folder.mkdir()
    write_jobs(folder, jobs)
    stand("engine", folder, seconds=0)
    database = sqlite3.connect(folder / "jobistemer.db", isolation_level=None)
    try:
        _add_past(database, occurrences)
    finally:
        database.close()
    return folder


def _add_past(database: sqlite3.Connection, count: int) -> None:
    """Rows as an engine leaves them, written with plain SQL: a million transactions would take an hour."""
    indexes = _rows(
        database, "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'occurrence' AND sql <> ''"
    )
    job_ids = [row[0] for row in _rows(database, "SELECT id FROM job ORDER BY key")]
    database.execute("BEGIN IMMEDIATE")
    for name, _ in indexes:
        database.execute(f'DROP INDEX "{name}"')
    database.executemany(
        'INSERT INTO occurrence (id, job_id, scheduled_at, due_at, "trigger", state, version, created_at, detail,'
        " epoch, sequence, handled_at, started_at, finished_at)"
        " VALUES (?, ?, ?, ?, 'schedule', ?, 1, ?, '{}', 1, 0, ?, ?, ?)",
        _past(database, job_ids, count),
    )
    for _, sql in indexes:
        database.execute(sql)
    database.execute("COMMIT")


def _past(database: sqlite3.Connection, job_ids: Sequence[bytes], count: int) -> Iterator[tuple[Any, ...]]:
    """In the order of ids, which have nothing to do with jobs and times."""
    (now,) = _rows(database, "SELECT max(created_at) FROM occurrence")[0]
    dice = random.Random(1)
    numbers = list(range(count))
    dice.shuffle(numbers)
    for id, number in zip(sorted(os.urandom(16) for _ in numbers), numbers, strict=True):
        at = now - (1 + number // len(job_ids)) * _MINUTE_US
        state = dice.choice(_FATES)
        ran = state in ("completed", "failed")
        begin, end = (at + 20_000, at + 5_000_000) if ran else (None, at + 10_000)
        yield id, job_ids[number % len(job_ids)], at, at, state, at - _MINUTE_US, at + 10_000, begin, end


def _rows(database: sqlite3.Connection, sql: str) -> list[Any]:
    return database.execute(sql).fetchall()
