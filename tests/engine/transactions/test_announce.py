"""Lines of the outbox are written with what they tell of, or not at all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from jobistemer_tui.domain.records import NotificationState as N
from jobistemer_tui.domain.states import AttemptState as A
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine import control
from jobistemer_tui.engine.lookout import judge
from jobistemer_tui.engine.transactions import announce
from jobistemer_tui.engine.transactions.handle_due import handle_due
from jobistemer_tui.engine.transactions.outbox import Answer, settle, take
from jobistemer_tui.engine.transactions.publish import retire
from jobistemer_tui.engine.transactions.takeover import Evidence, reap
from tests.support.engine_world import ME, World, job, task

HOOKS: dict[str, Any] = {name: {"run": "true", "timeout": 60.0} for name in ("on_start", "on_complete", "on_failure")}


def notify(*on: str, to: str = "me@x", **values: Any) -> dict[str, Any]:
    return {"notify": [{"on": list(on), "mail": {"to": [to]}, **values}]}


def words(world: World, definition: Any) -> list[str]:
    return [row.payload["event"] for row in world.notifications(definition)]


def fail(world: World, definition: Any) -> None:
    row = world.handle_next(definition)
    world.end(row, A.FAILED, reason=Reason.TASK_FAILED)


def test_hooks_are_rows_of_the_start_and_the_end(world: World) -> None:
    definition = job(task("a"), task("b", "a"), **HOOKS)
    row = world.begin(definition)
    assert words(world, definition) == ["on_start"]
    world.end(row, A.FAILED, "a", reason=Reason.TASK_FAILED)
    rows = world.notifications(definition)
    assert sorted(words(world, definition)) == ["on_complete", "on_failure", "on_start"]
    assert {one.occurrence_id for one in rows} == {row.id}
    report = next(one.payload for one in rows if one.payload["event"] == "on_failure")
    assert (report["status"], report["failed_tasks"], report["failures"]) == ("failed", ["a"], 1)
    assert [(t["name"], t["status"], t["reason"], t["because_of"]) for t in report["tasks"]] == [
        ("a", "failed", "task_failed", []), ("b", "canceled", "sibling_failed", ["a"]),
    ]  # fmt: skip


def test_nothing_is_told_of_what_was_not_committed(world: World) -> None:
    definition = job(**HOOKS)
    world.publish(definition)
    row = world.planned(definition)
    world.now = row.due_at

    def broken(tx: Any) -> None:
        handle_due(tx, world.me, row.id, world.now)
        raise RuntimeError("crash")

    with pytest.raises(RuntimeError, match="crash"):
        world.store.write(broken)
    assert world.notifications(definition) == []
    assert world.tally(definition).counts == {}


def test_three_failures_are_told_once_and_then_the_recovery(world: World) -> None:
    definition = job(**notify("failure", "recovery", after=3))
    world.publish(definition)
    for expected in ([], [], ["failure"], ["failure"]):
        fail(world, definition)
        assert words(world, definition) == expected
    assert world.notifications(definition)[0].payload["title"] == "backup failed (3 times in a row)"
    tally = world.tally(definition)
    assert (tally.failures, tally.counts) == (4, {"failed": 4})
    world.end(world.handle_next(definition), A.SUCCESS)
    assert words(world, definition) == ["failure", "recovery"]
    assert world.notifications(definition)[1].payload["title"] == "backup works again"
    assert (world.tally(definition).failures, world.tally(definition).incident) == (0, None)


def test_the_next_to_one_receiver_waits_for_its_turn(world: World) -> None:
    definition = job(**notify("failure", "recovery"))
    world.publish(definition)
    fail(world, definition)
    world.end(world.handle_next(definition), A.SUCCESS)
    bad, good = world.notifications(definition)
    assert (bad.state, good.state) == (N.WAITING, N.QUEUED)
    taken = world.run(take, bad, world.now, 60.0)
    assert taken is not None
    world.run(settle, taken, Answer(), "me", world.later(seconds=5))
    bad, good = world.notifications(definition)
    assert (bad.state, good.state, good.not_before) == (N.SENT, N.WAITING, world.now)


def test_other_receivers_do_not_wait(world: World) -> None:
    rules = [{"on": ["failure"], "mail": {"to": [to]}} for to in ("a@x", "b@x")]
    definition = job(notify=rules)
    world.publish(definition)
    fail(world, definition)
    assert [row.state for row in world.notifications(definition)] == [N.WAITING, N.WAITING]


def test_an_outage_cannot_fill_the_store(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announce, "MAX_QUEUED", 2)
    definition = job(notify=[{"on": ["success"], "ping": {"url": "https://x"}}])
    world.publish(definition)
    for _ in range(5):
        world.end(world.handle_next(definition), A.SUCCESS)
    states = [row.state for row in world.notifications(definition)]
    assert states == [N.WAITING, N.GIVEN_UP, N.GIVEN_UP, N.QUEUED, N.QUEUED]
    assert len(world.events("notification_given_up")) == 2


def test_a_skip_is_told_once_for_each_run_in_the_way(world: World) -> None:
    definition = job(**notify("skipped"))
    row = world.begin(definition)
    for _ in range(3):
        assert world.handle_next(definition).state is O.SKIPPED
    assert words(world, definition) == ["skipped"]
    world.end(row, A.SUCCESS)
    world.handle_next(definition)
    world.handle_next(definition)
    assert words(world, definition) == ["skipped", "skipped"]
    assert world.tally(definition).counts == {"skipped": 4, "completed": 1}


def test_a_trigger_and_a_replay_that_are_skipped_count_and_are_told_like_an_instant(world: World) -> None:
    """Regression: they were in no counter of the metrics, and no rule told of them."""
    definition = job(**notify("skipped"))
    first = world.begin(definition)
    world.end(first, A.SUCCESS)
    world.handle_next(definition)
    assert world.trigger(definition, UUID(int=7)).state is O.SKIPPED
    assert world.run(control.replay, first.id, world.request(8)).state is O.SKIPPED
    assert world.tally(definition).counts == {"completed": 1, "skipped": 2}
    assert words(world, definition) == ["skipped"]


def test_what_is_skipped_on_purpose_is_no_news(world: World) -> None:
    definition = job(**notify("skipped"))
    world.publish(definition)
    world.run(control.pause, definition.id, reason=None, until=None, now=world.now, actor="me")
    assert world.handle_next(definition).state is O.SKIPPED
    assert words(world, definition) == []


@pytest.mark.parametrize(
    ("strategy", "told", "missed"),
    [("execute-last", ["missed"], 4), ("mark-as-missed", ["missed"], 5), ("execute-all", [], 0), ("compressed", [], 4)],
)
def test_the_missed_instants_of_a_gap_are_told_together(
    world: World, strategy: str, told: list[str], missed: int
) -> None:
    definition = job(recovery_strategy=strategy, **notify("missed"))
    world.publish(definition)
    world.later(minutes=5)
    world.resolve(definition)
    assert words(world, definition) == told
    assert world.tally(definition).counts.get("missed", 0) == missed
    if told:
        payload = world.notifications(definition)[0].payload
        assert (payload["missed"], payload["reason"], payload["title"]) == (
            missed, "downtime", f"backup missed {missed} runs",
        )  # fmt: skip


def test_one_that_is_too_late_is_missed(world: World) -> None:
    definition = job(overlap_policy="queue", start_deadline=30.0, **notify("missed"))
    row = world.begin(definition)
    late = world.handle_next(definition)
    assert late.state is O.QUEUED
    world.later(minutes=2)
    world.end(row, A.SUCCESS)
    world.claim(late)
    assert world.occurrence(late).state is O.MISSED
    assert words(world, definition) == ["missed"]
    assert world.tally(definition).counts == {"completed": 1, "missed": 1}


def test_a_run_whose_owner_is_lost_has_failed(world: World) -> None:
    definition = job(on_failure=HOOKS["on_failure"], **notify("failure"))
    row = world.begin(definition)
    attempts = frozenset(attempt.id for attempt in world.attempts(row))
    world.run(reap, world.other, row.id, Evidence(ME, row.epoch, attempts, frozenset()), world.now)
    assert sorted(words(world, definition)) == ["failure", "on_failure"]
    assert world.notifications(definition)[0].payload["status"] == "failed_stale"


def run_for(world: World, definition: Any, seconds: float) -> Any:
    row = world.handle_next(definition)
    world.later(seconds=seconds)
    world.end(row, A.SUCCESS)
    return row


def test_a_slow_run_is_told_while_it_runs_and_not_again_at_its_end(world: World) -> None:
    definition = job(**notify("slow"))
    world.publish(definition)
    for _ in range(5):
        run_for(world, definition, 20)
    assert world.the_job(definition).watched
    row = world.handle_next(definition)
    world.later(seconds=29)
    world.run(judge_of, world, definition)
    assert words(world, definition) == []
    world.later(seconds=2)
    for _ in range(2):
        world.run(judge_of, world, definition)
        assert words(world, definition) == ["slow"]
    payload = world.notifications(definition)[0].payload
    assert (payload["slow_after_s"], payload["status"]) == (30.0, "running")
    world.end(row, A.SUCCESS)
    assert words(world, definition) == ["slow"]


def judge_of(tx: Any, world: World, definition: Any) -> None:
    judge(tx, owner=world.me, job_id=definition.id, now=world.now)


def test_a_run_that_was_slow_is_told_at_its_end_at_the_latest(world: World) -> None:
    definition = job(**notify("slow"))
    world.publish(definition)
    for _ in range(5):
        run_for(world, definition, 20)
    run_for(world, definition, 31)
    assert words(world, definition) == ["slow"]


def test_a_silent_job_is_told_of_once_for_each_success(world: World) -> None:
    definition = job(**notify("no_success", within=3600.0))
    world.publish(definition)
    first = world.now
    world.now = first + timedelta(minutes=59)
    world.run(judge_of, world, definition)
    assert words(world, definition) == []
    world.now = first + timedelta(minutes=61)
    for _ in range(2):
        world.run(judge_of, world, definition)
        assert words(world, definition) == ["no_success"]
    assert world.notifications(definition)[0].payload["title"] == "backup has had no success for 1h1m"
    world.publish(job(**notify("no_success", to="you@x", within=20.0), name="often"))
    world.later(seconds=45)
    world.run(judge_of, world, job(name="often"))
    assert world.notifications(job(name="often"))[0].payload["title"] == "often has had no success for 45s"
    run_for(world, definition, 1)
    world.later(minutes=59)
    world.run(judge_of, world, definition)
    assert words(world, definition) == ["no_success"]
    world.later(minutes=2)
    world.run(judge_of, world, definition)
    assert words(world, definition) == ["no_success", "no_success"]


@pytest.mark.parametrize("how", ["stopped", "undone", "gone", "disabled"])
def test_the_time_in_which_a_job_does_not_tick_does_not_count(world: World, how: str) -> None:
    """Regression: whoever started a job again after a week was told at once that it had had no success for a week."""
    definition = job(**notify("no_success", within=3600.0))
    world.publish(definition)
    run_for(world, definition, 1)
    match how:
        case "stopped" | "undone":
            world.run(control.stop, definition.id, now=world.now, actor="me")
        case "gone":
            world.run(retire, world.me, definition.id, world.now)
        case _:
            world.publish(job(enabled=False, **notify("no_success", within=3600.0)))
    world.later(days=7)
    match how:
        case "stopped":
            world.run(control.start, definition.id, now=world.now, actor="me")
        case "undone":
            world.run(control.undo, world.events("job_stopped")[0].sequence, now=world.now, actor="me")
        case _:
            world.publish(definition)
    world.later(minutes=59)
    world.run(judge_of, world, definition)
    assert words(world, definition) == []
    world.later(minutes=2)
    for _ in range(2):
        world.run(judge_of, world, definition)
        assert words(world, definition) == ["no_success"]
    assert world.notifications(definition)[0].payload["title"] == "backup has had no success for 1h1m"


def test_a_success_that_a_clock_ahead_has_noted_is_one_of_now(world: World) -> None:
    """Regression: nothing was told of a job's silence until that time came again."""
    definition = job(**notify("no_success", within=3600.0))
    world.publish(definition)
    world.later(days=365)
    run_for(world, definition, 1)
    world.later(days=-365)
    for minutes, told in ((0, []), (59, []), (2, ["no_success"])):
        world.later(minutes=minutes)
        world.run(judge_of, world, definition)
        assert words(world, definition) == told


def test_a_job_that_is_paused_is_silent_on_purpose(world: World) -> None:
    definition = job(**notify("no_success", within=3600.0))
    world.publish(definition)
    world.run(control.pause, definition.id, reason=None, until=None, now=world.now, actor="me")
    world.later(hours=3)
    world.run(judge_of, world, definition)
    world.run(control.resume, definition.id, now=world.now, actor="me")
    world.run(judge_of, world, definition)
    assert words(world, definition) == []
    world.later(hours=1)
    world.run(judge_of, world, definition)
    assert words(world, definition) == ["no_success"]


def test_a_job_that_asks_for_nothing_in_time_is_not_watched(world: World) -> None:
    definition = job(**notify("failure"))
    world.publish(definition)
    assert not world.the_job(definition).watched


def test_what_a_later_gap_gives_up_is_told_of(world: World) -> None:
    """Regression: where that gap missed nothing itself, nobody heard of the run that was given up."""
    definition = job(**notify("missed"))
    world.publish(definition)
    for _ in range(2):
        assert words(world, definition) == []
        world.later(minutes=1)
        assert world.resolve(definition) is not None
    (told,) = world.notifications(definition)
    assert (told.payload["missed"], world.tally(definition).counts["missed"]) == (1, 1)
