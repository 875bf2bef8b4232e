"""Publishing and retiring: an edit is never retroactive, and what was promised is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from jobistemer_tui.domain.records import GapState, JobGap
from jobistemer_tui.domain.states import AttemptState, Reason
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.engine import control
from jobistemer_tui.engine.transactions import publish as publishing
from jobistemer_tui.engine.transactions.common import Moved
from jobistemer_tui.engine.transactions.hold_gap import gap_row, hold_gap
from jobistemer_tui.engine.transactions.publish import Change, Source, plan_missing, quarantine, retire
from jobistemer_tui.engine.transactions.replanning import drop_planned, drop_where, replan
from jobistemer_tui.engine.transactions.resolve_gap import GapReading, read_gap
from jobistemer_tui.errors import ScheduleError, StoreError
from jobistemer_tui.storage.tables import JOBS, VERSIONS_BY_JOB
from tests.support.broken_schedule import break_first_version
from tests.support.engine_world import START, World, job, task

HOURLY = "0 * * * *"


def once(at: str, **values: object) -> dict[str, Any]:
    return {"once": at, **values}


def versions(world: World, key: UUID) -> list[int]:
    rows = world.raw.read(lambda reader: reader.scan(VERSIONS_BY_JOB, key))
    return [row.number for row in rows]


def test_a_new_job_begins_now(world: World) -> None:
    definition = job()
    published = world.publish(definition)
    assert published.change is Change.ADDED
    assert (published.job.version, published.job.cursor_at, published.job.first_published_at) == (1, START, START)
    assert world.planned(definition).scheduled_at == START + timedelta(seconds=30)


def test_the_same_content_again_makes_no_version(world: World) -> None:
    definition = job()
    world.publish(definition)
    before = world.snapshot()
    world.later(seconds=5)
    assert world.publish(definition).change is Change.UNCHANGED
    assert world.snapshot() == before


def test_the_same_content_in_another_file_moves_the_source(world: World) -> None:
    definition = job()
    world.publish(definition)
    published = world.publish(definition, Source("/jobs/b.toml", 9, "/jobs"))
    assert published.change is Change.UNCHANGED
    assert world.the_job(definition).source_path == "/jobs/b.toml"
    assert versions(world, definition.id) == [1]


def test_another_schedule_drops_what_is_planned_and_plans_anew_from_now(world: World) -> None:
    world.publish(job())
    old = world.planned(job())
    world.later(seconds=5)
    published = world.publish(job(schedule=HOURLY))
    assert published.change is Change.CHANGED
    assert (published.job.version, published.job.cursor_at) == (2, world.now)
    assert world.planned(job()).scheduled_at == START.replace(hour=6, minute=0, second=0)
    assert world.events("job_published")[-1].detail["removed"] == ["2026-03-02T05:01:00Z"]
    world.publish(job())
    assert world.planned(job()).id == old.id, "the same instant can be planned again, with the same id"
    assert versions(world, job().id) == [1, 2, 3]


def test_other_content_with_the_same_schedule_keeps_the_row(world: World) -> None:
    definition = job()
    world.publish(definition)
    row = world.planned(definition)
    world.later(seconds=5)
    published = world.publish(job(task("another")))
    assert (published.change, published.job.version, published.job.cursor_at) == (Change.CHANGED, 2, START)
    assert world.planned(definition) == row


def test_what_waits_takes_the_new_version_and_what_runs_keeps_the_old(world: World) -> None:
    definition = job(overlap_policy="queue")
    running = world.begin(definition)
    waiting = world.handle_next(definition)
    world.publish(job(task("another"), overlap_policy="queue"))
    world.end(running, AttemptState.SUCCESS)
    assert world.occurrence(running).state is O.COMPLETED
    handled = world.claim(waiting)
    assert handled.progress is not None
    assert [launch.task.name for launch in handled.progress.launches] == ["another"]
    assert (world.occurrence(running).version, world.occurrence(waiting).version) == (1, 2)


def test_an_instant_that_is_due_when_the_edit_comes_still_happens(world: World) -> None:
    """Regression: an edit published between an instant and its handling left the instant without any fate."""
    definition = job()
    world.publish(definition)
    row = world.planned(definition)
    world.now = row.due_at + timedelta(milliseconds=50)
    world.publish(job(schedule="30 * * * *"))
    world.handle(row)
    assert world.occurrence(row).state is O.RUNNING
    assert [item.scheduled_at.minute for item in world.rows(definition, O.PLANNED)] == [30]


def test_handling_what_was_due_before_an_edit_plans_nothing_retroactively(world: World) -> None:
    """The new schedule has an instant between the one that was due and the edit; it was not in force then."""
    definition = job()
    world.publish(definition)
    row = world.planned(definition)
    world.now = row.due_at + timedelta(seconds=5)
    world.publish(job(schedule={"interval": "PT2S", "start": "2026-03-02T05:01:00Z"}))
    world.handle(row)
    assert [item.scheduled_at > world.now for item in world.rows(definition, O.PLANNED)] == [True]


def test_late_instants_of_an_engine_that_was_awake_outlive_the_edit(world: World) -> None:
    definition = job(overlap_policy="queue")
    world.publish(definition)
    world.later(minutes=3)
    world.publish(job(schedule=HOURLY, overlap_policy="queue"))
    late = [row for row in world.rows(definition, O.PLANNED) if row.scheduled_at <= world.now]
    assert [row.scheduled_at.minute for row in late] == [1, 2, 3]
    for row in late:
        world.handle(row)
    assert [row.state for row in world.rows(definition)] == [O.RUNNING, O.QUEUED, O.QUEUED, O.PLANNED]


def gap_of(world: World, definition_id: UUID) -> GapReading:
    return world.raw.read(lambda r: read_gap(r, world.me, definition_id, awake=world.now, now=world.now))


def test_an_edit_after_downtime_resolves_the_old_versions_gap_first(world: World) -> None:
    definition = job()
    world.publish(definition)
    world.later(minutes=3)
    world.publish(job(schedule=HOURLY), gap=gap_of(world, definition.id))
    rows = world.rows(definition)
    assert [(row.state, row.scheduled_at.minute) for row in rows] == [
        (O.MISSED, 1), (O.MISSED, 2), (O.PENDING, 3), (O.PLANNED, 0),
    ]  # fmt: skip
    assert world.the_job(definition).cursor_at == world.now


def test_disabled_plans_nothing_and_leaves_no_rows(world: World) -> None:
    definition = job()
    world.publish(definition)
    world.publish(job(enabled=False))
    assert world.rows(definition) == []
    world.later(hours=1)
    world.publish(definition)
    assert [row.scheduled_at > world.now for row in world.rows(definition)] == [True]


def test_a_schedule_that_means_nothing_changes_nothing(world: World) -> None:
    world.publish(job())
    before = world.snapshot()
    with pytest.raises(ScheduleError):
        world.publish(job(schedule="61 * * * *"))
    assert world.snapshot() == before


def test_a_publication_that_was_undone_is_not_remembered(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Regression: version 2 was kept before it was committed; the next version 2 then ran the wrong tasks."""
    world.publish(job(task("old")))

    def plan_and_fail(*args: Any, **kwargs: Any) -> None:
        replan(*args, **kwargs)
        raise StoreError("another writer was first")

    with monkeypatch.context() as patch:
        patch.setattr(publishing, "replan", plan_and_fail)
        with pytest.raises(StoreError, match="first"):
            world.publish(job(task("undone"), schedule=HOURLY))
    world.publish(job(task("real"), schedule="*/2 * * * *"))
    row = world.handle_next(job())
    assert row.scheduled_at.minute == 2
    assert list(world.task_runs(row)) == ["real"]


