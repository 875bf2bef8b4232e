"""Skipping and putting off one run: the mark on its row, what becomes of it, and what an edit leaves of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from jobistemer_tui.domain.records import Occurrence
from jobistemer_tui.domain.states import AttemptState, Reason
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.engine.takeover import Takeover
from jobistemer_tui.engine.transactions.publish import retire
from jobistemer_tui.errors import Refused
from tests.support.engine_world import START, World, job, task
from tests.support.fake_supervisor import FakeSupervisor
from tests.support.manual_clock import ManualClock
from tests.support.turning_engine import TurningEngine
from tests.support.world_ticker import ticker_of

FIVE = timedelta(minutes=5)
FIRST, SECOND, THIRD = (START + timedelta(seconds=30 + 60 * number) for number in range(3))


def marks(world: World) -> list[tuple[int, Reason | None]]:
    """Minute and mark of every planned row."""
    return [(row.scheduled_at.minute, row.reason) for row in world.rows(job(), O.PLANNED)]


def test_the_next_run_is_skipped_at_its_instant_with_who_and_why(world: World) -> None:
    definition = job()
    world.publish(definition)
    marked = ticker_of(world, definition).skip_next("no disk")
    assert (marked.scheduled_at, marked.state, marked.reason) == (FIRST, O.PLANNED, Reason.SKIPPED_BY_USER)
    handled = world.handle_next(definition)
    assert (handled.state, handled.reason) == (O.SKIPPED, Reason.SKIPPED_BY_USER)
    assert handled.detail == {"by": "eva", "why": "no disk"}
    assert world.handle_next(definition).state is O.RUNNING
    assert [(event.actor, event.occurrence_id) for event in world.events("run_skipped")] == [("eva", marked.id)]


def test_skipping_twice_skips_one(world: World) -> None:
    definition = job()
    world.publish(definition)
    ticker = ticker_of(world, definition)
    first = ticker.skip_next()
    before = world.snapshot()
    assert ticker.skip_next() == first
    assert world.snapshot() == before


def test_a_later_run_is_skipped_and_the_ones_before_run(world: World) -> None:
    definition = job(overlap_policy="allow")
    world.publish(definition)
    ticker = ticker_of(world, definition)
    ticker.skip(THIRD)
    assert marks(world) == [(1, None), (3, Reason.SKIPPED_BY_USER)]
    assert ticker.next_run() == FIRST
    states = []
    for instant in (FIRST, SECOND, THIRD):
        world.now = instant
        (row,) = [row for row in world.rows(definition, O.PLANNED) if row.scheduled_at == instant]
        world.handle(row)
        states.append(world.occurrence(row).state)
    assert states == [O.RUNNING, O.RUNNING, O.SKIPPED]
    assert marks(world) == [(4, None)], "the next one is planned once"


def test_unskip_takes_the_first_mark_or_the_named_one(world: World) -> None:
    definition = job()
    world.publish(definition)
    ticker = ticker_of(world, definition)
    for instant in (SECOND, FIRST, THIRD):
        ticker.skip(instant)
    assert ticker.unskip(THIRD).scheduled_at == THIRD
    assert ticker.unskip().scheduled_at == FIRST
    assert marks(world) == [(1, None), (2, Reason.SKIPPED_BY_USER), (3, None)]
    ticker.unskip()
    for words in ([], [FIRST], [THIRD + FIVE]):
        with pytest.raises(Refused, match="marked to be skipped"):
            ticker.unskip(*words)


@pytest.mark.parametrize("instant", [START, START + timedelta(seconds=31), FIRST - timedelta(minutes=5)])
def test_what_the_schedule_does_not_have_or_has_passed_is_not_skipped(world: World, instant: datetime) -> None:
    definition = job()
    world.publish(definition)
    with pytest.raises(Refused, match="no run to come at") as caught:
        ticker_of(world, definition).skip(instant)
    assert "jobistemer next backup" in caught.value.hint


def test_the_next_run_is_the_one_after_the_pause(world: World) -> None:
    definition = job()
    world.publish(definition)
    ticker = ticker_of(world, definition)
    ticker.pause(until=THIRD)
    assert ticker.skip_next().scheduled_at == THIRD
    assert marks(world) == [(1, None), (3, Reason.SKIPPED_BY_USER)], "the ones before are not planned for that"
    ticker.pause()
    with pytest.raises(Refused, match="while it is paused"):
        ticker.skip_next()


@pytest.mark.parametrize("state", ["stopped", "retired", "over"])
def test_without_a_run_to_come_there_is_nothing_to_mark(world: World, state: str) -> None:
    definition = job(schedule={"once": "2026-03-02T05:02:00Z"} if state == "over" else "* * * * *")
    world.publish(definition)
    ticker = ticker_of(world, definition)
    words = {"stopped": "is stopped", "retired": "is not loaded", "over": "no run to come"}[state]
    if state == "stopped":
        ticker.stop()
    elif state == "retired":
        world.run(retire, world.me, definition.id, world.now)
    else:
        world.handle_next(definition)
    acts: list[Callable[[], object]] = [
        ticker.skip_next, lambda: ticker.snooze(world.now + FIVE), lambda: ticker.skip(FIRST),
    ]  # fmt: skip
    for act in acts:
        with pytest.raises(Refused, match=words):
            act()


def test_a_snoozed_run_keeps_its_instant_and_starts_later(world: World) -> None:
    definition = job(schedule="0 * * * *")
    world.publish(definition)
    ticker = ticker_of(world, definition)
    six = START.replace(hour=6, minute=0, second=0)
    marked = ticker.snooze(six + FIVE, "backup first")
    assert (marked.scheduled_at, marked.due_at, marked.reason) == (six, six, Reason.SNOOZED)
    assert ticker.next_run() == six + FIVE
    waiting = world.handle_next(definition)
    assert (waiting.state, waiting.reason, waiting.due_at) == (O.PENDING, Reason.SNOOZED, six + FIVE)
    put_off = {"at": "2026-03-02T05:00:30Z", "until": "2026-03-02T06:05:00Z"}
    assert waiting.detail == {"by": "eva", "why": "backup first", **put_off}
    assert ticker.next_run() == six + FIVE, "of what waits as well"
    assert world.claim(waiting).occurrence is None
    world.now = six + FIVE
    assert world.claim(waiting).progress is not None


def test_while_it_waits_it_counts_as_live(world: World) -> None:
    definition = job()
    world.publish(definition)
    ticker_of(world, definition).snooze(START + FIVE)
    world.handle_next(definition)
    assert world.handle_next(definition).reason is Reason.OVERLAP


def test_snoozing_again_moves_it_to_and_fro_and_the_same_time_changes_nothing(world: World) -> None:
    definition = job(schedule="0 * * * *", overlap_policy="queue")
    world.publish(definition)
    ticker = ticker_of(world, definition)
    six = START.replace(hour=6, minute=0, second=0)
    for until in (six + 2 * FIVE, six + FIVE):
        assert ticker.snooze(until).detail["until"].startswith("2026-03-02T06:")
        before = world.snapshot()
        ticker.snooze(until)
        assert world.snapshot() == before
    waiting = world.handle_next(definition)
    for until in (six + 3 * FIVE, six + FIVE):
        assert ticker.snooze(until).due_at == until
        assert world.occurrence(waiting).due_at == until
    with pytest.raises(Refused, match="starts at 2026-03-02T06:00:00Z"):
        ticker.snooze(six)


def test_a_snooze_that_ends_before_the_run_is_refused(world: World) -> None:
    definition = job(schedule="0 * * * *")
    world.publish(definition)
    with pytest.raises(Refused, match="starts at 2026-03-02T06:00:00Z, so putting it off until 2026-03-02T05:30:00Z"):
        ticker_of(world, definition).snooze(START.replace(minute=30, second=0))


def wait_in_the_queue(world: World) -> Occurrence:
    definition = job(overlap_policy="queue")
    world.begin(definition)
    return world.handle_next(definition)


def test_what_waits_in_the_queue_can_be_snoozed_and_let_go(world: World) -> None:
    row = wait_in_the_queue(world)
    ticker = ticker_of(world, job())
    held = ticker.snooze(world.now + FIVE)
    assert (held.id, held.state, held.reason) == (row.id, O.QUEUED, Reason.SNOOZED)
    free = ticker.unsnooze()
    assert (free.state, free.reason, free.due_at) == (O.QUEUED, Reason.OVERLAP, world.now)
    assert free.detail == row.detail, "whom it waits for is said again"
    with pytest.raises(Refused, match="snoozed"):
        ticker.unsnooze()


def test_one_snoozed_in_the_queue_whose_turn_comes_is_snoozed_on_and_can_be_let_go(world: World) -> None:
    row = wait_in_the_queue(world)
    until = ticker_of(world, job()).snooze(world.now + FIVE).due_at
    world.end(world.rows(job(), O.RUNNING)[0], AttemptState.SUCCESS)
    woken = world.occurrence(row)
    assert (woken.state, woken.reason, woken.due_at) == (O.PENDING, Reason.SNOOZED, until)
    assert "until" in woken.detail
    ticker_of(world, job()).unsnooze()
    assert world.claim(row).progress is not None


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"overlap_policy": "queue"}, Reason.OVERLAP),
        ({"overlap_policy": "replace"}, Reason.REPLACING),
        ({"concurrency_group": "disk", "concurrency_group.limit": 1}, Reason.GROUP),
    ],
)
@pytest.mark.parametrize("let_go", [True, False], ids=["let go", "its time has come"])
async def test_after_a_snooze_what_is_queued_says_for_what_it_waits(
    world: World, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], reason: Reason, let_go: bool
) -> None:
    """Regression: it said that it waited for its own job, whatever for, or was put off until a time long past."""
    definition = job(**settings)
    world.begin(job(name="other", **settings) if reason is Reason.GROUP else definition)
    world.publish(definition)
    row = world.handle_next(definition)
    assert row.reason is reason
    ticker = ticker_of(world, definition)
    ticker.snooze(world.now + FIVE)
    if let_go:
        ticker.unsnooze()
    else:
        world.now += FIVE
        monkeypatch.setattr(Takeover, "orphans", list)  # nobody else's runs are in question here
        engine = TurningEngine(world.raw, ManualClock(world.now), FakeSupervisor())
        await engine.begin()
        await engine.sweep()
        await engine.close()
    after = world.occurrence(row)
    assert (after.state, after.reason, after.detail) == (O.QUEUED, reason, row.detail)


def test_a_pending_run_is_let_go_at_once(world: World) -> None:
    world.slots = 0
    definition = job(schedule="0 * * * *")
    world.publish(definition)
    row = world.handle_next(definition)
    assert row.reason is Reason.NO_SLOT
    ticker = ticker_of(world, definition)
    ticker.snooze(world.now + FIVE)
    free = ticker.unsnooze()
    assert (free.id, free.reason, free.due_at) == (row.id, Reason.NO_SLOT, world.now)
    world.slots = 1
    assert world.claim(free).progress is not None


def test_a_planned_snooze_can_be_taken_back(world: World) -> None:
    definition = job()
    world.publish(definition)
    ticker = ticker_of(world, definition)
    ticker.snooze(START + FIVE)
    assert ticker.unsnooze().reason is None
    assert world.handle_next(definition).state is O.RUNNING


def test_a_trigger_that_no_engine_has_seen_does_not_expire_while_it_is_put_off(world: World) -> None:
    definition = job(schedule=None, start_deadline=600.0)
    world.publish(definition)
    row = world.trigger(definition, UUID(int=7))
    ticker_of(world, definition).snooze(world.now + timedelta(hours=3))
    world.later(hours=3)
    handled = world.claim(row)
    assert handled.progress is not None, "nor is the wait a lateness"


def test_the_other_mark_takes_the_place_of_the_one(world: World) -> None:
    definition = job()
    world.publish(definition)
    ticker = ticker_of(world, definition)
    ticker.snooze(START + FIVE)
    assert ticker.skip_next().reason is Reason.SKIPPED_BY_USER
    assert ticker.snooze(START + FIVE).reason is Reason.SNOOZED
    assert marks(world) == [(1, Reason.SNOOZED)]


@pytest.mark.parametrize("mark", ["skip", "snooze"])
def test_an_edit_that_keeps_the_instant_keeps_the_mark_and_another_drops_it(world: World, mark: str) -> None:
    definition = job(schedule="*/2 * * * *")
    world.publish(definition)
    ticker = ticker_of(world, definition)
    marked = ticker.skip_next() if mark == "skip" else ticker.snooze(START + FIVE)
    world.publish(job(schedule="* * * * *"))
    kept = world.occurrence(marked)
    assert (kept.reason, kept.detail, kept.version) == (marked.reason, marked.detail, 2)
    world.publish(job(task("another"), schedule="* * * * *"))
    assert world.occurrence(marked).reason is marked.reason
    world.publish(job(schedule="30 * * * *"))
    assert marks(world) == [(30, None)]
    world.publish(job(schedule="*/2 * * * *"))
    assert marks(world) == [(2, None)], "the mark does not come back with the instant"


def test_marks_survive_that_the_file_is_gone_for_a_while(world: World) -> None:
    definition = job()
    world.publish(definition)
    ticker_of(world, definition).skip(THIRD)
    world.run(retire, world.me, definition.id, world.now)
    assert marks(world) == [(3, Reason.SKIPPED_BY_USER)]
    world.later(seconds=40)
    world.publish(definition)
    assert marks(world) == [(2, None), (3, Reason.SKIPPED_BY_USER)]


def test_a_mark_is_kept_through_downtime(world: World) -> None:
    definition = job(recovery_strategy="execute-all")
    world.publish(definition)
    ticker_of(world, definition).skip(SECOND)
    world.later(minutes=3)
    world.resolve(definition)
    assert [(row.scheduled_at.minute, row.state) for row in world.rows(definition) if row.scheduled_at < world.now] == [
        (1, O.PENDING), (2, O.SKIPPED), (3, O.QUEUED),
    ]  # fmt: skip


def test_a_finished_job_ends_with_its_last_mark(world: World) -> None:
    definition = job(schedule={"once": "2026-03-02T05:02:00Z"})
    world.publish(definition)
    ticker_of(world, definition).skip_next()
    world.handle_next(definition)
    assert world.the_job(definition).finished
    assert world.rows(definition, O.SKIPPED)


def test_what_a_pause_skips_needs_no_mark_to_be_shown_as_it_is(world: World) -> None:
    row = world.begin(job())
    world.end(row, AttemptState.SUCCESS)
    assert ticker_of(world, job()).next_run() == SECOND
