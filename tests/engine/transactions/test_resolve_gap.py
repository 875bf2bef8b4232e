"""Transaction 6: every instant of a gap gets its fate, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest

from jobistemer_tui.domain import occurrence_moves
from jobistemer_tui.domain.clock import Reading
from jobistemer_tui.domain.instants import instant_text
from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.records import GapState, JobGap, Occurrence
from jobistemer_tui.domain.states import AttemptState, Reason, Trigger
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.engine import control, recovery
from jobistemer_tui.engine.transactions.common import Moved
from jobistemer_tui.engine.transactions.hold_gap import doubted_until, gap_row, hold_gap, left_over
from jobistemer_tui.engine.transactions.resolve_gap import GapReading, read_gap, resolve_gap
from jobistemer_tui.engine.transactions.takeover import Evidence, reap
from jobistemer_tui.engine.wakefulness import Wakefulness
from jobistemer_tui.storage.tables import JOB_GAPS, OCCURRENCES, RANGES_BY_JOB
from tests.support.engine_world import ME, World, job


def read_held(world: World, definition: JobDefinition) -> GapReading:
    away = Wakefulness(Reading(world.now, 0.0, 0.0))
    return world.raw.read(
        lambda r: read_gap(r, world.me, definition.id, awake=world.now, now=world.now, away=away)
    )  # fmt: skip


def told(rows: list[Occurrence]) -> list[tuple[O, Reason | None]]:
    return [(row.state, row.reason) for row in rows]


def test_the_last_one_runs_after_all_and_the_others_are_missed(world: World) -> None:
    definition = job()
    world.publish(definition)
    world.later(minutes=5)
    recovered = world.resolve(definition)
    assert recovered is not None
    assert (recovered.trigger, recovered.state, recovered.reason) == (Trigger.RECOVERY, O.PENDING, Reason.SPREAD)
    assert recovered.handled_at == world.now
    rows = world.rows(definition)
    assert told(rows[:4]) == [(O.MISSED, Reason.DOWNTIME)] * 4
    assert rows[4].id == recovered.id
    assert rows[5].state is O.PLANNED
    assert rows[5].scheduled_at == recovered.scheduled_at + timedelta(minutes=1)
    assert world.the_job(definition).cursor_at == recovered.scheduled_at
    assert world.claim(recovered).progress is not None


def test_mark_as_missed_runs_nothing(world: World) -> None:
    definition = job(recovery_strategy="mark-as-missed")
    world.publish(definition)
    world.later(minutes=5)
    assert world.resolve(definition, reason=Reason.ASLEEP) is None
    assert told(world.rows(definition)) == [(O.MISSED, Reason.ASLEEP)] * 5 + [(O.PLANNED, None)]


def test_doing_it_twice_finds_nothing(world: World) -> None:
    definition = job()
    world.publish(definition)
    world.later(minutes=5)
    world.resolve(definition)
    before = world.snapshot()
    assert world.resolve(definition) is None
    assert world.snapshot() == before


def test_a_reading_that_somebody_else_has_resolved_is_refused(world: World) -> None:
    definition = job()
    world.publish(definition)
    world.later(minutes=5)
    reading = world.raw.read(lambda r: read_gap(r, world.me, definition.id, awake=world.now, now=world.now))
    world.resolve(definition)
    before = world.snapshot()
    with pytest.raises(Moved):
        world.run(resolve_gap, world.me, reading, reason=Reason.DOWNTIME, now=world.now, due_at=world.now)
    assert world.snapshot() == before


def test_what_another_engine_holds_for_a_steady_clock_is_held_for_all(world: World) -> None:
    """Regression: an engine that had lost its lock without knowing it gave a gap its fate that its successor held."""
    definition = job()
    world.publish(definition)
    world.later(minutes=90)
    awake, steady = Wakefulness(Reading(world.now, 100.0, 100.0)), Wakefulness(Reading(world.now, 0.0, 0.0))
    steady.look(Reading(world.now + timedelta(seconds=99), 99.0, 99.0))

    def read(away: Wakefulness) -> GapReading:
        return world.raw.read(
            lambda r: read_gap(r, world.me, definition.id, awake=world.now, now=world.now, away=away)
        )  # fmt: skip

    sure, unsure = read(steady), read(awake)
    assert unsure.row is not None
    assert (sure.is_held, unsure.row.held_for) == (False, Reason.CLOCK_UNSTEADY)
    world.run(hold_gap, world.me, unsure.row, world.now)
    before = world.snapshot()
    with pytest.raises(Moved, match="held meanwhile"):
        world.run(resolve_gap, world.me, sure, reason=Reason.ASLEEP, now=world.now, due_at=world.now)
    assert world.snapshot() == before
    assert read(steady).is_held
    world.later(seconds=61)
    assert not read(steady).is_held
    world.run(resolve_gap, world.me, read(steady), reason=Reason.ASLEEP, now=world.now, due_at=world.now)
    assert told(world.rows(definition))[0] == (O.MISSED, Reason.DOWNTIME)


def test_a_gap_is_held_from_its_first_instant_without_a_fate(world: World) -> None:
    """Regression: one whose oldest instant had run already was held for ever, and nothing after it ran any more."""
    definition = job(recovery_hold=600.0)
    world.publish(definition)
    begin = world.now
    ran = world.planned(definition).scheduled_at
    world.later(minutes=1)
    world.handle(world.planned(definition))
    world.now = begin
    world.run(control.stop, definition.id, now=world.now, reason=None, actor="me")
    world.run(control.start, definition.id, now=world.now, actor="me")
    assert world.the_job(definition).cursor_at == begin

    def read(seconds: float) -> GapReading:
        world.now = begin + timedelta(seconds=seconds)
        away = Wakefulness(Reading(world.now, 0.0, 0.0))
        return world.raw.read(
            lambda r: read_gap(r, world.me, definition.id, awake=world.now, now=world.now, away=away)
        )  # fmt: skip

    nothing_waits = read((ran - begin).total_seconds() + 40)
    assert [slot.instant for slot in nothing_waits.gap.slots] == [ran]
    assert not nothing_waits.is_held
    reading = read(300)
    assert reading.gap.begin == ran
    assert reading.row is not None
    assert (reading.row.begin_at, reading.row.held_for) == (ran + timedelta(minutes=1), Reason.RECOVERY_HOLD)
    assert world.run(hold_gap, world.me, reading.row, world.now)
    assert world.raw.read(lambda reader: left_over(reader, world.now)) == []


def test_a_hold_for_a_clock_that_was_far_ahead_counts_for_its_own_engine_alone(world: World) -> None:
    definition = job()
    world.publish(definition)
    world.later(minutes=90)
    ahead = world.now + timedelta(days=365)
    gap = JobGap(definition.id, world.now, GapState.HELD, Reason.CLOCK_SET, world.now, world.now, held_until=ahead,
                 held_for=Reason.CLOCK_UNSTEADY)  # fmt: skip
    assert doubted_until(gap, ahead - timedelta(seconds=59)) == ahead
    assert doubted_until(gap, world.now) is None
    assert doubted_until(gap, ahead) is None
    assert doubted_until(None, world.now) is None


def test_what_a_clock_ahead_has_resolved_hides_no_gap_that_is_held(world: World) -> None:
    definition = job()
    world.publish(definition)
    begin = world.planned(definition).scheduled_at
    held = JobGap(definition.id, begin, GapState.HELD, Reason.DOWNTIME, world.now, world.now)
    later = replace(held, begin_at=begin + timedelta(minutes=1), state=GapState.RESOLVED)
    assert world.run(hold_gap, world.me, held, world.now)
    assert world.run(lambda tx: tx.insert(JOB_GAPS, later))
    assert world.raw.read(lambda reader: gap_row(reader, definition.id)) == held


def test_an_instant_within_the_grace_is_late_and_not_missed(world: World) -> None:
    definition = job()
    world.publish(definition)
    world.later(minutes=4, seconds=36)
    world.resolve(definition)
    late = world.planned(definition)
    assert late.scheduled_at == world.now.replace(second=0)
    assert late.scheduled_at < world.now
    world.handle(late)
    assert world.occurrence(late).state is not O.MISSED


def test_what_passed_while_an_engine_was_awake_is_no_gap(world: World) -> None:
    definition = job()
    world.publish(definition)
    woke = world.now
    world.later(minutes=5)
    reading = world.raw.read(lambda r: read_gap(r, world.me, definition.id, awake=woke, now=world.now))
    assert reading.gap.slots == ()


def test_a_job_without_a_schedule_has_no_gap(world: World) -> None:
    definition = job(schedule=None)
    world.publish(definition)
    world.later(days=5)
    assert world.resolve(definition) is None
    assert world.rows(definition) == []


def test_instants_during_a_pause_are_skipped_and_the_last_other_one_runs(world: World) -> None:
    definition = job()
    world.publish(definition)
    world.later(minutes=2)
    world.run(
        control.pause, definition.id, now=world.now, until=world.now + timedelta(minutes=2), reason=None, actor="me"
    )
    world.later(minutes=4)
    world.resolve(definition)
    paused, missed = (O.SKIPPED, Reason.PAUSED), (O.MISSED, Reason.DOWNTIME)
    assert told(world.rows(definition))[:6] == [
        missed, missed, paused, paused, missed, (O.PENDING, Reason.SPREAD),
    ]  # fmt: skip


def test_a_pause_for_ever_runs_nothing(world: World) -> None:
    definition = job()
    world.publish(definition)
    world.run(control.pause, definition.id, now=world.now, until=None, reason=None, actor="me")
    world.later(minutes=3)
    assert world.resolve(definition) is None
    assert told(world.rows(definition))[:3] == [(O.SKIPPED, Reason.PAUSED)] * 3


@pytest.mark.parametrize("how", ["resumed", "paused again"])
def test_a_pause_that_a_person_ended_during_the_downtime_still_counts(world: World, how: str) -> None:
    """Regression: only the pause that the job's row shows now was looked at."""
    definition = job()
    world.publish(definition)
    world.run(control.pause, definition.id, now=world.now, until=None, reason=None, actor="me")
    world.later(minutes=2)
    if how == "resumed":
        world.run(control.resume, definition.id, now=world.now, actor="me")
    else:
        until = world.now + timedelta(seconds=1)
        world.run(control.pause, definition.id, now=world.now, until=until, reason=None, actor="me")
    world.later(minutes=2)
    world.resolve(definition)
    assert told(world.rows(definition))[:4] == [
        (O.SKIPPED, Reason.PAUSED), (O.SKIPPED, Reason.PAUSED),
        (O.MISSED, Reason.DOWNTIME), (O.PENDING, Reason.SPREAD),
    ]  # fmt: skip


