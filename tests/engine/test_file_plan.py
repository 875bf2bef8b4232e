"""What publishing files would do, and that publishing them does it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from jobistemer_tui.domain.file_plan import FilePlan, JobChange, JobPlan
from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.engine import control
from jobistemer_tui.engine.read_file_plan import read_file_plan
from jobistemer_tui.engine.transactions.publish import Source, publish, retire
from jobistemer_tui.jobfiles.reading import SourcedJob
from tests.support.engine_world import SOURCE, START, World, job

DAILY, LATER = "0 5 * * *", "0 6 * * *"


def plan(
    world: World, *found: JobDefinition, path: str = SOURCE.path, gone: tuple[UUID, ...] = (), steps: int = 10**6
) -> FilePlan:
    sourced = [SourcedJob(definition, path, 7, SOURCE.root) for definition in found]
    made = world.store.read(lambda reader: read_file_plan(reader, sourced, gone, world.now, steps=steps))
    assert FilePlan.from_json(made.to_json()) == made
    return made


def plan_of(world: World, definition: JobDefinition, **more: Any) -> JobPlan:
    (found,) = plan(world, definition, **more).jobs
    return found


def test_what_is_published_as_it_is_changes_nothing(world: World) -> None:
    world.publish(job())
    assert not plan(world, job())


def test_a_new_job_gains_its_times_of_thirty_days(world: World) -> None:
    found = plan_of(world, job(schedule=DAILY))
    assert (found.change, found.before, found.version, found.line) == (JobChange.ADDED, 0, 1, 7)
    assert (found.instants.added_count, found.instants.removed_count) == (30, 0)
    assert found.instants.added[0] == START.replace(day=3, hour=5, minute=0, second=0)
    assert not found.differences


def test_another_time_gains_and_loses_and_the_first_fifty_are_named(world: World) -> None:
    world.publish(job(schedule=DAILY))
    found = plan_of(world, job(schedule=LATER))
    instants = found.instants
    assert (found.change, found.before, found.version) == (JobChange.CHANGED, 1, 2)
    assert [difference.text for difference in found.differences] == [f"schedule: {DAILY} → {LATER}"]
    assert (instants.added_count, instants.removed_count, instants.counted_all) == (30, 30, True)
    assert len(instants.added) + len(instants.removed) == 50
    assert {instant.hour for instant in instants.added} == {6}
    assert {instant.hour for instant in instants.removed} == {5}


def test_times_that_stay_are_neither_gained_nor_lost(world: World) -> None:
    world.publish(job(schedule="0 5 * * 1-5"))
    instants = plan_of(world, job(schedule=DAILY)).instants
    assert instants.removed_count == 0
    assert {instant.weekday() for instant in instants.added} == {5, 6}


def test_another_command_alone_changes_no_time(world: World) -> None:
    world.publish(job())
    found = plan_of(world, job(description="other"))
    assert (found.change, bool(found.instants)) == (JobChange.CHANGED, False)


def test_graceful_keeps_the_next_time_of_the_old_schedule(world: World) -> None:
    world.publish(job(schedule=DAILY))
    instants = plan_of(world, job(schedule=LATER, update_policy="graceful")).instants
    kept = START.replace(day=3, hour=5, minute=0, second=0)
    assert kept not in instants.removed
    assert min(instants.added) == kept.replace(hour=6)


def test_a_schedule_too_dense_to_walk_is_counted_as_far_as_it_goes(world: World) -> None:
    world.publish(job(schedule="* * * * *"))
    instants = plan_of(world, job(schedule="*/2 * * * *"), steps=100).instants
    assert not instants.counted_all
    assert 20 <= instants.removed_count <= 50
    assert instants.added_count == 0


def test_runs_that_wait_and_run_are_counted_and_marks_that_are_lost_named(world: World) -> None:
    world.publish(job(schedule=DAILY, overlap_policy="queue"))
    mark = START.replace(day=3, hour=5, minute=0, second=0)
    world.run(control.skip_next, job().id, now=world.now, actor="me")
    for number in (1, 2):
        world.trigger(job(), UUID(int=number))
    found = plan_of(world, job(schedule=LATER, overlap_policy="queue"))
    assert (found.waiting, found.marks_lost) == (2, (mark,))


def test_moved_retired_and_returned(world: World) -> None:
    world.publish(job(schedule=DAILY))
    moved = plan_of(world, job(schedule=DAILY), path="/jobs/b.toml")
    assert (moved.change, moved.moved_from, moved.file) == (JobChange.MOVED, SOURCE.path, "/jobs/b.toml")
    (gone,) = plan(world, gone=(job().id,)).jobs
    assert (gone.change, gone.instants.removed_count, gone.file) == (JobChange.RETIRED, 30, SOURCE.path)
    world.run(retire, world.me, job().id, world.now)
    back = plan_of(world, job(schedule=DAILY))
    assert (back.change, back.before, back.version, back.instants.added_count) == (JobChange.RETURNED, 1, 1, 30)


def test_a_one_off_of_the_past_fires_only_where_its_deadline_says_so(world: World) -> None:
    once = {"once": (START - timedelta(minutes=5)).isoformat()}
    assert plan(world, job(schedule=once)).past_occurrences == 0
    covered = job(schedule=once, start_deadline=600.0)
    assert plan(world, covered).past_occurrences == 1
    world.publish(covered)
    assert [row.state for row in world.rows(covered)] == [O.PLANNED]
    assert plan(world, job(schedule=once, start_deadline=900.0)).past_occurrences == 0


EDITS = [
    job(schedule=LATER), job(schedule=None), job(schedule=DAILY, enabled=False), job(schedule="*/7 * * * *"),
    job(schedule=LATER, update_policy="graceful"), job(schedule={"interval": "PT5H"}),
    job(schedule=DAILY, description="other"),
]  # fmt: skip


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: f"{edit.schedule}-{edit.enabled}")
def test_publishing_does_what_was_planned(world: World, edit: JobDefinition) -> None:
    first = job(schedule=DAILY)
    world.publish(first)
    (before,) = world.rows(first)
    planned = plan_of(world, edit)
    published = world.run(publish, world.me, edit, Source(SOURCE.path, 7, SOURCE.root), now=world.now)
    assert published.job.version == planned.version
    after = [row.scheduled_at for row in world.rows(edit)]
    assert all(instant in planned.instants.added for instant in after if instant != before.scheduled_at)
    assert not set(after) & set(planned.instants.removed)