def test_a_one_off_in_the_past_is_missed_at_first_sight(world: World) -> None:
    definition = job(schedule=once("2026-03-02T04:00:00Z"))
    world.publish(definition)
    (row,) = world.rows(definition)
    assert (row.state, row.reason, row.handled_at) == (O.MISSED, Reason.TOO_LATE, START)
    assert world.the_job(definition).finished


@pytest.mark.parametrize(("deadline", "state"), [(7200.0, O.RUNNING), (1800.0, O.MISSED)])
def test_a_one_off_in_the_past_that_its_start_deadline_covers_runs(world: World, deadline: float, state: O) -> None:
    definition = job(schedule=once("2026-03-02T04:00:00Z"), start_deadline=deadline)
    world.publish(definition)
    (row,) = world.rows(definition)
    world.handle(row)
    assert world.occurrence(row).state is state


def test_a_one_off_that_has_run_does_not_run_again_when_its_job_is_edited(world: World) -> None:
    definition = job(schedule=once("2026-03-02T06:00:00Z"))
    world.publish(definition)
    row = world.handle_next(definition)
    world.end(row, AttemptState.SUCCESS)
    world.publish(job(task("another"), schedule=once("2026-03-02T06:00:00Z", timezone="UTC")))
    assert [item.state for item in world.rows(definition)] == [O.COMPLETED]


