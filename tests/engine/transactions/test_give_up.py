"""A released occurrence that is given up while it waits leaves no open task run behind."""

from __future__ import annotations

from jobistemer_tui.domain.records import Occurrence
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.domain.states import TaskRunState as T
from jobistemer_tui.engine import control
from jobistemer_tui.engine.transactions.publish import retire
from jobistemer_tui.engine.transactions.takeover import Evidence, reap
from tests.support.engine_world import ME, World, job, task


def released(world: World) -> Occurrence:
    """An occurrence whose first try never started, so that it waits again with its task runs."""
    row = world.begin(job(task("a"), task("b", "a")))
    never = frozenset(attempt.id for attempt in world.attempts(row, "a"))
    seen = Evidence(ME, 1, lost=frozenset(), never_started=never)
    waiting = world.run(reap, world.other, row.id, seen, world.now)
    assert waiting is not None
    assert waiting.state is O.PENDING
    assert {run.state for run in world.task_runs(row).values()} == {T.PENDING}
    return waiting


def test_cancelled_by_a_person(world: World) -> None:
    row = released(world)
    done = world.run(control.cancel, row.id, now=world.now, actor="me", reason=None)
    assert done.state is O.CANCELED
    assert {(run.state, run.reason) for run in world.task_runs(row).values()} == {(T.CANCELED, Reason.USER)}


def test_its_job_is_removed(world: World) -> None:
    row = released(world)
    world.run(retire, world.me, row.job_id, world.now)
    assert world.occurrence(row).state is O.CANCELED
    assert {(run.state, run.reason) for run in world.task_runs(row).values()} == {(T.CANCELED, Reason.JOB_REMOVED)}
