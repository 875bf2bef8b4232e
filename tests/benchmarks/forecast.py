"""What `simulate` costs: a week of many jobs that come to about a run a minute together."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from functools import partial

from jobistemer_tui.domain.identity import new_incarnation
from jobistemer_tui.domain.job import JobDefinition, TaskDefinition
from jobistemer_tui.engine.definitions import Definitions
from jobistemer_tui.engine.transactions.common import Owner
from jobistemer_tui.engine.transactions.publish import Source, publish
from jobistemer_tui.operations.simulate import read_start, simulate
from jobistemer_tui.operations.simulate_forecast import SimulationQuestion
from jobistemer_tui.schedules import Cron
from jobistemer_tui.storage.contract import Store
from jobistemer_tui.storage.open import open_store

START = datetime(2026, 3, 2, tzinfo=UTC)
SOURCE = Source("/jobs/a.toml", 1, "/jobs")


def forecast(jobs: int, days: int) -> tuple[int, float, float]:
    """How many runs, the processor seconds of their simulation, and of walking the same instants and nothing else."""
    end = START + timedelta(days=days)
    expressions = [f"{number % 60} {number % 2}-23/2 * * *" for number in range(jobs)]
    store = open_store("memory:")
    publish_all(store, expressions)
    question = SimulationQuestion(START, end, slots=8)
    begin = time.process_time()
    found = simulate(store.read(lambda reader: read_start(reader, question)), question)
    ours = time.process_time() - begin
    begin = time.process_time()
    instants = sum(1 for text in expressions for _ in Cron(text).between(START, end))
    bare = time.process_time() - begin
    runs = sum(job.runs for job in found.jobs)
    assert abs(instants - runs) <= jobs, "the instant at the end is not run any more"
    return runs, ours, bare


def publish_all(store: Store, expressions: list[str]) -> None:
    """A job of one task for each expression."""
    owner = Owner(new_incarnation(), Definitions(), 8)
    for number, text in enumerate(expressions):
        tasks = (TaskDefinition("t", run="true"),)
        definition = JobDefinition(key=f"j{number}", name=f"j{number}", tasks=tasks, cwd="/", schedule=text)
        store.write(partial(publish, owner=owner, definition=definition, source=SOURCE, now=START))
