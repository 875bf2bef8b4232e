"""Who waits behind a gap that any engine holds: what lies in or after it, while it waits for a person or a clock."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from jobistemer_tui.domain.records import GapState, JobGap
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine.transactions.hold_gap import awake_since, waits_behind_gap
from jobistemer_tui.storage.tables import JOB_GAPS
from tests.support.engine_world import World, job

PERSON, CLOCK = Reason.RECOVERY_HOLD, Reason.CLOCK_UNSTEADY


def held(world: World, *, begin: float, found: float, until: float, held_for: Reason, choice: Any) -> JobGap:
    """A gap of the job; the times are seconds from its next instant."""
    at = world.planned(job()).scheduled_at
    begin_at, found_at, held_until = (at + timedelta(seconds=one) for one in (begin, found, until))
    return JobGap(job().id, begin_at, GapState.HELD, Reason.DOWNTIME, found_at, found_at, held_until=held_until,
                  held_for=held_for, choice=choice)  # fmt: skip


@pytest.mark.parametrize(
    ("begin", "found", "until", "held_for", "choice", "waits"),
    [
        pytest.param(0, 60, 600, PERSON, {}, True, id="in it"),
        pytest.param(-60, 60, 600, PERSON, {}, False, id="after one that has its fate"),
        pytest.param(60, 60, 600, PERSON, {}, False, id="before it"),
        pytest.param(0, 91, 600, PERSON, {}, False, id="found by a clock ahead"),
        pytest.param(0, 60, 90, PERSON, {}, False, id="over"),
        pytest.param(0, 60, 600, PERSON, {"released": True}, False, id="decided"),
        pytest.param(0, 60, 600, PERSON, {"strategy": "execute-all"}, True, id="changed"),
        pytest.param(0, 60, 150, CLOCK, {"released": True}, True, id="the clock, whatever is decided"),
        pytest.param(0, 60, 151, CLOCK, {}, False, id="the clock, longer than that takes"),
    ],
)
def test_what_waits(
    world: World, begin: float, found: float, until: float, held_for: Reason, choice: Any, *, waits: bool
) -> None:
    world.publish(job())
    instant = world.planned(job()).scheduled_at
    gap = held(world, begin=begin, found=found, until=until, held_for=held_for, choice=choice)
    world.now = instant
    assert world.run(lambda tx: tx.insert(JOB_GAPS, gap))
    gate, now = world.the_job(job()), instant + timedelta(seconds=90)
    assert world.raw.read(lambda reader: waits_behind_gap(reader, gate, instant, now)) is waits


@pytest.mark.parametrize(("found", "is_known"), [(60, True), (61, False)])
def test_since_when_an_engine_was_awake_is_not_known_from_a_clock_ahead(
    world: World, found: float, *, is_known: bool
) -> None:
    world.publish(job())
    gap = held(world, begin=0, found=found, until=600, held_for=PERSON, choice={})
    now = world.planned(job()).scheduled_at + timedelta(seconds=60)
    assert awake_since(gap, now) == (gap.awake_at if is_known else None)
