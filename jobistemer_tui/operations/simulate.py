"""Forecast: the real planner, policies and transactions on a virtual clock, over a copy of jobs and control state.

Nothing of the real store is written and no process is started. What runs or waits there now is not part of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from jobistemer_tui.domain.durations import duration_text
from jobistemer_tui.domain.identity import new_incarnation
from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.records import Job
from jobistemer_tui.engine.definitions import Definitions
from jobistemer_tui.engine.transactions.common import DEFAULT_ATTEMPTS, Owner, is_ticking
from jobistemer_tui.errors import JobistemerError, Refused, UsageError
from jobistemer_tui.operations.queries_jobs import is_loaded
from jobistemer_tui.operations.queries_resolve import get_job
from jobistemer_tui.operations.simulate_durations import Durations, read_history
from jobistemer_tui.operations.simulate_engine import SimulatedEngine, refuse_too_many
from jobistemer_tui.operations.simulate_forecast import Forecast, JobForecast, SimulationQuestion
from jobistemer_tui.operations.simulate_measure import Measured, load_over, measure, step_of
from jobistemer_tui.operations.simulate_store import Copied, fill, read_job
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.storage.contract import Reader, Store
from jobistemer_tui.storage.open import open_store
from jobistemer_tui.storage.tables import JOBS_BY_KEY

LONG_WAIT_S = 60.0
"""A wait for a free place longer than this is worth a warning."""


@dataclass(frozen=True, slots=True)
class Start:
    """What a simulation begins with: the jobs, and how long their tries took."""

    copies: Sequence[Copied]
    durations: Durations


def read_start(reader: Reader, question: SimulationQuestion) -> Start:
    """Read what the question is about. Raises NotFound; Refused for a job that is not loaded; UsageError."""
    jobs = [_loaded(get_job(reader, name)) for name in dict.fromkeys(question.jobs)]
    if not question.jobs:
        jobs = [job for job in reader.scan(JOBS_BY_KEY) if is_loaded(job)]
    copies = [copied for job in jobs if (copied := read_job(reader, job)) is not None]
    _check_given(question.given, copies)
    return Start(copies, Durations(question.given, read_history(reader, jobs), question.seed))


def _loaded(job: Job) -> Job:
    if not is_loaded(job):
        raise Refused(f"{job.name} is not loaded: {job.error or 'no job file holds it'}")
    return job


def _check_given(given: Mapping[str, float], copies: Sequence[Copied]) -> None:
    names = {name for copied in copies for name in _names(copied)}
    for name in given:
        if name not in names:
            raise UsageError(f"--duration: no job, or JOB/TASK, of the simulation is called {name!r}")


def _names(copied: Copied) -> Iterator[str]:
    yield copied.job.name
    for task in copied.version.definition["tasks"]:
        yield f"{copied.job.name}/{task['name']}"


def simulate(start: Start, question: SimulationQuestion) -> Forecast:
    """Run it, on an event loop of its own. Raises Refused for more instants than a person would wait for."""
    store = open_store("memory:")
    try:
        problems = fill(store, start.copies, question.start)
        jobs = [copied.job.id for copied in start.copies]
        attempts = question.attempts or DEFAULT_ATTEMPTS
        owner = Owner(new_incarnation(), Definitions(), question.slots, attempts=attempts)
        refuse_too_many(store.read(lambda reader: _known_slots(reader, owner.definitions, question)))
        engine = SimulatedEngine(store, owner, jobs, start=question.start, durations=start.durations)
        asyncio.run(engine.run(question.end, question.downs))
        return _forecast(store, start, question, problems)
    finally:
        store.close()


def _known_slots(reader: Reader, definitions: Definitions, question: SimulationQuestion) -> int:
    """How many instants will come, as far as that can be told before they are gone through."""
    slots = 0
    for job in reader.scan(JOBS_BY_KEY):
        with suppress(JobistemerError):  # `fill` has said what is wrong
            schedule = definitions.schedule(reader, job) if is_ticking(job) else None
            if schedule is not None:
                slots += schedule.count_between(question.start, question.end) or 0
    return slots


def _forecast(store: Store, start: Start, question: SimulationQuestion, problems: Sequence[str]) -> Forecast:
    measured = store.read(
        lambda reader: [_measure(reader, copied, start.durations, question.end) for copied in start.copies]
    )
    spans = [span for one in measured for span in one.spans]
    step = step_of(question.start, question.end)
    return Forecast(
        start=question.start,
        end=question.end,
        downs=tuple(question.downs),
        slots=question.slots,
        jobs=tuple(one.forecast for one in measured),
        load=load_over(spans, question.start, question.end, step),
        step_s=step,
        warnings=(*problems, *(text for one in measured for text in _warnings(one))),
    )


def _measure(reader: Reader, copied: Copied, durations: Durations, end: datetime) -> Measured:
    definition = JobDefinition.from_json(copied.version.definition)
    job = copied.job
    origins = {task.name: durations.origin(job.id, definition.name, task.name) for task in definition.tasks}
    return measure(reader, job.id, definition.name, origins, end)


def _warnings(measured: Measured) -> Iterator[str]:
    """What a person would want to change."""
    forecast = measured.forecast
    if not measured.scheduled:
        yield f"{forecast.job} never fires in this time"
    if measured.overlapped and measured.overlapped >= forecast.runs - 1:
        yield f"{forecast.job} always overlaps itself: each run is still going when the next one is due"
    elif forecast.waiting > 1:
        yield f"{forecast.job} does not keep up: {forecast.waiting} of its runs wait at the end"
    yield from _long_wait(forecast)


def _long_wait(forecast: JobForecast) -> Iterator[str]:
    for reason, what in _PLACES.items():
        seconds = forecast.longest_wait_for.get(reason, 0.0)
        if seconds > LONG_WAIT_S:
            yield f"{forecast.job} waits up to {duration_text(round(seconds))} for {what}"


_PLACES = {"no_slot": "a free place", "group": "its concurrency group"}
