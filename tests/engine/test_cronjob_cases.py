"""The cases of the Kubernetes CronJob controller's table test, put to our engine.

After `pkg/controller/cronjob/cronjob_controllerv2_test.go` of Kubernetes, whose names the rows keep: A, F and R are its
concurrency policies Allow, Forbid and Replace (ours: allow, skip, replace), "suspended" is a pause, a deadline is
`start_deadline`, a create is a process that is started, a delete one that is told to stop. Where it deletes the old
run and creates the new one at once, ours starts the new one only when the old one's processes are gone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.records import JobVersion
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.engine import control
from jobistemer_tui.storage.contract import Store
from jobistemer_tui.storage.open import open_store
from jobistemer_tui.storage.tables import JOB_VERSIONS, OCCURRENCES, OCCURRENCES_BY_JOB_STATE
from tests.support.engine_world import OTHER, START, World, job
from tests.support.fake_supervisor import FakeSupervisor
from tests.support.manual_clock import ManualClock
from tests.support.turning_engine import TurningEngine

POLICIES = {"A": "allow", "F": "skip", "R": "replace"}
HOUR = 3600.0


@dataclass(frozen=True)
class Case:
    """One row: what the job has behind it, which moment it is, and what a sync must do then.

    `fate` is state and reason of the instant that the moment is about, `active` how many runs are live afterwards.
    """

    past: str
    moment: str
    policy: str
    creates: int
    deletes: int
    fate: str
    active: int

    @property
    def name(self) -> str:
        return f"{self.past}, {self.moment}, {self.policy}"


NEVER, RAN, ACTIVE = "never ran", "prev ran but done", "still active"
NOT_TIME, TIME, SUSPENDED = "not time", "is time", "is time, suspended"
PAST, WITHIN = "is time, past deadline", "is time, not past deadline"

TABLE = [
    Case(NEVER, NOT_TIME, "A", 0, 0, "planned", 0),
    Case(NEVER, NOT_TIME, "F", 0, 0, "planned", 0),
    Case(NEVER, NOT_TIME, "R", 0, 0, "planned", 0),
    Case(NEVER, TIME, "A", 1, 0, "running", 1),
    Case(NEVER, TIME, "F", 1, 0, "running", 1),
    Case(NEVER, TIME, "R", 1, 0, "running", 1),
    Case(NEVER, SUSPENDED, "A", 0, 0, "skipped paused", 0),
    Case(NEVER, SUSPENDED, "F", 0, 0, "skipped paused", 0),
    Case(NEVER, SUSPENDED, "R", 0, 0, "skipped paused", 0),
    Case(NEVER, PAST, "A", 0, 0, "missed too_late", 0),
    Case(NEVER, PAST, "F", 0, 0, "missed too_late", 0),
    Case(NEVER, PAST, "R", 0, 0, "missed too_late", 0),
    Case(NEVER, WITHIN, "A", 1, 0, "running overloaded", 1),
    Case(NEVER, WITHIN, "F", 1, 0, "running overloaded", 1),
    Case(NEVER, WITHIN, "R", 1, 0, "running overloaded", 1),
    Case(RAN, NOT_TIME, "A", 0, 0, "planned", 0),
    Case(RAN, NOT_TIME, "F", 0, 0, "planned", 0),
    Case(RAN, NOT_TIME, "R", 0, 0, "planned", 0),
    Case(RAN, TIME, "A", 1, 0, "running", 1),
    Case(RAN, TIME, "F", 1, 0, "running", 1),
    Case(RAN, TIME, "R", 1, 0, "running", 1),
    Case(RAN, SUSPENDED, "A", 0, 0, "skipped paused", 0),
    Case(RAN, SUSPENDED, "F", 0, 0, "skipped paused", 0),
    Case(RAN, SUSPENDED, "R", 0, 0, "skipped paused", 0),
    Case(RAN, PAST, "A", 0, 0, "missed too_late", 0),
    Case(RAN, PAST, "F", 0, 0, "missed too_late", 0),
    Case(RAN, PAST, "R", 0, 0, "missed too_late", 0),
    Case(RAN, WITHIN, "A", 1, 0, "running overloaded", 1),
    Case(RAN, WITHIN, "F", 1, 0, "running overloaded", 1),
    Case(RAN, WITHIN, "R", 1, 0, "running overloaded", 1),
    Case(ACTIVE, NOT_TIME, "A", 0, 0, "planned", 1),
    Case(ACTIVE, NOT_TIME, "F", 0, 0, "planned", 1),
    Case(ACTIVE, NOT_TIME, "R", 0, 0, "planned", 1),
    Case(ACTIVE, TIME, "A", 1, 0, "running", 2),
    Case(ACTIVE, TIME, "F", 0, 0, "skipped overlap", 1),
    Case(ACTIVE, TIME, "R", 1, 1, "running", 1),
    Case(ACTIVE, SUSPENDED, "A", 0, 0, "skipped paused", 1),
    Case(ACTIVE, SUSPENDED, "F", 0, 0, "skipped paused", 1),
    Case(ACTIVE, SUSPENDED, "R", 0, 0, "skipped paused", 1),
    Case(ACTIVE, PAST, "A", 0, 0, "missed too_late", 1),
    Case(ACTIVE, PAST, "F", 0, 0, "missed too_late", 1),
    Case(ACTIVE, PAST, "R", 0, 0, "missed too_late", 1),
    Case(ACTIVE, WITHIN, "A", 1, 0, "running overloaded", 2),
    Case(ACTIVE, WITHIN, "F", 0, 0, "skipped overlap", 1),
    Case(ACTIVE, WITHIN, "R", 1, 1, "running", 1),
]
assert len({case.name for case in TABLE}) == 45


class Cluster:
    """A store in memory, an engine of it, and what that has started and told to stop."""

    def __init__(self, store: Store) -> None:
        self.clock = ManualClock(START)
        self.world = World(store)
        self.supervisor = FakeSupervisor()
        self.engines: list[TurningEngine] = []

    def publish(self, policy: str = "A", **values: Any) -> JobDefinition:
        """An hourly job; its first instant is 06:00, an hour less half a minute ahead."""
        definition = job(**{"schedule": "0 * * * *", "overlap_policy": POLICIES[policy], **values})
        self.world.now = self.clock.now()
        self.world.publish(definition)
        return definition

    async def start(self) -> TurningEngine:
        """A new engine; the one before is gone."""
        self.engines.append(TurningEngine(self.world.store, self.clock, self.supervisor))
        await self.engines[-1].begin()
        return self.engines[-1]

    async def at(self, definition: JobDefinition) -> None:
        """Go to the job's next instant."""
        self.clock.advance((self.world.planned(definition).due_at - self.clock.now()).total_seconds())

    @property
    def creates(self) -> int:
        return len(self.supervisor.orders)

    @property
    def deletes(self) -> int:
        return len(self.supervisor.cancelled)

    def fates(self, definition: JobDefinition) -> Counter[str]:
        """How many occurrences have which state and reason."""
        rows = self.world.rows(definition)
        return Counter(row.state + (f" {row.reason}" if row.reason else "") for row in rows)

    def active(self, definition: JobDefinition) -> int:
        return len(self.world.rows(definition, O.RUNNING, O.CANCELING, O.PENDING))


