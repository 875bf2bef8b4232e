"""A glance at a database for shell completion: the standard library alone, short, and without a trace.

The connection is read-only. So its closing never checkpoints, even as the last one: SQLite needs a write lock for
that, which a file that is open for reading cannot have.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

AT_MOST = 500
"""So many jobs, and of runs a tenth."""
_PATIENCE_S = 0.05

_JOBS = """
SELECT name FROM job WHERE retired_at IS NULL AND substr(name, 1, length(?1)) = ?1 ORDER BY name LIMIT ?2
"""
_RUNS = """
SELECT hex(occurrence.id), job.name, occurrence.state
FROM occurrence JOIN job ON job.id = occurrence.job_id
WHERE occurrence.handled_at IS NOT NULL {} LIMIT ?
"""
_NEWEST = _RUNS.format("ORDER BY occurrence.handled_at DESC")
_BETWEEN = _RUNS.format("AND occurrence.id BETWEEN ? AND ?")


def glance_at_jobs(url: str, prefix: str) -> list[tuple[str, ...]]:
    """`(name,)` of jobs whose names begin with `prefix`. Raises sqlite3.Error, or what another backend does."""
    scheme, _, path = url.partition(":")
    if scheme == "lmdb":
        from jobistemer_tui.storage.lmdb.glance import jobs_beginning_with

        return jobs_beginning_with(path, prefix, AT_MOST)
    return _look(path, lambda connection: connection.execute(_JOBS, (prefix, AT_MOST)).fetchall())


def glance_at_runs(url: str, prefix: str) -> list[tuple[str, ...]]:
    """`(id in hexadecimal, job, state)` of the newest runs; with a `prefix` (hexadecimal) of some.

    Raises sqlite3.Error, or what another backend does.
    """
    scheme, _, path = url.partition(":")
    if scheme == "lmdb":
        from jobistemer_tui.storage.lmdb.glance import runs_beginning_with

        return runs_beginning_with(path, prefix, AT_MOST // 10)
    if not prefix:
        return _look(path, lambda connection: connection.execute(_NEWEST, (AT_MOST // 10,)).fetchall())
    low, high = (bytes.fromhex(prefix.ljust(32, end)) for end in "0f")
    return _look(path, lambda connection: connection.execute(_BETWEEN, (low, high, AT_MOST // 10)).fetchall())


def _look(path: str, ask: Callable[[sqlite3.Connection], list[tuple[str, ...]]]) -> list[tuple[str, ...]]:
    address = path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    connection = sqlite3.connect(f"file:{address}?mode=ro", uri=True, timeout=_PATIENCE_S)
    try:
        return ask(connection)
    finally:
        connection.close()


def glance_at_versions(path: str) -> tuple[int, int]:
    """`PRAGMA application_id` and `user_version`. Raises sqlite3.Error."""
    (owner,), (version,) = _look(
        path,
        lambda connection: [
            connection.execute(f"PRAGMA {name}").fetchone() for name in ("application_id", "user_version")
        ],
    )
    return int(owner), int(version)