def test_recovered_ones_wait_behind_what_runs_whatever_the_overlap_policy(world: World) -> None:
    for number, policy in enumerate(("skip", "queue", "replace")):
        definition = job(name=f"job-{number}", overlap_policy=policy)
        running = world.begin(definition)
        recovered = world.recovered(definition)
        assert (recovered.state, recovered.reason) == (O.QUEUED, Reason.OVERLAP)
        assert world.occurrence(running).state is O.RUNNING
        world.end(running, AttemptState.SUCCESS)
        assert world.occurrence(recovered).state is O.PENDING


def test_one_that_is_snoozed_beyond_the_gap_replaces_as_at_its_own_instant(world: World) -> None:
    """Regression: it was queued to replace what ran, which was not told, behind what it was to replace as well."""
    definition = job(overlap_policy="replace", recovery_strategy="mark-as-missed")
    running = world.begin(definition)
    put_off = world.now + timedelta(minutes=10)
    first = world.run(control.snooze, definition.id, until=put_off, now=world.now, actor="me")
    world.later(seconds=90)
    world.resolve(definition)
    assert told([world.occurrence(first)]) == [(O.QUEUED, Reason.REPLACING)]
    assert told([world.occurrence(running)]) == [(O.CANCELING, Reason.REPLACED)]
    second = world.planned(definition)
    mark = occurrence_moves.mark(second, Reason.SNOOZED, first.detail)
    world.raw.write(lambda tx: tx.replace(OCCURRENCES, second, mark))
    world.later(minutes=1)
    world.resolve(definition)
    assert told([world.occurrence(first)]) == [(O.CANCELED, Reason.REPLACED)]
    assert world.occurrence(second).due_at == put_off


