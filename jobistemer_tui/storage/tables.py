"""The tables, keys, indexes and guards that every backend keeps; declared once.

A column is a field of the record; its kind follows from the field's type: UUID, datetime (aware UTC), StrEnum,
bool, int, float, str, or JSON for dict and list.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final, Generic, TypeVar

from jobistemer_tui.domain.records import (
    Attempt,
    Boot,
    Event,
    Follower,
    Group,
    Handover,
    Job,
    JobFile,
    JobGap,
    JobState,
    JobTally,
    JobVersion,
    LogChunk,
    MissedRange,
    Node,
    NodeDrain,
    Notification,
    Occurrence,
    OccurrenceInShort,
    Pause,
    TaskRun,
)

R = TypeVar("R")


# Declared once and asked for with each read, so both are compared and hashed by identity.
class Index(Generic[R]):
    """An order of a table's rows: by `columns`, then by the table's key. Unique ones ignore rows with None.

    `name` is unique in the store.
    """

    def __init__(self, table: str, columns: tuple[str, ...], *, unique: bool = False) -> None:
        self.table: Final = table
        self.columns: Final = columns
        self.unique: Final = unique
        self.name: Final = "_".join((table, "by", *columns))


class Table(Generic[R]):
    """Rows of one record type. `guard` are the columns that `Transaction.replace` compares.

    `parents` are foreign keys: column → table (whose key is its `id`).
    """

    def __init__(
        self, name: str, record: type[R], key: tuple[str, ...], *, guard: tuple[str, ...] = (),
        parents: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        self.name: Final = name
        self.record: Final = record
        self.key: Final = key
        self.guard: Final = guard
        self.parents: Final = parents or {}


JOBS: Final = Table("job", Job, ("id",), guard=("version", "rev"))
JOB_VERSIONS: Final = Table("job_version", JobVersion, ("job_id", "number"), parents={"job_id": "job"})
OCCURRENCES: Final = Table(
    "occurrence", Occurrence, ("id",), guard=("state", "owner", "epoch"), parents={"job_id": "job"}
)
TASK_RUNS: Final = Table("task_run", TaskRun, ("id",), guard=("state",), parents={"occurrence_id": "occurrence"})
ATTEMPTS: Final = Table(
    "attempt", Attempt, ("id",), guard=("state",), parents={"task_run_id": "task_run", "occurrence_id": "occurrence"}
)
NODES: Final = Table("node", Node, ("id",))
NODE_DRAINS: Final = Table("node_drain", NodeDrain, ("name",))
GROUPS: Final = Table("concurrency_group", Group, ("name",), guard=("rev",))
JOB_STATES: Final = Table("job_state", JobState, ("job_id",), guard=("rev",), parents={"job_id": "job"})
JOB_TALLIES: Final = Table("job_tally", JobTally, ("job_id",), parents={"job_id": "job"})
NOTIFICATIONS: Final = Table("notification", Notification, ("id",), guard=("state", "tries"), parents={"job_id": "job"})
BOOTS: Final = Table("boot", Boot, ("machine_id", "boot_id"))
PAUSES: Final = Table("pause", Pause, ("job_id", "begin_at"), parents={"job_id": "job"})
MISSED_RANGES: Final = Table("missed_range", MissedRange, ("job_id", "from_at"), parents={"job_id": "job"})
JOB_GAPS: Final = Table("job_gap", JobGap, ("job_id", "begin_at"), guard=("state",), parents={"job_id": "job"})
JOB_FILES: Final = Table("job_file", JobFile, ("path",))
FOLLOWERS: Final = Table("follower", Follower, ("job_id", "clause", "followed"), parents={"job_id": "job"})
HANDOVERS: Final = Table("handover", Handover, ("id",), parents={"job_id": "job"})
LOG_CHUNKS: Final = Table("log_chunk", LogChunk, ("attempt_id", "file", "position"), parents={"attempt_id": "attempt"})
EVENTS: Final = Table("event", Event, ("sequence",))

TABLES: Final[tuple[Table[Any], ...]] = (
    JOBS, JOB_VERSIONS, OCCURRENCES, TASK_RUNS, ATTEMPTS, NODES, GROUPS, JOB_STATES, NOTIFICATIONS, BOOTS, PAUSES,
    MISSED_RANGES, JOB_FILES, EVENTS, JOB_TALLIES, FOLLOWERS, HANDOVERS, JOB_GAPS, LOG_CHUNKS, NODE_DRAINS,
)  # fmt: skip

OCCURRENCES_IN_SHORT: Final = Table("occurrence", OccurrenceInShort, ("id",))
"""A part of OCCURRENCES, for `Reader.scan_part`: lists read thousands."""

PARTS: Final[tuple[Table[Any], ...]] = (OCCURRENCES_IN_SHORT,)
"""Some columns of a table each."""

JOBS_BY_KEY: Final[Index[Job]] = Index("job", ("key",), unique=True)
JOBS_BY_CURSOR: Final[Index[Job]] = Index("job", ("cursor_at",))
JOBS_BY_GROUP: Final[Index[Job]] = Index("job", ("group_name", "group_limit"))
GROUPS_BY_NAME: Final[Index[Group]] = Index("concurrency_group", ("name",))
VERSIONS_BY_JOB: Final[Index[JobVersion]] = Index("job_version", ("job_id", "number"))
OCCURRENCES_BY_ID: Final[Index[Occurrence]] = Index("occurrence", ("id",))
OCCURRENCES_BY_DUE: Final[Index[Occurrence]] = Index("occurrence", ("state", "due_at"))
OCCURRENCES_BY_JOB: Final[Index[Occurrence]] = Index("occurrence", ("job_id", "scheduled_at"))
OCCURRENCES_BY_JOB_STATE: Final[Index[Occurrence]] = Index("occurrence", ("job_id", "state", "sequence"))
OCCURRENCES_BY_OWNER: Final[Index[Occurrence]] = Index("occurrence", ("owner", "state"))
OCCURRENCES_BY_REQUEST: Final[Index[Occurrence]] = Index("occurrence", ("request_id",), unique=True)
OCCURRENCES_BY_HANDLED: Final[Index[Occurrence]] = Index("occurrence", ("handled_at",))
OCCURRENCES_BY_JOB_HANDLED: Final[Index[Occurrence]] = Index("occurrence", ("job_id", "handled_at"))
OCCURRENCES_BY_END: Final[Index[Occurrence]] = Index("occurrence", ("finished_at",))
OCCURRENCES_BY_RANK: Final[Index[Occurrence]] = Index("occurrence", ("state", "rank", "due_at"))
OCCURRENCES_BY_GROUP: Final[Index[Occurrence]] = Index("occurrence", ("group_name", "state", "due_at"))
OCCURRENCES_BY_REPLAYED: Final[Index[Occurrence]] = Index("occurrence", ("replay_of",))
TASK_RUNS_BY_ID: Final[Index[TaskRun]] = Index("task_run", ("id",))
TASK_RUNS_BY_OCCURRENCE: Final[Index[TaskRun]] = Index("task_run", ("occurrence_id", "position"))
ATTEMPTS_BY_ID: Final[Index[Attempt]] = Index("attempt", ("id",))
ATTEMPTS_BY_TASK_RUN: Final[Index[Attempt]] = Index("attempt", ("task_run_id", "number"))
ATTEMPTS_BY_OCCURRENCE: Final[Index[Attempt]] = Index("attempt", ("occurrence_id", "number"))
ATTEMPTS_BY_START: Final[Index[Attempt]] = Index("attempt", ("state", "not_before"))
NODE_DRAINS_BY_NAME: Final[Index[NodeDrain]] = Index("node_drain", ("name",))
NODES_BY_START: Final[Index[Node]] = Index("node", ("started_at",))
STATES_BY_JOB: Final[Index[JobState]] = Index("job_state", ("job_id",))
TALLIES_BY_JOB: Final[Index[JobTally]] = Index("job_tally", ("job_id",))
NOTIFICATIONS_BY_DUE: Final[Index[Notification]] = Index("notification", ("state", "not_before"))
NOTIFICATIONS_BY_JOB: Final[Index[Notification]] = Index("notification", ("job_id", "created_at"))
NOTIFICATIONS_BY_LANE: Final[Index[Notification]] = Index("notification", ("lane", "state", "created_at"))
NOTIFICATIONS_BY_OCCURRENCE: Final[Index[Notification]] = Index("notification", ("occurrence_id", "created_at"))
BOOTS_BY_MACHINE: Final[Index[Boot]] = Index("boot", ("machine_id", "boot_id"))
PAUSES_BY_JOB: Final[Index[Pause]] = Index("pause", ("job_id", "begin_at"))
RANGES_BY_JOB: Final[Index[MissedRange]] = Index("missed_range", ("job_id", "from_at"))
GAPS_BY_JOB: Final[Index[JobGap]] = Index("job_gap", ("job_id", "begin_at"))
GAPS_BY_JOB_STATE: Final[Index[JobGap]] = Index("job_gap", ("job_id", "state", "begin_at"))
GAPS_BY_HOLD: Final[Index[JobGap]] = Index("job_gap", ("state", "held_until"))
GAPS_BY_FOUND: Final[Index[JobGap]] = Index("job_gap", ("found_at",))
FILES_BY_ROOT: Final[Index[JobFile]] = Index("job_file", ("root", "path"))
FOLLOWERS_BY_FOLLOWED: Final[Index[Follower]] = Index("follower", ("followed",))
FOLLOWERS_BY_JOB: Final[Index[Follower]] = Index("follower", ("job_id", "clause", "followed"))
HANDOVERS_BY_JOB: Final[Index[Handover]] = Index("handover", ("job_id", "clause", "ended_at"))
CHUNKS_BY_ATTEMPT: Final[Index[LogChunk]] = Index("log_chunk", ("attempt_id", "file", "position"))
EVENTS_BY_SEQUENCE: Final[Index[Event]] = Index("event", ("sequence",))
EVENTS_BY_JOB: Final[Index[Event]] = Index("event", ("job_id", "sequence"))
EVENTS_BY_OCCURRENCE: Final[Index[Event]] = Index("event", ("occurrence_id", "sequence"))

INDEXES: Final[tuple[Index[Any], ...]] = (
    JOBS_BY_KEY, JOBS_BY_CURSOR, JOBS_BY_GROUP, GROUPS_BY_NAME, VERSIONS_BY_JOB, OCCURRENCES_BY_ID, TASK_RUNS_BY_ID,
    ATTEMPTS_BY_ID,
    OCCURRENCES_BY_DUE, OCCURRENCES_BY_JOB, OCCURRENCES_BY_JOB_STATE,
    OCCURRENCES_BY_OWNER, OCCURRENCES_BY_REQUEST, OCCURRENCES_BY_HANDLED, OCCURRENCES_BY_JOB_HANDLED,
    OCCURRENCES_BY_END, OCCURRENCES_BY_RANK, OCCURRENCES_BY_GROUP, OCCURRENCES_BY_REPLAYED,
    TASK_RUNS_BY_OCCURRENCE, ATTEMPTS_BY_TASK_RUN, ATTEMPTS_BY_OCCURRENCE, ATTEMPTS_BY_START, NODES_BY_START,
    STATES_BY_JOB, NOTIFICATIONS_BY_DUE, NOTIFICATIONS_BY_JOB, NOTIFICATIONS_BY_OCCURRENCE, BOOTS_BY_MACHINE,
    PAUSES_BY_JOB, RANGES_BY_JOB, FILES_BY_ROOT, EVENTS_BY_SEQUENCE, EVENTS_BY_JOB, EVENTS_BY_OCCURRENCE,
    TALLIES_BY_JOB, NOTIFICATIONS_BY_LANE, FOLLOWERS_BY_FOLLOWED, FOLLOWERS_BY_JOB, HANDOVERS_BY_JOB, GAPS_BY_JOB,
    GAPS_BY_JOB_STATE, GAPS_BY_HOLD, GAPS_BY_FOUND, CHUNKS_BY_ATTEMPT, NODE_DRAINS_BY_NAME,
)  # fmt: skip

_TABLE_BY_NAME: Final = {table.name: table for table in TABLES}


def table_of(index: Index[R]) -> Table[R]:
    """The table whose rows an index orders."""
    return _TABLE_BY_NAME[index.table]


def table_named(name: str) -> Table[Any]:
    """The table with this name. Raises KeyError."""
    return _TABLE_BY_NAME[name]


@cache
def indexes_of(table: Table[R]) -> tuple[Index[R], ...]:
    """The indexes of a table."""
    return tuple(index for index in INDEXES if index.table == table.name)


@cache
def children_of(table: Table[Any]) -> tuple[Index[Any], ...]:
    """For each column that refers to `table`, an index that begins with that column."""
    return tuple(
        next(index for index in indexes_of(child) if index.columns[0] == column)
        for child in TABLES
        for column, parent in child.parents.items()
        if parent == table.name
    )


def order_of(index: Index[Any]) -> tuple[str, ...]:
    """The columns that order an index's rows: its own, then those of the key that are not among them."""
    key = table_of(index).key
    return index.columns + tuple(column for column in key if column not in index.columns)
