"""What an engine does about the time in which none was awake."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from jobistemer_tui.domain import identity
from jobistemer_tui.domain.records import Job
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.domain.states import Reason, Trigger
from jobistemer_tui.engine import control
from jobistemer_tui.engine.definitions import Kept
from jobistemer_tui.engine.transactions import resolve_gap
from jobistemer_tui.errors import ScheduleError
from jobistemer_tui.schedules import Schedule
from jobistemer_tui.storage.tables import JOBS, OCCURRENCES
from tests.support.engine_home import EngineHome

OVER = (O.COMPLETED, O.FAILED, O.MISSED, O.SKIPPED, O.CANCELED)


def fates(home: EngineHome, name: str) -> list[tuple[O, Reason | None]]:
    return [(row.state, row.reason) for row in home.rows(name, *OVER)]


def ran(home: EngineHome, name: str) -> bool:
    return bool(home.rows(name, O.COMPLETED))


async def served_once(home: EngineHome) -> None:
    """An engine that was there, and is no more."""
    await home.stop(await home.start())


async def test_after_downtime_the_last_instant_runs_and_the_others_are_missed(home: EngineHome) -> None:
    home.job("backup")
    await served_once(home)
    home.clock.advance(180)
    await home.start()
    await home.until(lambda: ran(home, "backup"), step=0.5)
    missed = (O.MISSED, Reason.DOWNTIME)
    assert fates(home, "backup")[:3] == [missed, missed, (O.COMPLETED, None)]
    assert home.rows("backup", O.COMPLETED)[0].trigger is Trigger.RECOVERY


async def test_after_a_sleep_the_same_holds_with_its_own_reason(home: EngineHome) -> None:
    home.job("backup")
    await home.start()
    home.clock.sleep(180)
    await home.until(lambda: ran(home, "backup"))
    missed = (O.MISSED, Reason.ASLEEP)
    assert fates(home, "backup")[:3] == [missed, missed, (O.COMPLETED, None)]


async def test_an_engine_that_was_awake_but_slow_misses_nothing(home: EngineHome) -> None:
    home.job("backup", more="overlap_policy = 'queue'")
    await home.start()
    home.clock.advance(180)
    await home.until(lambda: len(home.rows("backup", O.COMPLETED)) == 3)
    assert {row.trigger for row in home.rows("backup", O.COMPLETED)} == {Trigger.SCHEDULE}


async def test_a_restart_over_an_instant_is_late_and_not_missed_however_old_the_instant_before(
    home: EngineHome,
) -> None:
    """Regression: the age of the last instant was taken for the length of the gap; the wait for a steady clock then
    made a daily instant that was two seconds late a missed one."""
    home.job("daily", schedule="1 7 * * *", more="recovery_strategy = 'mark-as-missed'")
    await served_once(home)
    home.clock.advance(2 * 3600 + 25)
    await served_once(home)
    home.clock.advance(7)
    await home.start()
    await home.until(lambda: ran(home, "daily"))
    assert home.rows("daily", O.COMPLETED)[0].trigger is Trigger.SCHEDULE


async def test_a_gap_of_over_an_hour_waits_for_a_steady_minute(home: EngineHome) -> None:
    home.job("backup", schedule="0 * * * *")
    await served_once(home)
    home.clock.advance(5 * 3600)
    await home.start()
    home.clock.advance(50)
    await home.quiet()
    assert [row.state for row in home.rows("backup")] == [O.PLANNED]
    home.clock.advance(10)
    await home.until(lambda: ran(home, "backup"), step=0.5)
    assert [state for state, _ in fates(home, "backup")] == [O.MISSED] * 4 + [O.COMPLETED]


async def test_it_waits_as_well_for_a_clock_that_is_about_to_be_set_right(home: EngineHome) -> None:
    awaited = [True]
    home.job("backup", schedule="0 * * * *")
    await served_once(home)
    home.clock.advance(5 * 3600)
    await home.start(awaits_synchronisation=lambda: bool(awaited))
    for _ in range(4):
        home.clock.advance(30)
        await home.quiet()
    assert [row.state for row in home.rows("backup")] == [O.PLANNED]
    awaited.clear()
    await home.until(lambda: ran(home, "backup"), step=1.0)
    assert [state for state, _ in fates(home, "backup")] == [O.MISSED] * 4 + [O.COMPLETED]


async def test_what_comes_due_while_a_gap_waits_does_not_hide_the_gap(home: EngineHome) -> None:
    """Regression: a run that a person had skipped was planned beyond the gap; it moved the cursor past all of it."""
    home.job("backup", schedule="0 * * * *", more="recovery_strategy = 'mark-as-missed'")
    await served_once(home)
    home.clock.advance(5 * 3600 - 60)
    await home.start()
    job = identity.job_id("backup")
    home.store.write(lambda tx: control.skip_next(tx, job, now=home.clock.now(), actor="me"))
    home.clock.advance(31)
    await home.quiet()
    assert fates(home, "backup") == []
    home.clock.advance(30)
    await home.until(lambda: home.rows("backup", O.SKIPPED), step=1.0)
    missed, skipped = (O.MISSED, Reason.DOWNTIME), (O.SKIPPED, Reason.SKIPPED_BY_USER)
    assert fates(home, "backup") == [missed] * 4 + [skipped]


async def test_a_clock_a_year_ahead_that_is_corrected_within_the_minute_harms_nothing(home: EngineHome) -> None:
    home.job("backup", schedule="0 * * * *")
    await served_once(home)
    home.clock.set_wall(365 * 86400)
    await home.start()
    home.clock.advance(20)
    await home.quiet()
    home.clock.set_wall(-365 * 86400)
    await home.until(lambda: ran(home, "backup"), step=10.0)
    first = home.rows("backup")[0]
    assert (first.state, first.trigger) == (O.COMPLETED, Trigger.SCHEDULE)
    assert home.rows("backup", O.MISSED) == []


async def test_a_clock_set_back_fires_nothing_twice(home: EngineHome) -> None:
    home.job("backup")
    await home.start()
    home.clock.advance(30)
    await home.until(lambda: ran(home, "backup"))
    home.clock.set_wall(-50)
    await home.quiet()
    home.clock.advance(55)
    await home.quiet()
    assert len(home.rows("backup", O.COMPLETED)) == 1
    await home.until(lambda: len(home.rows("backup", O.COMPLETED)) >= 2, step=5.0)
    minutes = [row.scheduled_at.minute for row in home.rows("backup", O.COMPLETED)]
    assert minutes[:2] == [1, 2]


async def test_a_pause_until_an_instant_ends_by_itself(home: EngineHome) -> None:
    home.job("backup")
    await home.start()
    job = identity.job_id("backup")
    until = home.clock.now() + timedelta(seconds=60)
    home.store.write(lambda tx: control.pause(tx, job, now=home.clock.now(), until=until, reason="quiet", actor="me"))
    home.clock.advance(30)
    await home.until(lambda: home.rows("backup", O.SKIPPED))
    home.clock.advance(60)
    await home.until(lambda: ran(home, "backup"))
    assert fates(home, "backup") == [(O.SKIPPED, Reason.PAUSED), (O.COMPLETED, None)]
    paused = home.the_job("backup")
    assert paused is not None
    assert paused.paused_at is None


async def test_a_pause_that_ended_during_downtime_still_counts(home: EngineHome) -> None:
    home.job("backup")
    node = await home.start()
    job = identity.job_id("backup")
    until = home.clock.now() + timedelta(seconds=60)
    home.store.write(lambda tx: control.pause(tx, job, now=home.clock.now(), until=until, reason=None, actor="me"))
    await home.stop(node)
    home.clock.advance(180)
    await home.start()
    await home.until(lambda: ran(home, "backup"), step=0.5)
    assert fates(home, "backup")[:3] == [
        (O.SKIPPED, Reason.PAUSED), (O.MISSED, Reason.DOWNTIME), (O.COMPLETED, None),
    ]  # fmt: skip


async def test_recovered_starts_of_different_jobs_are_spread(home: EngineHome) -> None:
    for number in range(3):
        home.job(f"job-{number}")
    await served_once(home)
    home.clock.advance(180)
    await home.start()
    await home.until(
        lambda: len([r for n in range(3) for r in home.rows(f"job-{n}") if r.trigger is Trigger.RECOVERY]) == 3
    )
    recovered = [row for n in range(3) for row in home.rows(f"job-{n}") if row.trigger is Trigger.RECOVERY]
    assert len({row.due_at for row in recovered}) == 3
    await home.until(lambda: all(ran(home, f"job-{n}") for n in range(3)), step=0.5)


async def test_one_job_whose_gap_cannot_be_resolved_stops_no_other(
    home: EngineHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: an error in the gap of one job ended the engine, at each of its starts."""
    home.job("bad")
    home.job("good")
    await served_once(home)
    real = resolve_gap._gap_slots

    def broken(reader: object, owner: object, job: Job, **more: object) -> object:
        if job.name == "bad":
            raise ScheduleError("no such zone")
        return real(reader, owner, job, **more)  # type: ignore[arg-type]  # handed on as they came

    monkeypatch.setattr(resolve_gap, "_gap_slots", broken)
    home.clock.advance(180)
    await home.start()
    await home.until(lambda: ran(home, "good"), step=0.5)
    assert home.rows("bad", *OVER) == []