def retire_now(world: World, key: UUID) -> None:
    assert world.run(retire, world.me, key, world.now) is not None


def test_retiring_drops_the_plan_cancels_what_waits_and_leaves_what_runs(world: World) -> None:
    definition = job(overlap_policy="queue")
    running = world.begin(definition)
    waiting = world.handle_next(definition)
    retire_now(world, definition.id)
    assert world.rows(definition, O.PLANNED) == []
    gone = world.occurrence(waiting)
    assert (gone.state, gone.reason) == (O.CANCELED, Reason.JOB_REMOVED)
    world.end(running, AttemptState.SUCCESS)
    assert world.occurrence(running).state is O.COMPLETED
    assert world.run(retire, world.me, definition.id, world.now) is None


def test_retiring_gives_a_fate_to_what_was_due(world: World) -> None:
    """Regression: instants of a gap that was not resolved yet were dropped with the plan and had no fate at all."""
    definition = job(plan_horizon=3)
    world.publish(definition)
    world.later(seconds=100)
    world.run(retire, world.me, definition.id, world.now)
    rows = world.rows(definition)
    assert [(row.state, row.reason) for row in rows] == [(O.SKIPPED, Reason.JOB_REMOVED)] * 2
    assert world.the_job(definition).cursor_at == world.now


def test_a_job_that_was_published_since_its_file_was_missed_is_not_retired(world: World) -> None:
    """Regression: an engine whose lock was taken retired what its successor had published."""
    definition = job()
    world.publish(definition)
    seen = world.the_job(definition)
    world.later(seconds=5)
    world.publish(replace(definition, description="here again"))
    with pytest.raises(Moved):
        world.run(retire, world.me, definition.id, world.now, seen=seen)
    assert world.the_job(definition).retired_at is None


def test_a_job_that_returns_begins_at_now_with_its_pause_and_its_version(world: World) -> None:
    definition = job()
    world.publish(definition)
    world.run(control.pause, definition.id, now=world.now, until=None, reason="moving", actor="me")
    retire_now(world, definition.id)
    world.later(days=3)
    published = world.publish(definition, gap=gap_of(world, definition.id))
    assert published.change is Change.RETURNED
    assert (published.job.version, published.job.cursor_at) == (1, world.now)
    assert published.job.pause_reason == "moving"
    assert [row.state for row in world.rows(definition)] == [O.PLANNED], "no three-day gap"
    assert world.planned(definition).scheduled_at == world.now + timedelta(seconds=30)


def test_a_job_that_returns_with_other_content_has_another_version(world: World) -> None:
    definition = job()
    world.publish(definition)
    retire_now(world, definition.id)
    published = world.publish(job(schedule=HOURLY))
    assert (published.change, published.job.version) == (Change.RETURNED, 2)


def test_a_scheduled_job_without_a_planned_row_gets_one(world: World) -> None:
    definition = job()
    world.publish(definition)
    row = world.planned(definition)
    assert world.run(plan_missing, world.me, definition.id, world.now) is False
    world.run(drop_planned, definition.id, after=START)
    assert world.run(plan_missing, world.me, definition.id, world.now) is True
    assert world.planned(definition).scheduled_at == row.scheduled_at


