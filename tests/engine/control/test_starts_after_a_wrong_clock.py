"""Hazard 14: a job that is started right after a clock was set back is planned as if that had never been ahead."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.engine import recovery
from jobistemer_tui.engine.ticker import Ticker
from jobistemer_tui.engine.transactions.pull_back import RELEASED
from jobistemer_tui.storage.tables import RANGES_BY_JOB
from tests.support.engine_world import World, job
from tests.support.world_ticker import ticker_of


def test_it_does_not_wait_for_an_instant_that_a_clock_ahead_has_reckoned(world: World) -> None:
    """Regression: edited under `graceful` by a clock a year ahead, stopped and started, it rested for a year."""
    truth = world.now
    world.later(days=365)
    world.publish(job(schedule="0 * * * *"))
    definition = job(schedule="*/5 * * * *", update_policy="graceful")
    world.publish(definition)
    ticker_of(world, definition).stop()
    world.now = truth
    ticker_of(world, definition).start()
    assert world.planned(definition).scheduled_at <= truth + timedelta(minutes=5)
    assert [event.kind for event in world.events()][-2:] == ["clock_went_back", "job_started"]


@pytest.mark.parametrize("begin_again", [Ticker.start, Ticker.undo])
def test_what_a_clock_ahead_has_skipped_as_stopped_is_still_to_come(
    world: World, begin_again: Callable[[Ticker], object]
) -> None:
    """Regression: instants that had passed by the wrong clock stayed skipped."""
    truth = world.now
    definition = job()
    world.publish(definition)
    world.later(minutes=30)
    ticker_of(world, definition).stop()
    world.now = truth
    begin_again(ticker_of(world, definition))
    assert world.rows(definition, O.PLANNED)[0].scheduled_at == truth + timedelta(seconds=30)
    assert not world.rows(definition, O.SKIPPED)


def test_an_instant_of_a_range_is_not_planned_beside_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Regression: the range that a stop by a clock ahead had left stayed, and its instants got rows as well."""
    monkeypatch.setattr(recovery, "MAX_ROWS", 50)
    definition = job(schedule={"interval": "PT1S"})
    world.publish(definition)
    truth = world.now
    world.later(minutes=5)
    ticker_of(world, definition).stop()
    world.now = truth + timedelta(seconds=60)
    ticker_of(world, definition).start()
    ranges = world.store.read(lambda reader: reader.scan(RANGES_BY_JOB, definition.id))
    assert [(found.to_at, found.count) for found in ranges] == [(world.now, 59)], "but for the one with a row"


def test_a_hand_over_that_was_reckoned_right_stays(world: World) -> None:
    """Two minutes are left alone: the clocks of several hosts differ."""
    world.publish(job(schedule="0 * * * *"))
    definition = job(schedule="*/5 * * * *", update_policy="graceful")
    hands_over_at = world.publish(definition).job.hands_over_at
    assert hands_over_at is not None
    ticker_of(world, definition).stop()
    world.now -= timedelta(seconds=100)
    ticker_of(world, definition).start()
    assert world.planned(definition).scheduled_at == hands_over_at
    assert world.events("clock_went_back") == []


def test_a_clock_that_is_wrong_itself_takes_nothing_back(world: World) -> None:
    definition = job()
    world.publish(definition)
    world.later(minutes=3)
    ticker_of(world, definition).stop()
    skipped = world.rows(definition, O.SKIPPED)
    world.now = RELEASED - timedelta(days=1)
    ticker_of(world, definition).start()
    assert world.rows(definition, O.SKIPPED) == skipped
    assert world.events("clock_went_back") == []
