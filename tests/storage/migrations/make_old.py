"""Makes `old/NNNN.db`, a database of the present schema version, once for each version that is released.

`python -m tests.storage.migrations.make_old`; a file that is there is never made again. It has a row in each table.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from uuid import UUID

from jobistemer_tui.domain.records import (
    Boot,
    FileState,
    Follower,
    GapState,
    Group,
    Handover,
    JobFile,
    JobGap,
    JobState,
    JobTally,
    LogChunk,
    MissedRange,
    NodeDrain,
    Notification,
    NotificationState,
    Pause,
)
from jobistemer_tui.domain.states import OccurrenceState, Reason
from jobistemer_tui.storage.contract import Transaction
from jobistemer_tui.storage.sqlite import SqliteStore
from jobistemer_tui.storage.sqlite.schema import SCHEMA_VERSION
from jobistemer_tui.storage.tables import (
    ATTEMPTS,
    BOOTS,
    EVENTS,
    FOLLOWERS,
    GROUPS,
    HANDOVERS,
    JOB_FILES,
    JOB_GAPS,
    JOB_STATES,
    JOB_TALLIES,
    JOB_VERSIONS,
    JOBS,
    LOG_CHUNKS,
    MISSED_RANGES,
    NODE_DRAINS,
    NODES,
    NOTIFICATIONS,
    OCCURRENCES,
    PAUSES,
    TASK_RUNS,
    Table,
)
from tests.support.sample_records import (
    NOW,
    instant,
    sample_attempt,
    sample_event,
    sample_job,
    sample_node,
    sample_occurrence,
    sample_task_run,
    sample_version,
)

OLD = Path(__file__).with_name("old")

ROWS: tuple[tuple[Table[Any], Any], ...] = (
    (JOBS, sample_job()),
    (JOB_VERSIONS, sample_version()),
    (OCCURRENCES, sample_occurrence(detail={"why": ["fixed", "data"]}, handled_at=NOW)),
    (TASK_RUNS, sample_task_run(sample_occurrence())),
    (ATTEMPTS, sample_attempt(sample_task_run(sample_occurrence()), exit_code=3)),
    (NODES, sample_node()),
    (GROUPS, Group("disk", 3)),
    (JOB_STATES, JobState(sample_job().id, {"seen": 3}, 2, NOW)),
    (
        JOB_TALLIES,
        JobTally(
            sample_job().id, 2, sample_occurrence().id, NOW, instant(-60), 1, {"failed": 2}, {"sum": 1.5}, {}, {"a": {}}
        ),
    ),
    (
        NOTIFICATIONS,
        Notification(
            UUID(int=9),
            sample_job().id,
            sample_occurrence().id,
            "mail",
            NotificationState.WAITING,
            NOW,
            instant(60),
            {"to": "me"},
            {"job": "job-1"},
        ),
    ),
    (BOOTS, Boot("machine", "boot", NOW)),
    (NODE_DRAINS, NodeDrain("node-1", NOW, "cli me", "new disk")),
    (PAUSES, Pause(sample_job().id, NOW, instant(60), "holidays")),
    (MISSED_RANGES, MissedRange(sample_job().id, NOW, instant(60), 7, Reason.DOWNTIME)),
    (JOB_GAPS, JobGap(sample_job().id, NOW, GapState.HELD, Reason.DOWNTIME, instant(90), instant(80), count=7)),
    (JOB_FILES, JobFile("/jobs/a.toml", "/jobs", FileState.LOADED, "hash", NOW, ["job-1"], [])),
    (FOLLOWERS, Follower(sample_job().id, 0, "job-2", ["completed"])),
    (
        HANDOVERS,
        Handover(
            UUID(int=8), sample_job().id, 0, "job-2", UUID(int=7), OccurrenceState.COMPLETED, NOW, ["job-0", "job-2"]
        ),
    ),
    (LOG_CHUNKS, LogChunk(sample_attempt(sample_task_run(sample_occurrence())).id, "output", 0, 5, "c$")),
    (EVENTS, sample_event(sequence=1, job_id=sample_job().id)),
)


_IN_2 = (BOOTS, FOLLOWERS, GROUPS, HANDOVERS, JOB_GAPS, LOG_CHUNKS, JOB_STATES, JOB_TALLIES, NODE_DRAINS, NOTIFICATIONS)
SINCE: dict[Table[Any], int] = dict.fromkeys(_IN_2, 2)
"""In which version a table came, if not in the first."""


def old_database(version: int) -> Path:
    """The database of a schema version."""
    return OLD / f"{version:04}.db"


def make(path: Path) -> None:
    """Make a database with a row in each table; one file, its WAL moved in."""

    def insert_all(transaction: Transaction) -> None:
        for table, row in ROWS:
            assert transaction.insert(table, row)

    store = SqliteStore.open(path)
    store.write(insert_all)
    store.close()
    path.with_name(f"{path.name}.checkpoint").unlink()


if __name__ == "__main__":
    target = old_database(SCHEMA_VERSION)
    if target.exists():
        sys.exit(f"{target} is there already")
    make(target)