def test_a_queue_is_woken_when_all_that_was_live_is_superseded(world: World) -> None:
    definition = job(overlap_policy="queue")
    world.publish(definition)
    world.later(minutes=2)
    waiting = world.resolve(definition)
    assert waiting is not None
    queued = world.handle_next(definition)
    assert queued.state is O.QUEUED
    world.later(minutes=5)
    (newest,) = [row for row in [world.resolve(definition)] if row is not None]
    assert world.occurrence(waiting).state is O.MISSED
    assert world.occurrence(queued).state is O.PENDING
    assert newest.state is O.QUEUED


def test_a_second_gap_supersedes_what_the_first_has_not_started(world: World) -> None:
    definition = job()
    world.publish(definition)
    first = world.recovered(definition)
    second = world.recovered(definition)
    gone = world.occurrence(first)
    assert (gone.state, gone.reason, gone.detail) == (O.MISSED, Reason.DOWNTIME, {"superseded": True})
    assert second.state is O.PENDING


def test_a_second_gap_leaves_what_a_person_asked_for(world: World) -> None:
    definition = job(overlap_policy="queue")
    world.publish(definition)
    asked = world.trigger(definition, UUID(int=9))
    recovered = world.recovered(definition)
    assert world.occurrence(asked).state is O.PENDING
    assert recovered.state is O.QUEUED


