"""A glance at a store without working with it: nothing is made or migrated. For shell completion and `doctor`."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import lmdb

from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.lmdb.environment import open_environment, release
from jobistemer_tui.storage.lmdb.layout import FORMAT, format_of
from jobistemer_tui.storage.lmdb.rows import LmdbRows
from jobistemer_tui.storage.row_transaction import RowReader
from jobistemer_tui.storage.tables import JOBS, JOBS_BY_KEY, OCCURRENCES_BY_HANDLED, OCCURRENCES_BY_ID

T = TypeVar("T")

KNOWN = FORMAT
"""The newest format that this program knows."""


def jobs_beginning_with(path: str, prefix: str, limit: int) -> list[tuple[str, ...]]:
    """`(name,)` of jobs. Raises lmdb.Error, StoreError and OSError."""

    def look(reader: Reader) -> list[tuple[str, ...]]:
        jobs = reader.scan(JOBS_BY_KEY)
        return [(name,) for name in sorted(j.name for j in jobs if not j.retired_at and j.name.startswith(prefix))]

    return _read(path, look)[:limit]


def runs_beginning_with(path: str, prefix: str, limit: int) -> list[tuple[str, ...]]:
    """`(id in hexadecimal, job, state)` of the newest runs; with a `prefix` (hexadecimal) of some. Raises as above."""
    low, high = (UUID(prefix.ljust(32, end)) for end in "0f")

    def look(reader: Reader) -> list[tuple[str, ...]]:
        if prefix:
            rows = reader.scan(OCCURRENCES_BY_ID, low=low, high=high, limit=limit)
        else:
            rows = reader.scan(OCCURRENCES_BY_HANDLED, reverse=True, limit=limit)
        jobs = {row.job_id: reader.get(JOBS, row.job_id) for row in rows}
        return [
            (row.id.hex, job.name, row.state.value)
            for row in rows
            if row.handled_at is not None and (job := jobs[row.job_id]) is not None
        ]

    return _read(path, look)


def format_at(path: Path) -> int | None:
    """The format of the store in a file; None if it is none of ours. Raises lmdb.Error, StoreError and OSError."""
    return _look(path, format_of) if os.stat(path).st_size else None


def _read(path: str, look: Callable[[Reader], T]) -> T:
    if not os.stat(path).st_size:
        raise OSError(f"{path} is empty")
    return _look(Path(path), lambda transaction: look(RowReader(LmdbRows(transaction))))


def _look(path: Path, work: Callable[[lmdb.Transaction[bytes]], T]) -> T:
    environment = open_environment(path)
    try:
        return environment.read(work)
    finally:
        release(environment)
