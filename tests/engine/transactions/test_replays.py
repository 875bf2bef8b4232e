"""Running an occurrence again: a new one, linked, under the job's policies and its newest version."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from jobistemer_tui.domain import identity
from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.params import Param
from jobistemer_tui.domain.records import Occurrence
from jobistemer_tui.domain.states import AttemptState, Reason, TaskRunState, Trigger
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.engine import control
from jobistemer_tui.engine.transactions.publish import retire
from jobistemer_tui.errors import NotFound, Refused
from jobistemer_tui.storage.tables import TASK_RUNS
from tests.support.engine_world import World, job, task

TWO = job(task("dump"), task("upload", "dump"))


def replay(world: World, row: Occurrence | UUID, number: int = 1, **values: Any) -> Occurrence:
    key = row if isinstance(row, UUID) else row.id
    asked = world.request(number, reason="again", forced=values.pop("forced", False))
    return world.run(control.replay, key, asked, **values)


def failed(world: World, definition: JobDefinition = TWO, *successes: str) -> Occurrence:
    row = world.begin(definition)
    for name in successes or ("dump",):
        world.end(row, AttemptState.SUCCESS, name)
    world.end(row, AttemptState.FAILED, "upload")
    done = world.occurrence(row)
    assert done.state is O.FAILED
    return done


def test_a_whole_replay_is_a_new_occurrence_of_the_same_instant(world: World) -> None:
    original = failed(world)
    world.later(seconds=5)
    again = replay(world, original)
    assert again.id == identity.replay_occurrence_id(original.id, 1)
    assert (again.trigger, again.replay_of, again.state) == (Trigger.REPLAY, original.id, O.PENDING)
    assert (again.scheduled_at, again.due_at) == (original.scheduled_at, world.now)
    world.claim(again)
    assert {name: run.state for name, run in world.task_runs(again).items()} == {
        "dump": TaskRunState.RUNNING, "upload": TaskRunState.PENDING,
    }  # fmt: skip
    assert world.occurrence(original) == original, "what has ended stays as it was"
    (event,) = world.events("occurrence_replayed")
    assert (event.actor, event.detail["why"], event.detail["replay_of"]) == ("me", "again", str(original.id))


def test_a_double_press_gives_one_row_and_another_press_the_next_number(world: World) -> None:
    original = failed(world, job(task("dump"), task("upload", "dump"), overlap_policy="allow"))
    first, same, second = replay(world, original), replay(world, original), replay(world, original, 2)
    assert first == same
    assert second.id == identity.replay_occurrence_id(original.id, 2)
    assert len(world.events("occurrence_replayed")) == 2


def test_failed_only_carries_successes_over_with_their_outputs(world: World) -> None:
    original = failed(world)
    run = world.task_runs(original)["dump"]
    world.raw.write(lambda tx: tx.replace(TASK_RUNS, run, replace(run, outputs={"file": "a.zst"})))
    again = replay(world, original, failed_only=True)
    handled = world.claim(again)
    assert handled.progress is not None
    assert [launch.task.name for launch in handled.progress.launches] == ["upload"]
    carried = world.task_runs(again)["dump"]
    assert (carried.state, carried.reason, carried.outputs) == (
        TaskRunState.SUCCESS, Reason.CARRIED_OVER, {"file": "a.zst"},
    )  # fmt: skip
    assert carried.detail == {"carried_over_from": str(run.id)}
    world.end(again, AttemptState.SUCCESS, "upload")
    assert world.occurrence(again).state is O.COMPLETED


def test_from_a_task_on(world: World) -> None:
    original = failed(world)
    again = replay(world, original, from_task="upload")
    assert world.events("occurrence_replayed")[-1].detail["carried_over"] == ["dump"]
    world.claim(again)
    assert world.attempts(again) == []
    with pytest.raises(NotFound) as caught:
        replay(world, original, 2, from_task="uplaod")
    assert '"upload"' in caught.value.hint


def test_a_replay_of_a_replay_carries_over_what_that_had_carried_over(world: World) -> None:
    original = failed(world)
    again = replay(world, original, failed_only=True)
    world.claim(again)
    world.end(again, AttemptState.FAILED, "upload")
    third = replay(world, again, 2, failed_only=True)
    assert third.id == identity.replay_occurrence_id(again.id, 1)
    assert world.task_runs(third)["dump"].state is TaskRunState.SUCCESS


def test_an_edit_that_takes_out_or_moves_a_task_that_was_carried_over(world: World) -> None:
    """Regression: the run of a task that is in no definition any more could never be ended."""
    hook: dict[str, Any] = {"on_complete": {"run": "true", "timeout": 60.0}}
    original = failed(world, job(task("gone"), task("dump"), task("upload", "dump"), **hook), "gone", "dump")
    again = replay(world, original, failed_only=True)
    assert set(world.task_runs(again)) == {"gone", "dump"}
    world.publish(job(task("upload", "dump"), task("dump"), **hook))
    world.claim(again)
    world.end(again, AttemptState.SUCCESS, "upload")
    assert world.occurrence(again).state is O.COMPLETED
    runs = {name: (run.position, run.state) for name, run in world.task_runs(again).items()}
    assert runs == {"upload": (0, TaskRunState.SUCCESS), "dump": (1, TaskRunState.SUCCESS)}


def test_nothing_failed_so_nothing_is_left_to_run(world: World) -> None:
    row = world.begin(job())
    world.end(row, AttemptState.SUCCESS)
    with pytest.raises(Refused, match="every task"):
        replay(world, row, failed_only=True)


def test_what_never_ran_is_replayed_whole(world: World) -> None:
    world.publish(job(recovery_strategy="mark-as-missed"))
    world.later(minutes=2)
    world.resolve(job())
    missed = world.rows(job(), O.MISSED)[0]
    again = replay(world, missed, failed_only=True)
    world.claim(again)
    assert world.occurrence(again).state is O.RUNNING
    assert world.attempts(again)


def test_a_start_deadline_counts_from_when_the_replay_was_asked_for(world: World) -> None:
    """Regression: it counted from the instant, so that every replay of such a job was missed at once."""
    definition = job(start_deadline=60.0)
    row = world.begin(definition)
    world.end(row, AttemptState.FAILED)
    world.later(hours=9)
    again = replay(world, row)
    world.claim(again)
    assert world.occurrence(again).state is O.RUNNING


def test_parameters_and_the_newest_version_are_used(world: World) -> None:
    world.publish(job(params={"day": Param("1")}))
    asked = world.run(control.trigger, job().id, world.request(9), {"day": "2"})
    world.claim(asked)
    world.end(asked, AttemptState.FAILED)
    world.publish(job(task("other"), params={"day": Param("1")}))
    again = replay(world, asked)
    assert again.params == {"day": "2"}
    handled = world.claim(again)
    assert handled.progress is not None
    assert [launch.task.name for launch in handled.progress.launches] == ["other"]


@pytest.mark.parametrize(
    ("policy", "state"), [("skip", O.SKIPPED), ("queue", O.QUEUED), ("allow", O.PENDING), ("replace", O.QUEUED)]
)
def test_it_obeys_the_overlap_policy_unless_forced(world: World, policy: str, state: O) -> None:
    definition = job(task("dump"), task("upload", "dump"), overlap_policy=policy)
    original = failed(world, definition)
    world.handle_next(definition)
    again = replay(world, original, failed_only=True)
    assert again.state is state
    assert (world.task_runs(again) == {}) == (state is O.SKIPPED), "what does not run carries nothing over"
    assert replay(world, original, 2, forced=True).state is O.PENDING


def test_what_has_not_ended_or_is_not_loaded_is_refused(world: World) -> None:
    row = world.begin(job())
    with pytest.raises(Refused, match="not ended"):
        replay(world, row)
    with pytest.raises(Refused, match="planned"):
        replay(world, world.planned(job()))
    world.end(row, AttemptState.FAILED)
    world.run(retire, world.me, job().id, world.now)
    with pytest.raises(Refused, match="not loaded"):
        replay(world, row)
    with pytest.raises(NotFound):
        replay(world, UUID(int=404))


def test_a_pin_is_one_event_however_often_it_is_pressed(world: World) -> None:
    row = world.begin(job())
    for pinned in (True, True, False, False):
        world.run(control.pin, row.id, pinned=pinned, now=world.now, actor="me")
    assert [event.kind for event in world.events() if "pinned" in event.kind] == ["run_pinned", "run_unpinned"]
    with pytest.raises(Refused, match="only planned"):
        world.run(control.pin, world.planned(job()).id, pinned=True, now=world.now, actor="me")
    with pytest.raises(NotFound):
        world.run(control.pin, UUID(int=404), pinned=True, now=world.now, actor="me")
