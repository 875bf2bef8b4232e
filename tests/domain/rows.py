"""Rows in any state, for the tests of moves."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from jobistemer_tui.domain.records import Attempt, Occurrence, TaskRun
from jobistemer_tui.domain.states import AttemptState, OccurrenceState, TaskRunState, Trigger

INSTANT = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
LATER = datetime(2026, 10, 25, 0, 31, tzinfo=UTC)
ALICE = UUID(int=1)
BOB = UUID(int=2)


def occurrence(state: OccurrenceState, *, epoch: int = 4, owner: UUID | None = ALICE) -> Occurrence:
    """An occurrence in `state`, held by ALICE."""
    return Occurrence(
        id=UUID(int=10),
        job_id=UUID(int=11),
        scheduled_at=INSTANT,
        due_at=INSTANT,
        trigger=Trigger.SCHEDULE,
        state=state,
        version=1,
        created_at=INSTANT,
        detail={"left": "over"},
        owner=owner,
        epoch=epoch,
    )


def task_run(state: TaskRunState) -> TaskRun:
    """A task run in `state`, not started."""
    return TaskRun(id=UUID(int=20), occurrence_id=UUID(int=10), name="dump", position=0, state=state)


def attempt(state: AttemptState) -> Attempt:
    """The first try of `task_run`, in `state`."""
    return Attempt(
        id=UUID(int=30),
        task_run_id=UUID(int=20),
        occurrence_id=UUID(int=10),
        number=1,
        state=state,
        created_at=INSTANT,
    )