async def test_a_job_without_a_planned_row_is_planned_and_is_not_late(home: EngineHome) -> None:
    """Regression: what the sweep had planned was looked at only in the next sweep, a minute later."""
    home.job("backup", schedule="*/2 * * * *")
    node = await home.start()
    await asyncio.wait_for(node.wait_until_idle(), 120)
    (row,) = home.rows("backup")

    def lose(tx: object) -> None:
        tx.delete(OCCURRENCES, row.id)  # type: ignore[attr-defined]  # a transaction

    home.store.write(lose)
    home.clock.advance(60)
    await home.until(lambda: home.rows("backup"))
    home.clock.advance(30)
    await home.until(lambda: ran(home, "backup"))
    assert home.rows("backup")[0].started_at == home.clock.now()


async def test_a_job_that_cannot_be_planned_is_shown_and_the_others_run(
    home: EngineHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.job("bad")
    home.job("good")
    node = await home.start()
    (row,) = home.rows("bad")
    home.store.write(lambda tx: tx.delete(OCCURRENCES, row.id))
    bad = home.the_job("bad")
    assert bad is not None
    key = (bad.id, bad.version, bad.first_published_at, bad.hands_over_at)

    class Broken(Kept[Any, Schedule]):
        def get(self, name: object) -> Schedule | None:
            if name == key:
                raise ScheduleError("no such zone")
            return super().get(name)

    node._definitions._schedules = Broken(9)
    await home.until(lambda: (found := home.the_job("bad")) is not None and found.error == "no such zone", step=5.0)
    await home.until(lambda: ran(home, "good"), step=5.0)
    assert home.store.read(lambda reader: reader.get(JOBS, bad.id)) is not None


async def test_a_job_that_wants_no_spread_starts_at_once(home: EngineHome) -> None:
    for number in range(3):
        home.job(f"job-{number}", more="recovery_spread = '0s'")
    await served_once(home)
    home.clock.advance(180)
    await home.start()
    await home.until(lambda: all(ran(home, f"job-{n}") for n in range(3)))
    recovered = [row for n in range(3) for row in home.rows(f"job-{n}") if row.trigger is Trigger.RECOVERY]
    assert len({row.due_at for row in recovered}) == 1
