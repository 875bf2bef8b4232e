"""A store with many jobs and a long past, made once for a run: what a year of use looks like to the screen."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.benchmarks.standing import stand, write_jobs

_MINUTE_US = 60_000_000
_ADD = f"""
    WITH RECURSIVE
        numbered AS (SELECT id, row_number() OVER (ORDER BY key) - 1 AS place FROM job),
        counted(number) AS (SELECT 0 UNION ALL SELECT number + 1 FROM counted WHERE number + 1 < :count),
        drawn AS MATERIALIZED (
            SELECT number % :jobs AS place, :now - (1 + number / :jobs) * {_MINUTE_US} AS at,
                CASE abs(random()) % 20 WHEN 0 THEN 'failed' WHEN 1 THEN 'skipped' WHEN 2 THEN 'missed'
                    ELSE 'completed' END AS state
            FROM counted
        )
    INSERT INTO occurrence (id, job_id, scheduled_at, due_at, "trigger", state, version, created_at, detail, epoch,
        sequence, handled_at, started_at, finished_at)
    SELECT randomblob(16), id, at, at, 'schedule', state, 1, at - {_MINUTE_US}, '{{}}', 1, 0, at + 10000,
        CASE WHEN state IN ('completed', 'failed') THEN at + 20000 END,
        at + CASE WHEN state IN ('completed', 'failed') THEN 5000000 ELSE 10000 END
    FROM drawn JOIN numbered USING (place) ORDER BY 1
"""
"""Written by SQLite itself, in the order of ids: a million transactions would take an hour."""


_COPIED = {
    "job": ("one.id = ?", {"id": "copy.id", "key": "copy.name", "name": "copy.name"}),
    "job_version": ("one.job_id = ?", {"job_id": "copy.id"}),
    "occurrence": ("one.job_id = ? AND state = 'planned'", {"id": "randomblob(16)", "job_id": "copy.id"}),
}
"""Which rows of a job are copied, and what a copy has of its own."""


def make_store(folder: Path, jobs: int, occurrences: int) -> Path:
    """A home whose jobs an engine has published, with so many occurrences spread over them."""
    folder.mkdir()
    write_jobs(folder, jobs)
    stand("engine", folder, seconds=0)
    with _opened(folder) as database:
        _add_past(database, occurrences)
    return folder


def add_jobs(folder: Path, count: int) -> None:
    """So many more jobs, after the others by name, each a copy of one with what is planned of it.

    No file has them, so an engine would take them out again.
    """
    with _opened(folder) as database:
        ((like,),) = _rows(database, "SELECT id FROM job ORDER BY key LIMIT 1")
        database.execute("CREATE TEMP TABLE copy (id BLOB, name TEXT)")
        names = ((f"k{number:06}",) for number in range(count))
        database.executemany("INSERT INTO copy VALUES (randomblob(16), ?)", names)
        for table, (which, own) in _COPIED.items():
            columns = [name for _, name, *_ in _rows(database, f"PRAGMA table_info({table})")]
            values = ", ".join(own.get(name, f'one."{name}"') for name in columns)
            database.execute(f"INSERT INTO {table} SELECT {values} FROM {table} AS one, copy WHERE {which}", (like,))


@contextmanager
def _opened(folder: Path) -> Iterator[sqlite3.Connection]:
    """In a transaction. Nothing is kept safe meanwhile: whoever dies here begins with an empty folder."""
    database = sqlite3.connect(folder / "jobistemer.db", isolation_level=None)
    try:
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("PRAGMA synchronous = OFF")
        database.execute("PRAGMA cache_size = -262144")
        database.execute("BEGIN IMMEDIATE")
        yield database
        database.execute("COMMIT")
        database.execute("PRAGMA journal_mode = WAL")
    finally:
        database.close()


def _add_past(database: sqlite3.Connection, count: int) -> None:
    """Rows as an engine leaves them."""
    indexes = _rows(
        database, "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'occurrence' AND sql <> ''"
    )
    ((jobs,),) = _rows(database, "SELECT count(*) FROM job")
    ((now,),) = _rows(database, "SELECT max(created_at) FROM occurrence")
    for name, _ in indexes:
        database.execute(f'DROP INDEX "{name}"')
    database.execute(_ADD, {"count": count, "jobs": jobs, "now": now})
    for _, sql in indexes:
        database.execute(sql)


def _rows(database: sqlite3.Connection, sql: str) -> list[Any]:
    return database.execute(sql).fetchall()