def test_an_instant_with_a_fate_keeps_it(world: World) -> None:
    definition = job()
    done = world.begin(definition)
    world.end(done, AttemptState.SUCCESS)
    world.later(minutes=3)
    world.resolve(definition)
    assert world.occurrence(done).state is O.COMPLETED


def test_beyond_the_rows_of_one_gap_the_older_instants_share_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery, "MAX_ROWS", 4)
    definition = job()
    world.publish(definition)
    world.later(minutes=10)
    world.resolve(definition)
    first, *rows = world.rows(definition)
    # Regression: the row that was planned, the oldest of all, stayed planned and would have run as if it were late.
    assert (first.state, first.reason) == (O.MISSED, Reason.DOWNTIME)
    assert [row.state for row in rows] == [O.MISSED, O.MISSED, O.MISSED, O.PENDING, O.PLANNED]
    (span,) = world.raw.read(lambda reader: reader.scan(RANGES_BY_JOB, definition.id))
    assert (span.count, span.reason) == (5, Reason.DOWNTIME), "the six older ones but for the one with a row"
    assert span.from_at < span.to_at < rows[0].scheduled_at
    assert world.resolve(definition) is None


def test_a_long_gap_is_held_from_its_first_instant_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Regression: it was held from the first of the newest, and not at all where all of those had run by a backfill."""
    monkeypatch.setattr(recovery, "MAX_ROWS", 2)
    definition = job(recovery_hold=600.0)
    world.publish(definition)
    first = world.planned(definition).scheduled_at
    world.later(minutes=4)
    found = read_held(world, definition)
    assert found.row is not None
    assert found.row.begin_at == first
    for minute in (2, 3):
        instant = first + timedelta(minutes=minute)
        plan = world.raw.read(
            partial(control.plan_backfill, job=definition.id, start=instant, end=instant, now=world.now)
        )
        world.run(control.backfill, plan, world.request(minute))
    again = read_held(world, definition)
    assert again.is_held
    assert again.row is not None
    assert again.row.begin_at == first


def test_more_than_ten_thousand_instants_make_ten_thousand_rows_and_a_span() -> None:
    """Read only: writing so many rows is the store's business."""
    from jobistemer_tui.storage.memory import MemoryStore

    world = World(MemoryStore())
    definition = job()
    world.publish(definition)
    world.later(days=8)
    reading = world.raw.read(lambda r: read_gap(r, world.me, definition.id, awake=world.now, now=world.now))
    assert len(reading.gap.slots) == recovery.MAX_ROWS == 10_000
    assert reading.gap.older_count == 8 * 1440 - 10_000
    assert reading.gap.older_from == world.the_job(definition).cursor_at.replace(second=0) + timedelta(minutes=1)
    world.raw.close()