@pytest.mark.parametrize("why", ["retired", "disabled", "unscheduled", "finished"])
def test_a_job_that_is_not_to_be_planned_gets_none(world: World, why: str) -> None:
    changes: dict[str, dict[str, Any]] = {
        "disabled": {"enabled": False},
        "unscheduled": {"schedule": None},
        "finished": {"schedule": once("2026-03-02T06:00:00Z")},
    }
    definition = job(**changes.get(why, {}))
    world.publish(definition)
    if why == "retired":
        retire_now(world, definition.id)
    if why == "finished":
        world.handle_next(definition)
    rows = world.rows(definition)
    assert world.run(plan_missing, world.me, definition.id, world.now) is False
    assert world.rows(definition) == rows


def test_a_job_that_cannot_be_planned_shows_why_once(world: World) -> None:
    definition = job()
    world.publish(definition)
    for _ in range(2):
        world.run(quarantine, world.me, definition.id, "no such zone", world.now)
    assert world.the_job(definition).error == "no such zone"
    assert len(world.events("job_quarantined")) == 1
    world.publish(job(schedule=HOURLY))
    assert world.the_job(definition).error is None


def test_a_stale_writer_of_the_gate_is_refused(world: World) -> None:
    definition = job()
    stale = world.publish(definition).job
    world.publish(job(schedule=HOURLY))
    assert world.store.write(lambda tx: tx.replace(JOBS, stale, replace(stale, name="x"))) is False


@pytest.mark.parametrize("policy", ["immediate", "graceful"])
def test_an_edit_mends_a_job_whose_schedule_does_not_work(
    world: World, policy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: it was refused, because the old schedule was asked what it still had to do."""
    world.publish(job(update_policy=policy))
    break_first_version(monkeypatch)
    world.later(minutes=2)
    definition = job(schedule=HOURLY, update_policy=policy)
    assert world.publish(definition).change is Change.CHANGED
    assert [row.scheduled_at.minute for row in world.rows(definition, O.PLANNED)] == [1, 0], "one is late"


def test_a_job_whose_schedule_does_not_work_can_be_stopped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    definition = job()
    world.publish(definition)
    break_first_version(monkeypatch)
    world.later(minutes=2)
    assert world.run(control.stop, definition.id, now=world.now, actor="me").stopped
    assert [row.reason for row in world.rows(definition)] == [Reason.STOPPED]


def test_a_job_that_could_not_be_planned_is_planned_though_a_later_run_is_marked(world: World) -> None:
    """Regression: the mark's row stood for the next one, and all instants before it were left without a fate."""
    definition = job()
    world.publish(definition)
    first = world.planned(definition).scheduled_at
    marked = world.run(control.skip, definition.id, first + timedelta(days=1), now=world.now, actor="me")
    world.run(drop_where, definition.id, lambda row: row.id != marked.id)
    for is_made in (True, False):
        world.run(quarantine, world.me, definition.id, "no such zone", world.now)
        assert world.run(plan_missing, world.me, definition.id, world.now) is is_made
        assert (world.the_job(definition).error is None) is is_made
    assert [row.scheduled_at for row in world.rows(definition)] == [first, marked.scheduled_at]


@pytest.mark.parametrize("reason", [Reason.RECOVERY_HOLD, Reason.CLOCK_UNSTEADY])
def test_an_edit_lets_a_gap_be_judged_anew_but_for_the_clock(world: World, reason: Reason) -> None:
    definition = job()
    world.publish(definition)
    until = world.now + timedelta(seconds=60)
    begin = world.planned(definition).scheduled_at
    gap = JobGap(definition.id, begin, GapState.HELD, Reason.DOWNTIME, world.now, world.now, held_until=until,
                 held_for=reason)  # fmt: skip
    world.run(hold_gap, world.me, gap, world.now)
    world.publish(job(description="mine"))
    found = world.raw.read(lambda reader: gap_row(reader, definition.id))
    assert found == replace(gap, held_until=world.now if reason is Reason.RECOVERY_HOLD else until)
