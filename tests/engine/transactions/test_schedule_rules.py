"""What a schedule leaves out, puts off and waits for, as rows of the store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from jobistemer_tui.domain.records import Boot
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine.host import machine_id
from jobistemer_tui.engine.introduce import note_boot
from jobistemer_tui.engine.planner import jitter_of
from jobistemer_tui.engine.transactions.publish import plan_missing
from jobistemer_tui.storage.tables import BOOTS_BY_MACHINE
from tests.support.engine_world import START, World, job


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_an_excluded_instant_is_skipped_with_its_rule_and_the_next_one_runs(world: World) -> None:
    definition = job(schedule={"cron": "0 6 * * *", "exclude": ["2026-03-02", "* * * * wed"]})
    world.publish(definition)
    planned = world.planned(definition)
    assert (planned.scheduled_at, planned.reason) == (utc("2026-03-02T06:00"), Reason.EXCLUDED)
    first, second, third = (world.handle_next(definition) for _ in range(3))
    assert (first.state, first.reason, first.detail) == (
        O.SKIPPED,
        Reason.EXCLUDED,
        {"rule": "excluded: 2026-03-02"},
    )
    assert first.started_at is None
    assert (second.scheduled_at, second.state) == (utc("2026-03-03T06:00"), O.RUNNING)
    assert (third.state, third.reason) == (O.SKIPPED, Reason.EXCLUDED)
    assert third.detail == {"rule": "excluded: every minute on Wednesday, UTC time"}


def test_what_a_change_of_the_clock_drops_is_skipped_with_its_rule(world: World) -> None:
    definition = job(schedule={"cron": "30 2 * * *", "dst_gap": "skip"}, timezone="Europe/Paris")
    world.now = utc("2026-03-28T12:00")
    world.publish(definition)
    dropped, following = world.handle_next(definition), world.handle_next(definition)
    assert (dropped.scheduled_at, dropped.state, dropped.reason) == (utc("2026-03-29T01:00"), O.SKIPPED, Reason.DST)
    assert dropped.detail == {"rule": "02:30 does not exist on 2026-03-29 in Europe/Paris"}
    assert (following.scheduled_at, following.state) == (utc("2026-03-30T00:30"), O.RUNNING)


def test_the_second_pass_of_a_repeated_hour_is_skipped_one_by_one(world: World) -> None:
    definition = job(schedule="0,30 2 * * *", timezone="Europe/Paris", overlap_policy="allow")
    world.now = utc("2026-10-24T12:00")
    world.publish(definition)
    fates = [world.handle_next(definition) for _ in range(5)]
    assert [(f"{row.scheduled_at:%dT%H:%M}", row.state, row.reason) for row in fates] == [
        ("25T00:00", O.RUNNING, None),
        ("25T00:30", O.RUNNING, None),
        ("25T01:00", O.SKIPPED, Reason.DST),
        ("25T01:30", O.SKIPPED, Reason.DST),
        ("26T01:00", O.RUNNING, None),
    ]


def test_after_a_gap_what_was_left_out_is_skipped_and_not_recovered(world: World) -> None:
    definition = job(schedule={"cron": "0 6 * * *", "exclude": ["2026-03-04/2026-03-05"]})
    world.publish(definition)
    world.now = utc("2026-03-05T12:00")
    recovered = world.resolve(definition)
    assert recovered is not None
    assert recovered.scheduled_at == utc("2026-03-03T06:00")
    rows = {f"{row.scheduled_at:%d}": (row.state, row.reason) for row in world.rows(definition)}
    assert rows["02"] == (O.MISSED, Reason.DOWNTIME)
    assert rows["04"] == rows["05"] == (O.SKIPPED, Reason.EXCLUDED)
    assert world.planned(definition).scheduled_at == utc("2026-03-06T06:00")


def test_an_edit_of_the_exclusions_says_anew_what_is_left_out(world: World) -> None:
    world.publish(job(schedule="0 6 * * *"))
    definition = job(schedule={"cron": "0 6 * * *", "exclude": ["2026-03-02"]})
    before = world.planned(definition)
    world.publish(definition)
    marked = world.planned(definition)
    assert (before.reason, marked.id, marked.reason) == (None, before.id, Reason.EXCLUDED)
    world.publish(job(schedule="0 6 * * *"))
    assert world.planned(definition).reason is None


@pytest.mark.parametrize("jitter", ["30s", "10m"])
def test_a_jitter_starts_later_by_the_same_amount_on_every_node(world: World, jitter: str) -> None:
    definition = job(schedule={"cron": "0 6 * * *", "jitter": jitter})
    world.publish(definition)
    row = world.planned(definition)
    assert row.scheduled_at == row.due_at == utc("2026-03-02T06:00")
    world.now = row.due_at
    world.handle(row, world.other)
    held = world.occurrence(row)
    most = timedelta(seconds=30) if jitter == "30s" else timedelta(minutes=10)
    delay = jitter_of(row.id, most, row.scheduled_at, row.scheduled_at + timedelta(days=1))
    assert timedelta(0) < delay < most
    assert (held.state, held.reason, held.scheduled_at) == (O.PENDING, Reason.JITTER, row.scheduled_at)
    assert held.due_at == row.scheduled_at + delay
    world.now = held.due_at
    world.claim(held)
    assert world.occurrence(row).state is O.RUNNING
    assert world.planned(definition).scheduled_at == utc("2026-03-03T06:00")


def boot(world: World, number: int) -> None:
    world.run(note_boot, machine_id=machine_id(), boot_id=f"boot {number}", now=world.now)


def test_reboot_runs_once_for_each_start_of_this_machine(world: World) -> None:
    definition = job(schedule="@reboot")
    world.publish(definition)
    assert world.rows(definition) == []
    assert not world.the_job(definition).finished
    boot(world, 1)
    assert world.run(plan_missing, world.me, definition.id, world.now)
    first = world.handle_next(definition)
    assert (first.scheduled_at, first.state) == (START + timedelta(seconds=1), O.RUNNING)
    assert not world.the_job(definition).finished
    # Another engine on the same boot, later: the start is known already.
    world.later(hours=1)
    boot(world, 1)
    before = world.the_job(definition)
    assert not world.run(plan_missing, world.me, definition.id, world.now)
    assert world.the_job(definition) == before
    assert len(world.rows(definition)) == 1
    world.later(days=1)
    boot(world, 2)
    assert world.run(plan_missing, world.me, definition.id, world.now)
    assert world.planned(definition).scheduled_at == world.now + timedelta(seconds=1)


def test_a_job_that_appears_later_waits_for_the_next_start(world: World) -> None:
    boot(world, 1)
    world.later(hours=1)
    definition = job(schedule=["@reboot", "0 6 * * *"])
    world.publish(definition)
    assert world.planned(definition).scheduled_at == utc("2026-03-03T06:00")
    world.later(hours=1)
    boot(world, 2)
    world.publish(job(schedule="@reboot"))
    assert [row.scheduled_at for row in world.rows(definition)] == [world.now + timedelta(seconds=1)]


def test_the_start_of_another_machine_counts_for_nothing_here(world: World) -> None:
    world.run(note_boot, machine_id="another", boot_id="boot 1", now=world.now)
    definition = job(schedule="@reboot")
    world.publish(definition)
    assert not world.run(plan_missing, world.me, definition.id, world.now)
    known: list[Boot] = world.raw.read(lambda reader: reader.scan(BOOTS_BY_MACHINE, "another"))
    assert [each.at for each in known] == [START + timedelta(seconds=1)]


@pytest.mark.parametrize(
    ("more", "state", "reason"),
    [
        ({}, O.MISSED, Reason.TOO_LATE),
        ({"jitter": "5m"}, O.MISSED, Reason.TOO_LATE),
        ({"exclude": ["2026-03-02"]}, O.SKIPPED, Reason.EXCLUDED),
    ],
)
@pytest.mark.parametrize("listed", [False, True])
def test_a_single_time_that_is_past_has_a_fate_whatever_stands_around_it(
    world: World, more: dict[str, object], state: O, reason: Reason, listed: bool
) -> None:
    once = {"once": "2026-03-02T04:00", **more}
    definition = job(schedule=[once] if listed else once)
    world.publish(definition)
    (row,) = world.rows(definition)
    if row.state is O.PLANNED:
        world.handle(row)
    fate = world.occurrence(row)
    assert (fate.scheduled_at, fate.state, fate.reason) == (utc("2026-03-02T04:00"), state, reason)
    assert world.the_job(definition).finished
