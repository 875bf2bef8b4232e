"""A gap that waits for a person: it fires nothing, outlives every engine, and at last gets its fate by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from jobistemer_tui.domain import identity
from jobistemer_tui.domain.instants import instant_text
from jobistemer_tui.domain.records import GapState, JobGap
from jobistemer_tui.domain.recovery_strategy import RecoveryStrategy
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.domain.states import Reason, Trigger
from jobistemer_tui.engine import control
from jobistemer_tui.errors import Refused, UsageError
from jobistemer_tui.storage.tables import GAPS_BY_JOB
from tests.support.engine_home import EngineHome

HOLD = "recovery_hold = '10m'\noverlap_policy = 'queue'\n"
BACKUP = identity.job_id("backup")
WHO = "me"
MISSED, DROPPED = (O.MISSED, Reason.DOWNTIME), (O.SKIPPED, Reason.SKIPPED_BY_USER)


def gaps(home: EngineHome) -> list[JobGap]:
    return home.store.read(lambda reader: reader.scan(GAPS_BY_JOB, BACKUP))


def held(home: EngineHome) -> JobGap | None:
    return next((gap for gap in gaps(home) if gap.state is GapState.HELD), None)


def decide(home: EngineHome, act: Callable[..., JobGap], **how: Any) -> JobGap:
    return home.store.write(lambda tx: act(tx, BACKUP, now=home.clock.now(), actor=WHO, **how))


def fates(home: EngineHome) -> list[tuple[O, Reason | None]]:
    return [(row.state, row.reason) for row in home.rows("backup") if row.state is not O.PLANNED]


async def down_for(home: EngineHome, minutes: int, more: str = HOLD) -> None:
    """An engine that was there, and a while without one; every minute something was due."""
    home.job("backup", more=more)
    await home.stop(await home.start())
    home.clock.advance(60.0 * minutes)


async def test_it_fires_nothing_until_its_time_has_come_and_then_by_itself(home: EngineHome) -> None:
    await down_for(home, 5)
    await home.start()
    await home.until(lambda: held(home))
    found = held(home)
    assert found is not None
    assert (found.count, found.held_for, found.strategy) == (5, Reason.RECOVERY_HOLD, RecoveryStrategy.EXECUTE_LAST)
    assert found.held_until == home.clock.now() + timedelta(minutes=10)
    home.clock.advance(9 * 60.0)
    await home.quiet()
    assert fates(home) == []
    home.clock.advance(61.0)
    await home.until(lambda: home.rows("backup", O.COMPLETED), step=0.5)
    assert fates(home)[:4] == [MISSED] * 4
    assert home.rows("backup")[4].trigger is Trigger.RECOVERY
    (kept,) = gaps(home)
    assert (kept.state, kept.count, kept.outcome) == (GapState.RESOLVED, 5, {"run": 1, "missed": 4, "passed_over": 0})
    # What came due meanwhile was not missed: the engine was awake. It starts late, behind what was made up for.
    await home.until(lambda: len(home.rows("backup", O.COMPLETED)) > 9, step=0.5)
    assert {row.trigger for row in home.rows("backup", O.COMPLETED)[1:]} == {Trigger.SCHEDULE}


async def test_an_engine_that_holds_one_is_not_idle(home: EngineHome) -> None:
    await down_for(home, 5, HOLD.replace("10m", "30s"))
    node = await home.start()
    idle = asyncio.ensure_future(node.wait_until_idle())
    await home.until(lambda: held(home))
    await home.quiet()
    assert not idle.done()
    await home.until(idle.done, step=0.5)
    assert home.rows("backup", O.COMPLETED)[0].trigger is Trigger.RECOVERY


async def test_it_outlives_engines_and_its_time_does_not_begin_anew(home: EngineHome) -> None:
    await down_for(home, 5)
    node = await home.start()
    await home.until(lambda: held(home))
    first = held(home)
    home.clock.advance(30.0)
    await home.kill(node)
    assert held(home) == first
    home.clock.advance(60.0)
    await home.start()
    await home.until(lambda: (held(home) or first) != first)
    second = held(home)
    assert first is not None
    assert second is not None
    assert second.held_until == first.held_until
    assert (second.count, second.down_at) == (6, first.down_at)
    assert fates(home) == []


async def test_a_person_releases_it(home: EngineHome) -> None:
    await down_for(home, 3)
    node = await home.start()
    await home.until(lambda: held(home))
    decide(home, control.release_gap)
    node.wake()
    await home.until(lambda: home.rows("backup", O.COMPLETED), step=0.5)
    assert fates(home)[:2] == [MISSED] * 2
    with pytest.raises(Refused, match="waits for a decision"):
        decide(home, control.drop_gap)


async def test_a_person_drops_it_and_what_was_due_later_is_not_dropped_with_it(home: EngineHome) -> None:
    await down_for(home, 3)
    node = await home.start()
    await home.until(lambda: held(home))
    await home.stop(node)
    decide(home, control.drop_gap, why="the disk was away")
    home.clock.advance(120.0)
    await home.start()
    await home.until(lambda: home.rows("backup", O.COMPLETED), step=0.5)
    assert fates(home)[:4] == [DROPPED] * 3 + [MISSED]
    detail = home.rows("backup")[0].detail
    assert detail == {"by": WHO, "why": "the disk was away", "gap": instant_text(gaps(home)[0].begin_at)}


async def test_a_person_changes_the_strategy_and_keeps_only_the_newest(home: EngineHome) -> None:
    await down_for(home, 4)
    node = await home.start()
    await home.until(lambda: held(home))
    decide(home, control.change_gap, strategy=RecoveryStrategy.EXECUTE_ALL)
    changed = decide(home, control.trim_gap, newest=2)
    assert decide(home, control.trim_gap, newest=2) == changed
    assert home.kinds().count("gap_decided") == 2
    with pytest.raises(UsageError):
        decide(home, control.trim_gap, newest=0)
    assert held(home) == changed
    decide(home, control.release_gap)
    node.wake()
    await home.until(lambda: len(home.rows("backup", O.COMPLETED)) > 1, step=0.5)
    assert fates(home)[:2] == [DROPPED] * 2
    assert [row.trigger for row in home.rows("backup")[2:4]] == [Trigger.RECOVERY] * 2


async def test_a_job_that_is_stopped_has_nothing_that_waits(home: EngineHome) -> None:
    await down_for(home, 3)
    node = await home.start()
    await home.until(lambda: held(home))
    home.store.write(lambda tx: control.stop(tx, BACKUP, now=home.clock.now(), actor=WHO))
    assert held(home) is None
    home.store.write(lambda tx: control.start(tx, BACKUP, now=home.clock.now(), actor=WHO))
    node.wake()
    await home.until(lambda: home.rows("backup", O.COMPLETED), step=5.0)
    assert fates(home)[:3] == [(O.SKIPPED, Reason.STOPPED)] * 3


async def test_an_edit_of_the_instants_waits_with_it_and_another_edit_does_not(home: EngineHome) -> None:
    await down_for(home, 3)
    home.job("backup", more=HOLD + "description = 'mine'")
    node = await home.start()
    await home.until(lambda: held(home))
    assert home.kinds().count("job_published") == 2
    home.job("backup", schedule="30 * * * *", more=HOLD)
    await home.stop(node)
    await home.start()
    assert home.kinds().count("job_published") == 2
    assert held(home) is not None
    decide(home, control.release_gap)
    await home.until(lambda: home.kinds().count("job_published") == 3, step=5.0)
    assert fates(home)[:2] == [MISSED] * 2


async def test_a_long_gap_first_waits_for_a_steady_clock_and_says_so(home: EngineHome) -> None:
    await down_for(home, 90)
    node = await home.start()
    await home.until(lambda: held(home))
    waiting = held(home)
    assert waiting is not None
    assert (waiting.held_for, waiting.count) == (Reason.CLOCK_UNSTEADY, None)
    decide(home, control.release_gap)
    node.wake()
    await home.quiet()
    assert fates(home) == []
    home.clock.advance(60.0)
    await home.until(lambda: home.rows("backup", O.COMPLETED), step=0.5)
    assert gaps(home)[0].count == 90


async def test_a_clock_that_was_ahead_leaves_no_gap_that_waits(home: EngineHome) -> None:
    home.job("backup", more=HOLD)
    await home.stop(await home.start())
    home.clock.set_wall(30 * 60.0)
    await home.start()
    await home.until(lambda: held(home))
    home.clock.set_wall(-30 * 60.0)
    await home.until(lambda: home.rows("backup", O.COMPLETED), step=5.0)
    await home.until(lambda: not gaps(home), step=5.0)
    assert home.rows("backup", O.COMPLETED)[0].trigger is Trigger.SCHEDULE


async def test_an_edit_of_the_hold_counts_for_the_gap_that_waits(home: EngineHome) -> None:
    """Regression: it waited as long as the old version said, until an engine came that had not seen it."""
    await down_for(home, 3)
    await home.start()
    await home.until(lambda: held(home))
    home.job("backup", more="overlap_policy = 'queue'\n")
    await home.until(lambda: held(home) is None and len(fates(home)) >= 3, step=0.05)
    assert fates(home)[:2] == [MISSED] * 2
    assert home.clock.now() < gaps(home)[0].found_at + timedelta(minutes=5)