@pytest.fixture
async def cluster() -> AsyncIterator[Cluster]:
    made = Cluster(open_store("memory:"))
    yield made
    for engine in made.engines:
        await engine.close()


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case.name)
async def test_case(cluster: Cluster, case: Case) -> None:
    deadline = {PAST: 10.0, WITHIN: 300.0}.get(case.moment)
    definition = cluster.publish(case.policy, **({} if deadline is None else {"start_deadline": deadline}))
    engine = await cluster.start()
    old = await behind(cluster, engine, definition, case.past)
    if case.moment == NOT_TIME:
        cluster.clock.advance(HOUR / 2)
    else:
        await cluster.at(definition)
    instant = cluster.world.planned(definition)
    if case.moment == SUSPENDED:
        since = cluster.clock.now() - timedelta(minutes=1)
        cluster.world.run(control.pause, definition.id, now=since, until=None, reason=None, actor="me")
    if deadline is not None:
        cluster.clock.advance(60.0)
    creates, deletes = cluster.creates, cluster.deletes
    await engine.sync()
    assert cluster.deletes - deletes == case.deletes
    if case.deletes and old is not None:
        assert cluster.creates == creates, "the new run waits for the old one's processes"
        assert cluster.world.occurrence(instant).state is O.QUEUED
        await engine.end(old)
        await engine.sync()
    found = cluster.world.occurrence(instant)
    assert cluster.creates - creates == case.creates
    assert found.state + (f" {found.reason}" if found.reason else "") == case.fate
    assert cluster.active(definition) == case.active
    before = cluster.world.snapshot()
    await engine.sync()
    assert cluster.world.snapshot() == before, "a second sync changes nothing"


async def behind(cluster: Cluster, engine: TurningEngine, definition: JobDefinition, past: str) -> Any:
    """Bring about what a job has behind it; gives the id of the run that is active, if any."""
    if past == NEVER:
        return None
    await cluster.at(definition)
    row = cluster.world.planned(definition)
    await engine.sync()
    if past == RAN:
        await engine.end(row.id)
        assert cluster.world.occurrence(row).state is O.COMPLETED
        return None
    return row.id


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize(
    ("what", "change"), [("schedule", {"schedule": "61 * * * *"}), ("time zone", {"timezone": "No/Where"})]
)
async def test_never_ran_not_valid(cluster: Cluster, policy: str, what: str, change: dict[str, Any]) -> None:
    """A stored schedule that cannot be read any more: one warning, however often it is looked at, and no creates."""
    definition = cluster.publish(policy)
    broken = replace(definition, **change)

    def corrupt(tx: Any) -> None:
        for row in tx.scan(OCCURRENCES_BY_JOB_STATE, definition.id, O.PLANNED):
            tx.delete(OCCURRENCES, row.id)
        version: JobVersion = tx.get(JOB_VERSIONS, definition.id, 1)
        assert tx.replace(JOB_VERSIONS, version, replace(version, definition=broken.to_json()))

    cluster.world.run(corrupt)
    engine = await cluster.start()
    for _ in range(3):
        cluster.clock.advance(HOUR)
        await engine.sync()
        await engine.sweep()
    assert cluster.creates == 0
    assert len(cluster.world.events("job_quarantined")) == 1
    assert cluster.world.the_job(definition).error is not None


