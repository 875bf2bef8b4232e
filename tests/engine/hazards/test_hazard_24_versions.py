"""Hazard 24: the gate knows with which time-zone data it was planned, and which version is in force.

What several nodes with different data do is tried with the backend that has several nodes.
"""

from __future__ import annotations

import pytest

from jobistemer_tui.domain.states import OccurrenceState as S
from jobistemer_tui.engine import control
from jobistemer_tui.engine.transactions import publish as publishing
from jobistemer_tui.engine.transactions.common import Moved, the_job, write_job
from jobistemer_tui.engine.transactions.publish import Change
from jobistemer_tui.schedules.zones import zone_data_version
from jobistemer_tui.storage.tables import VERSIONS_BY_JOB
from tests.support.engine_world import World, job

NIGHTLY = job(schedule="30 2 * * *", timezone="Europe/Paris")


def test_the_gate_keeps_the_version_of_the_time_zone_data(world: World) -> None:
    world.publish(NIGHTLY)
    assert world.the_job(NIGHTLY).timezone_data == zone_data_version() != ""


def test_other_time_zone_data_plan_anew_and_say_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.publish(NIGHTLY)
    before = world.planned(NIGHTLY)
    world.run(control.skip_next, NIGHTLY.id, now=world.now, actor="ann")
    was = world.the_job(NIGHTLY).timezone_data
    monkeypatch.setattr(publishing, "zone_data_version", lambda: "2099z")
    assert world.publish(NIGHTLY).change is Change.UNCHANGED
    found = world.the_job(NIGHTLY)
    assert (found.timezone_data, found.version) == ("2099z", 1)
    (event,) = world.events("timezone_data_changed")
    assert (event.detail["was"], event.detail["is"]) == (was, "2099z")
    after = world.planned(NIGHTLY)
    assert (after.id, after.reason) == (before.id, world.occurrence(before).reason), "the same instant keeps its mark"
    world.publish(NIGHTLY)
    assert len(world.events("timezone_data_changed")) == 1, "it is said once"


def test_a_revert_is_a_new_version_and_old_ones_stay(world: World) -> None:
    other = job(schedule="30 3 * * *", timezone="Europe/Paris")
    for definition in (NIGHTLY, other, NIGHTLY):
        world.publish(definition)
        world.later(minutes=1)
    assert world.the_job(NIGHTLY).version == 3
    rows = world.raw.read(lambda reader: reader.scan(VERSIONS_BY_JOB, NIGHTLY.id))
    assert [row.number for row in rows] == [1, 2, 3]
    assert rows[0].content_hash == rows[2].content_hash != rows[1].content_hash


def test_of_two_writers_of_the_gate_the_stale_one_is_refused(world: World) -> None:
    world.publish(NIGHTLY)
    stale = world.the_job(NIGHTLY)
    world.publish(job(schedule="30 3 * * *", timezone="Europe/Paris"))
    with pytest.raises(Moved):
        world.run(write_job, stale, stale)
    assert world.run(the_job, NIGHTLY.id).version == 2


def test_a_run_that_waits_takes_the_version_in_force_when_it_is_claimed(world: World) -> None:
    first = job(schedule="* * * * *")
    world.slots = 0
    world.publish(first)
    waiting = world.handle_next(first)
    assert (waiting.state, waiting.version) == (S.PENDING, 1)
    world.publish(job(schedule="* * * * *", description="another"))
    world.slots = 8
    world.claim(waiting)
    assert (world.occurrence(waiting).state, world.occurrence(waiting).version) == (S.RUNNING, 2)
