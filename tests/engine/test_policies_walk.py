"""A random walk over jobs that share groups, slots and processes: no limit is ever passed, whatever waits says why, and
in the end everything has ended."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest

from jobistemer_tui.domain.job import JobDefinition, RunWhen
from jobistemer_tui.domain.records import Attempt, Occurrence
from jobistemer_tui.domain.states import OPEN_OCCURRENCES, OWNED_OCCURRENCES, Who
from jobistemer_tui.domain.states import AttemptState as A
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.domain.states import TaskRunState as T
from jobistemer_tui.domain.task_run_moves import AttemptEnd
from jobistemer_tui.engine import control
from jobistemer_tui.engine.line import next_in_line
from jobistemer_tui.engine.transactions.advance import advance, start_retry, stop_or_expire
from jobistemer_tui.engine.transactions.places import free_places
from jobistemer_tui.engine.transactions.takeover import Evidence, reap
from jobistemer_tui.engine.transactions.wake import wake_queue
from jobistemer_tui.errors import Refused
from jobistemer_tui.storage.memory import MemoryStore
from jobistemer_tui.storage.tables import ATTEMPTS_BY_ID, OCCURRENCES_BY_ID
from tests.support.engine_world import ME, World, job, task

GROUP_LIMITS = {"disk": 1, "net": 2}
POLICIES: dict[str, tuple[Any, ...]] = {
    "overlap_policy": ("skip", "allow", "queue", "replace"),
    "max_active": (1, 2),
    "queue_limit": (0, 1, 3),
    "priority": (-1, 0, 1),
    "group": (None, "disk", "net"),
    "failure_strategy": ("fail-fast", "continue"),
    "max_parallel_tasks": (1, 2),
    "retry_policy.max_retries": (0, 2),
    "on_lost": ("fail", "rerun"),
}
STEPS = ("due", "trigger", "force", "end", "end", "cancel", "lose", "edit", "wait", "turn")


def definition(name: str, chance: random.Random) -> JobDefinition:
    values = {key: chance.choice(words) for key, words in POLICIES.items()}
    group = values.pop("group")
    if group is not None:
        values |= {"concurrency_group": group, "concurrency_group.limit": GROUP_LIMITS[group]}
    tasks = (task("a"), task("b"), task("c", "a"), task("z", "b", "c", run_when=RunWhen.ALWAYS))
    return job(*tasks, name=name, **values)


class Walk:
    """The world, an engine's turns reduced to their transactions, and what must hold after each step."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        slots, processes = self.chance.randint(1, 3), self.chance.randint(1, 4)
        self.world = World(MemoryStore(), slots=slots, processes=processes)
        self.jobs = [definition(f"job-{number}", self.chance) for number in range(self.chance.randint(1, 3))]
        self.requests = 0
        for item in self.jobs:
            self.world.publish(item)

    def occurrences(self, *states: O) -> list[Occurrence]:
        rows = self.world.raw.read(lambda reader: reader.scan(OCCURRENCES_BY_ID))
        return [row for row in rows if not states or row.state in states]

    def attempts(self, state: A) -> list[Attempt]:
        rows = self.world.raw.read(lambda reader: reader.scan(ATTEMPTS_BY_ID))
        return [attempt for attempt in rows if attempt.state is state]

    def turn(self) -> None:
        """What one turn of an engine does."""
        world = self.world
        for row in self.occurrences(*OWNED_OCCURRENCES):
            world.run(stop_or_expire, world.me, row.id, world.now)
        for attempt in sorted(self.attempts(A.PLANNED), key=lambda one: (one.not_before, one.id)):
            world.run(start_retry, world.me, attempt.id, world.now)
        free = world.raw.read(lambda reader: free_places(reader, world.me, world.now))
        most = min(free.occurrences, free.attempts)
        for row in world.raw.read(lambda r: next_in_line(r, world.now, wanted=lambda _: True, most=most)):
            world.claim(row)
        for item in self.jobs:
            world.run(wake_queue, item.id, item, Who.SWEEP, "me", world.now)

    def end_one(self, *outcomes: A) -> None:
        running = self.attempts(A.RUNNING)
        if running:
            attempt = self.chance.choice(running)
            end = AttemptEnd(self.chance.choice(outcomes), None, self.world.now)
            self.world.run(advance, self.world.me, attempt.id, end, self.world.now)

    def lose_one(self) -> None:
        """An engine is gone and nobody knows what became of the tries of one occurrence."""
        owned = self.occurrences(*OWNED_OCCURRENCES)
        if owned:
            row = self.chance.choice(owned)
            lost = frozenset(one.id for one in self.attempts(A.RUNNING) if one.occurrence_id == row.id)
            self.world.run(reap, self.world.other, row.id, Evidence(ME, row.epoch, lost, frozenset()), self.world.now)

    def step(self) -> None:
        world, chance = self.world, self.chance
        item = chance.choice(self.jobs)
        match chance.choice(STEPS):
            case "due":
                world.handle_next(item)
            case "trigger" | "force" as how:
                self.requests += 1
                world.run(control.trigger, item.id, world.request(self.requests, forced=how == "force"))
            case "end":
                self.end_one(A.SUCCESS, A.FAILED, A.TIMEOUT, A.NOT_STARTED)
            case "cancel":
                self.cancel_one()
            case "lose":
                self.lose_one()
            case "edit":
                self.jobs[self.jobs.index(item)] = new = definition(item.name, chance)
                world.publish(new)
            case "wait":
                world.later(seconds=chance.randint(1, 120))
            case _:
                self.turn()

    def cancel_one(self) -> None:
        live = self.occurrences(*OPEN_OCCURRENCES)
        if live:
            row = self.chance.choice(live)
            try:
                self.world.run(control.cancel, row.id, now=self.world.now, actor="me", reason=None)
            except Refused:
                pytest.fail("what is open can be cancelled")

    def check(self) -> None:
        """No limit is passed, and whatever waits says for what."""
        running = self.attempts(A.RUNNING)
        assert len(running) <= self.world.processes
        busy = {attempt.occurrence_id for attempt in running}
        assert len(busy) <= self.world.slots
        owned = self.occurrences(*OWNED_OCCURRENCES)
        groups = Counter(row.group_name for row in owned if not row.forced)
        assert all(groups[name] <= limit for name, limit in GROUP_LIMITS.items()), groups
        for row in self.occurrences(O.PENDING, O.QUEUED):
            assert row.reason is not None, row
        for attempt in self.attempts(A.PLANNED):
            assert attempt.reason is not None, attempt
        for row in owned:
            self.check_tasks(row)

    def check_tasks(self, row: Occurrence) -> None:
        runs = self.world.task_runs(row).values()
        settings_of = self.world.definitions.of
        policies = self.world.raw.read(lambda reader: settings_of(reader, row.job_id, row.version)).policies
        assert sum(run.state is T.RUNNING for run in runs) <= (policies.max_parallel_tasks or 99)
        assert all(run.reason is not None for run in runs if run.state in (T.PENDING, T.RETRYING)), runs

    def drain(self) -> None:
        """Let everything that runs succeed and all retries come; nothing may be left over."""
        self.world.slots, self.world.processes = 2, 2
        for _ in range(400):
            self.world.later(minutes=10)
            self.turn()
            if not self.occurrences(*OPEN_OCCURRENCES):
                return
            self.end_one(A.SUCCESS)
        raise AssertionError([(row.state, row.reason, row.detail) for row in self.occurrences(*OPEN_OCCURRENCES)])


@pytest.mark.parametrize("seed", [*range(16), 1304])
def test_no_limit_is_passed_and_everything_ends(seed: int) -> None:
    play(seed)


@pytest.mark.campaign("policies")
@pytest.mark.parametrize("seed", range(1000, 1400))
def test_campaign_no_limit_is_passed_and_everything_ends(seed: int) -> None:
    play(seed)


def play(seed: int) -> None:
    """One walk; what it did follows from the seed alone."""
    walk = Walk(seed)
    for _ in range(60):
        walk.step()
        walk.check()
    walk.drain()
    walk.world.raw.close()
