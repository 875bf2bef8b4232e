"""Hazard 14: a version that a clock ahead has published is in force since that clock was set right, at the latest."""

from __future__ import annotations

from datetime import timedelta

import pytest

from jobistemer_tui.engine import control, recovery
from jobistemer_tui.engine.backfill import Act
from jobistemer_tui.engine.transactions.pull_back import pull_back
from jobistemer_tui.storage.tables import RANGES_BY_JOB, VERSIONS_BY_JOB
from tests.support.engine_world import World, job


def test_a_range_is_of_the_version_in_force_though_a_clock_ahead_has_published_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: a backfill took the version before for it, and ran anew what was missed already."""
    monkeypatch.setattr(recovery, "MAX_ROWS", 5)
    truth = world.now
    definition = job(schedule="0 0 1 1 *")
    world.publish(definition)
    world.later(days=40)
    world.publish(job(schedule="* * * * *", recovery_strategy="mark-as-missed"))
    world.now = truth + timedelta(minutes=10)
    assert world.run(pull_back, world.me, definition.id, world.now)
    begin = world.now
    world.later(minutes=30)
    world.resolve(definition)
    (missed,) = world.raw.read(lambda reader: reader.scan(RANGES_BY_JOB, definition.id))
    middle = begin + timedelta(minutes=10)
    plan = world.raw.read(
        lambda reader: control.plan_backfill(reader, definition.id, middle, middle + timedelta(minutes=2), world.now)
    )
    assert [step.act for step in plan.steps] == [Act.REPLAY, Act.REPLAY]
    assert sum(part.count for _, parts in plan.splits for part in parts) == missed.count - 2
    versions = world.raw.read(lambda reader: reader.scan(VERSIONS_BY_JOB, definition.id))
    assert [version.published_at for version in versions] == [truth, begin]
    assert world.the_job(definition).published_at == begin
