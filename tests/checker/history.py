"""What the checker judges: rows of the store, its commits, the ledger of the tasks, and the processes that live.

Nothing here, nor beside it, knows the program: rows are dictionaries as the database holds them, ids of 16 bytes,
instants as microseconds since 1970 in UTC, objects as JSON text.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

Row = dict[str, Any]
SECOND = 1_000_000
CLEARED = "runs_cleared"
"""The event of a transaction in which retention takes rows away."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A promise that was not kept: which invariant, and what was seen."""

    invariant: str
    what: str

    def __str__(self) -> str:
        return f"{self.invariant}: {self.what}"


@dataclass(frozen=True, slots=True)
class Change:
    """What a commit did to a row of a table; None: it did not exist before, or does not after."""

    table: str
    before: Row | None
    after: Row | None

    @property
    def row(self) -> Row:
        """The row, as it is or as it was."""
        row = self.after if self.after is not None else self.before
        assert row is not None
        return row


@dataclass(frozen=True, slots=True)
class Commit:
    """One transaction: `by` is the engine's id, None a person's command; `events` are the kinds it wrote."""

    number: int
    by: bytes | None
    changes: Sequence[Change]
    events: Sequence[str]

    def changed(self, table: str) -> list[tuple[Row, Row]]:
        """The rows of a table that were there before and are there after, as they were and as they are."""
        pairs = [(change.before, change.after) for change in self.changes if change.table == table]
        return [(before, after) for before, after in pairs if before is not None and after is not None]


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """What a task wrote: `begin` first, `end` last; `gone`: it was killed, as whoever killed it saw.

    `at` is seconds on the boot clock. `commits`: how many transactions had taken effect before, where that is known.
    `values`: what it was given (begin: outputs, state, rev) and has written (end: outputs, state, nonsense), if known.
    """

    kind: str
    job: str
    task: str
    occurrence: bytes
    attempt: bytes
    fence: int
    at: float
    exit_code: int | None = None
    commits: int | None = None
    values: Row | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A try to send a line of the outbox: its begin, or that it `arrived`; after so many transactions."""

    notification: bytes
    arrived: bool
    commits: int


@dataclass
class History:
    """Everything that is known of one store.

    `over`: the engine has been idle and nothing was due, so nothing may be open but what is put off beyond `now`.
    `until`: the instant up to which everything due must have its fate. `calm`: from when to when nothing disturbed
    the engine. `alive`: ids of the attempts that have processes. Without `commits` the moves are taken from the events.
    `most_rows`: of so many instants of a gap each has a row and a strategy decides about it.
    """

    tables: dict[str, list[Row]]
    ledger: Sequence[LedgerLine] = ()
    commits: Sequence[Commit] | None = None
    alive: Iterable[bytes] = ()
    over: bool = False
    now: int | None = None
    until: int | None = None
    calm: tuple[int, int] | None = None
    deliveries: Sequence[Delivery] = ()
    most_rows: int = 10_000

    def rows(self, table: str) -> list[Row]:
        """The rows of a table."""
        return self.tables.get(table, [])

    @cached_property
    def jobs(self) -> dict[bytes, Row]:
        """Jobs by id."""
        return {row["id"]: row for row in self.rows("job")}

    @cached_property
    def occurrences(self) -> dict[bytes, Row]:
        """Occurrences by id."""
        return {row["id"]: row for row in self.rows("occurrence")}

    @cached_property
    def runs(self) -> dict[bytes, list[Row]]:
        """Task runs by occurrence."""
        return _grouped(self.rows("task_run"), "occurrence_id")

    @cached_property
    def attempts(self) -> dict[bytes, list[Row]]:
        """Attempts by task run, in order."""
        return _grouped(sorted(self.rows("attempt"), key=lambda row: row["number"]), "task_run_id")

    @cached_property
    def versions(self) -> dict[tuple[bytes, int], Row]:
        """The definitions of jobs by job and number."""
        return {(row["job_id"], row["number"]): json.loads(row["definition"]) for row in self.rows("job_version")}

    @cached_property
    def cleared(self) -> dict[str, list[Row]]:
        """By table the rows that retention has taken away, as far as the commits are known."""
        found: defaultdict[str, list[Row]] = defaultdict(list)
        for commit in self.commits or ():
            for change in commit.changes if CLEARED in commit.events else ():
                if change.after is None:
                    found[change.table].append(change.row)
        return found

    def definition(self, occurrence: Row) -> Row:
        """The definition that an occurrence runs with."""
        return self.versions[occurrence["job_id"], occurrence["version"]]

    def name(self, job_id: bytes) -> str:
        """A job's name, for messages."""
        job = self.jobs.get(job_id)
        return job["name"] if job else job_id.hex()[:8]


def _grouped(rows: Iterable[Row], column: str) -> dict[bytes, list[Row]]:
    groups: defaultdict[bytes, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[column]].append(row)
    return groups


def short(key: bytes) -> str:
    """An id for messages."""
    return str(UUID(bytes=key))[:8]


DEFAULTS: dict[str, Any] = {
    "overlap_policy": "skip", "max_active": 1, "on_lost": "fail", "failure_strategy": "fail-fast",
    "retry_policy.max_retries": 0, "retry_policy.retry_interval": 30.0, "retry_policy.backoff_factor": 2.0,
    "on_complete": None, "on_failure": None,
    "retry_policy.max_interval": None, "retry_policy.retry_on": "any", "update_policy": "immediate",
    "queue_limit": 100, "retry_policy.jitter": 0.0, "recovery_window.max_occurrences": 10,
    "recovery_window.max_duration": None,
}  # fmt: skip


def setting(definition: Row, name: str, task: str | None = None) -> Any:
    """The effective value of a setting of a job, or of one of its tasks: the strongest level that sets it."""
    levels = [definition["config_settings"], definition["file_settings"], definition["settings"]]
    if task is not None:
        levels += [one["settings"] for one in definition["tasks"] if one["name"] == task]
    found = [level[name] for level in levels if name in level]
    if found:
        return found[-1]
    if name == "retry_policy.max_retries" and setting(definition, "failure_strategy", task) == "retry-on-failure":
        return 3
    return DEFAULTS[name]
