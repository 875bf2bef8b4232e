"""Reads a real store and the ledger of real tasks, without the program.

A task of a campaign writes its ledger with the line that `LEDGER_LINE` gives, as its first and its last command.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID

from tests.checker.history import History, LedgerLine, Row, Violation
from tests.checker.waiting import OPEN, waits_for_its_time

TABLES = (
    "job", "job_version", "occurrence", "task_run", "attempt", "node", "pause", "missed_range", "event",
)  # fmt: skip
LEDGER_LINE = (
    "read up idle < /proc/uptime; "
    'echo "{kind} $JOBISTEMER_JOB $JOBISTEMER_TASK $JOBISTEMER_OCCURRENCE_ID $JOBISTEMER_ATTEMPT_ID $JOBISTEMER_FENCE'
    ' $up {exit_code}" >> {ledger}'
)
"""Shell text: `kind` is begin or end, `exit_code` what the task is about to exit with (`-` for begin)."""


def ledger_command(kind: str, ledger: Path, exit_code: int | None = None) -> str:
    """One line for the shell of a task; the path must need no quoting."""
    return LEDGER_LINE.format(kind=kind, ledger=ledger, exit_code="-" if exit_code is None else exit_code)


def read_history(database: Path, ledger: Path | None = None) -> History:
    """The history of a store whose engine may be running."""
    with closing(_connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("BEGIN")  # all tables as of one moment
        tables = {name: [dict(row) for row in connection.execute(f'SELECT * FROM "{name}"')] for name in TABLES}
    return History(tables, ledger=[] if ledger is None else read_ledger(ledger))


def read_ledger(path: Path) -> list[LedgerLine]:
    """The lines in the order in which they were written. Raises ValueError."""
    return [_line(text) for text in path.read_text(encoding="utf-8").splitlines()]


def _line(text: str) -> LedgerLine:
    kind, job, task, occurrence, attempt, fence, at, code = text.split()
    return LedgerLine(
        kind, job, task, UUID(occurrence).bytes, UUID(attempt).bytes, int(fence), float(at),
        None if code == "-" else int(code),
    )  # fmt: skip


def still_open(database: Path, now: int) -> list[Row]:
    """The occurrences that wait or run and are not put off beyond `now`, as by a clock that was ahead."""
    history = read_history(database)
    history.now = now
    return [row for row in history.rows("occurrence") if row["state"] in OPEN and not waits_for_its_time(history, row)]


def due_before(database: Path, instant: int) -> int:
    """How many instants before this one have not been given their fate."""
    with closing(_connect(database)) as connection:
        query = "SELECT count(*) FROM occurrence WHERE state = 'planned' AND scheduled_at < ?"
        (count,) = connection.execute(query, (instant,)).fetchone()
    return int(count)


def rows_of(database: Path, table: str) -> int:
    """How many rows a table has."""
    with closing(_connect(database)) as connection:
        (count,) = connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()
    return int(count)


def integrity(database: Path) -> Iterator[Violation]:
    """I11: the file itself is sound."""
    with closing(_connect(database)) as connection:
        (word,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if word != "ok":
            yield Violation("I11", f"quick_check says {word}")
        for row in connection.execute("PRAGMA foreign_key_check"):
            yield Violation("I11", f"a row of {row[0]} refers to nothing")


def _connect(database: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, timeout=30.0)


def store_id(database: Path) -> UUID:
    """The id of a store, which the processes of its tasks carry."""
    with closing(_connect(database)) as connection:
        (key,) = connection.execute("SELECT id FROM store").fetchone()
    return UUID(bytes=key)


def living_attempts(store: UUID) -> list[bytes]:
    """The attempts of a store that any process of this machine carries in its environment (Linux)."""
    found: set[bytes] = set()
    for name in os.listdir("/proc"):
        if name.isdigit():
            found |= _attempts_of(Path("/proc", name, "environ"), f"JOBISTEMER_STORE_ID={store}".encode())
    return sorted(found)


def _attempts_of(environ: Path, store: bytes) -> set[bytes]:
    mark = b"JOBISTEMER_ATTEMPT_ID="
    try:
        words = environ.read_bytes().split(b"\0")
    except OSError:
        return set()
    return (
        {UUID(word[len(mark) :].decode()).bytes for word in words if word.startswith(mark)} if store in words else set()
    )