def test_what_passed_in_a_pause_says_why_it_was_paused_then(world: World) -> None:
    """Regression: it said why the job was paused later, or nothing once the pause was over."""
    definition = job()
    world.publish(definition)
    for why in ("works", "holiday"):
        world.run(control.pause, definition.id, now=world.now, until=None, reason=why, actor="me")
        world.later(minutes=1)
        world.run(control.resume, definition.id, now=world.now, actor="me")
    world.run(control.pause, definition.id, now=world.now, until=None, reason="strike", actor="me")
    world.later(minutes=1)
    assert world.resolve(definition) is None
    paused = [row.detail for row in world.rows(definition, O.SKIPPED)]
    assert paused == [{"reason": "works"}, {"reason": "holiday"}, {"reason": "strike"}]


def test_a_second_gap_leaves_what_has_begun_and_is_to_run_again(world: World) -> None:
    """Regression: a run that had begun was called missed."""
    definition = job(on_lost="rerun")
    world.publish(definition)
    first = world.recovered(definition)
    world.claim(first)
    lost = frozenset(one.id for one in world.attempts(first))
    world.run(reap, world.other, first.id, Evidence(ME, 1, lost, frozenset()), world.now)
    second = world.recovered(definition)
    assert (world.occurrence(first).state, world.occurrence(first).reason) == (O.PENDING, Reason.RERUN)
    assert (second.state, second.detail) == (O.QUEUED, {"blocked_by": str(first.id)})


def test_the_time_in_which_a_person_may_decide_counts_from_when_the_gap_was_found(world: World) -> None:
    definition = job(recovery_hold=600.0)
    world.publish(definition)
    found_at = world.later(minutes=5)
    first = read_held(world, definition)
    assert first.row is not None
    assert world.run(hold_gap, world.me, first.row, world.now)
    world.later(minutes=9)
    again = read_held(world, definition)
    assert again.row is not None
    assert (again.is_held, again.row.held_until) == (True, found_at + timedelta(minutes=10))
    world.later(minutes=1)
    assert not read_held(world, definition).is_held


def test_what_a_person_decides_while_a_gap_is_judged_is_kept(world: World) -> None:
    definition = job(recovery_hold=600.0)
    world.publish(definition)
    world.later(minutes=5)
    first = read_held(world, definition)
    assert first.row is not None
    world.run(hold_gap, world.me, first.row, world.now)
    world.later(minutes=1)
    judged_before = read_held(world, definition)
    assert judged_before.row is not None
    world.run(control.drop_gap, definition.id, now=world.now, actor="me", why="no need")
    assert not world.run(hold_gap, world.me, judged_before.row, world.now)
    assert world.resolve(definition) is not None, "what has come since was not seen when it was dropped"
    assert [row.reason for row in world.rows(definition, O.SKIPPED)] == [Reason.SKIPPED_BY_USER] * 5


def test_recovered_ones_run_one_after_another_though_others_may_run_beside_each_other(world: World) -> None:
    definition = job(overlap_policy="allow")
    world.publish(definition)
    first = world.recovered(definition)
    world.claim(first)
    second = world.recovered(definition)
    assert (second.state, world.occurrence(first).state) == (O.QUEUED, O.RUNNING)
    world.end(first, AttemptState.SUCCESS)
    assert world.occurrence(second).state is O.PENDING


def test_a_compressed_one_stands_for_all_that_the_one_it_supersedes_stood_for(world: World) -> None:
    definition = job(recovery_strategy="compressed")
    world.publish(definition)
    begin = world.planned(definition).scheduled_at
    first = world.recovered(definition)
    second = world.recovered(definition)
    instants = [instant_text(begin + timedelta(minutes=minute)) for minute in range(6)]
    assert second.window == {"start": instants[0], "end": instants[-1], "count": 6, "instants": instants}
    assert world.occurrence(first).detail == {"superseded": True, "compressed_into": str(second.id)}