@pytest.mark.parametrize("policy", POLICIES)
async def test_prev_ran_but_done_long_overdue_no_deadline(cluster: Cluster, policy: str) -> None:
    """A week without an engine: exactly one create, and one recorded fate for each of the others."""
    definition = cluster.publish(policy)
    engine = await cluster.start()
    row = cluster.world.planned(definition)
    await cluster.at(definition)
    await engine.sync()
    await engine.end(row.id)
    cluster.clock.advance(7 * 24 * HOUR + HOUR / 2)
    later = await cluster.start()
    await later.sync()
    cluster.clock.advance(61)
    await later.sync()
    assert cluster.creates == 2
    assert cluster.fates(definition) == {"completed": 1, "missed downtime": 167, "running": 1, "planned": 1}


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize(
    ("deadline", "creates"), [(60.0, 0), (2 * HOUR, 1)], ids=["past short deadline", "past medium deadline"]
)
async def test_prev_ran_but_done_long_overdue(cluster: Cluster, policy: str, deadline: float, creates: int) -> None:
    """The newest instant is half an hour old when the engine comes."""
    definition = cluster.publish(policy, start_deadline=deadline)
    await cluster.at(definition)
    cluster.clock.advance(7 * 24 * HOUR + HOUR / 2)
    engine = await cluster.start()
    await engine.sync()
    cluster.clock.advance(61)
    await engine.sync()
    assert cluster.creates == creates
    fates = cluster.fates(definition)
    assert fates["missed downtime"] == 168
    assert fates["running" if creates else "missed too_late"] == 1


@pytest.mark.parametrize("policy", POLICIES)
async def test_this_ran_but_done_time_drifted_back(cluster: Cluster, policy: str) -> None:
    """The clock is set back over an instant that was handled: nothing is created twice."""
    definition = cluster.publish(policy)
    engine = await cluster.start()
    row = cluster.world.planned(definition)
    await cluster.at(definition)
    await engine.sync()
    await engine.end(row.id)
    cluster.clock.set_wall(-HOUR / 2)
    for _ in range(4):
        await engine.sync()
        await engine.sweep()
        cluster.clock.advance(HOUR / 4 - 1)
    assert cluster.clock.now() > row.scheduled_at
    assert cluster.creates == 1
    assert cluster.fates(definition) == {"completed": 1, "planned": 1}


async def test_a_stale_view_of_the_job_creates_nothing(cluster: Cluster) -> None:
    """Two engines have seen the same row as due; the second one finds it handled."""
    definition = cluster.publish("F")
    engine, row = await cluster.start(), cluster.world.planned(definition)
    await cluster.at(definition)
    await engine.sync()
    cluster.world.now = cluster.clock.now()
    handled = cluster.world.handle(row, cluster.world.other)
    assert handled.occurrence is None
    assert cluster.creates == 1


async def test_a_stale_list_of_what_is_active_creates_nothing(cluster: Cluster) -> None:
    """What is active is counted in the store, also what an engine of which this one knows nothing has started."""
    definition = cluster.publish("F")
    await cluster.at(definition)
    cluster.world.now = cluster.clock.now()
    first = cluster.world.planned(definition)
    cluster.world.handle(first, cluster.world.other)
    assert cluster.world.occurrence(first).owner == OTHER
    engine = await cluster.start()
    await cluster.at(definition)
    await engine.sync()
    assert cluster.creates == 0
    assert cluster.fates(definition) == {"running": 1, "skipped overlap": 1, "planned": 1}


@pytest.mark.parametrize(("hour", "creates"), [(7, 1), (6, 0)], ids=["is time in zone", "not time in zone"])
async def test_never_ran_time_zone(cluster: Cluster, hour: int, creates: int) -> None:
    """At 06:00 UTC it is 07:00 in Paris."""
    cluster.publish("A", schedule=f"0 {hour} * * *", timezone="Europe/Paris")
    engine = await cluster.start()
    cluster.clock.advance(HOUR - 30)
    await engine.sync()
    assert cluster.creates == creates


async def test_suspended_long_enough_and_resumed_makes_up_for_nothing(cluster: Cluster) -> None:
    """A job that was paused for a week goes on with the next instant (kubernetes#45825)."""
    definition = cluster.publish("F")
    engine = await cluster.start()
    cluster.world.run(control.pause, definition.id, now=cluster.clock.now(), until=None, reason=None, actor="me")
    for _ in range(24 * 7):
        await cluster.at(definition)
        await engine.sync()
    cluster.world.run(control.resume, definition.id, now=cluster.clock.now(), actor="me")
    await engine.sync()
    assert cluster.creates == 0
    await cluster.at(definition)
    await engine.sync()
    assert cluster.creates == 1
    assert cluster.fates(definition) == {"skipped paused": 168, "running": 1, "planned": 1}
