"""What a simulation is asked, and what it found, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, field
from datetime import datetime
from typing import Any

from jobistemer_tui.domain.instants import instant_text
from jobistemer_tui.settings.quick_dataclass import dataclass

Down = tuple[datetime, datetime]
"""A time without an engine: from when to when."""


@dataclass(frozen=True, slots=True)
class SimulationQuestion:
    """What is to be simulated: `jobs` (none: all that are loaded), from `start` to `end`.

    `slots` are the runs, `attempts` the processes (None: as many as by default) that the engine has at once.
    In the times `downs` no engine is there. `given` are seconds by `JOB` or `JOB/TASK`. For `seed` see `Durations`.
    """

    start: datetime
    end: datetime
    slots: int
    attempts: int | None = None
    jobs: Sequence[str] = ()
    downs: Sequence[Down] = ()
    given: Mapping[str, float] = field(default_factory=dict)
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class JobForecast:
    """What became of a job's instants.

    `runs` were started, `ended` counts their outcomes (state → number), `not_run` the others (state and reason →
    number), `queued` those that had to queue first. `longest_wait_s` lies between an instant's handling and its start,
    or the end of the simulation; `longest_wait_for` says for what, in order (reason word → seconds): the last is what
    let it start. `recovered` were made up for after downtime, `waiting` had not started at the end. `busy_s` is the
    time in which it ran, `most_at_once` how many of its runs ran together. `duration_from` says where each task's
    duration comes from.
    """

    job: str
    runs: int
    ended: Mapping[str, int]
    not_run: Mapping[str, int]
    queued: int
    longest_wait_s: float
    longest_wait_for: Mapping[str, float]
    recovered: int
    waiting: int
    busy_s: float
    most_at_once: int
    duration_from: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Load:
    """How many occurrences ran in the time from `at` on: on average, and at most."""

    at: datetime
    mean: float
    most: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """A whole simulation from `start` to `end` with `slots` places; `step_s` is the length of each part of `load`."""

    start: datetime
    end: datetime
    downs: tuple[Down, ...]
    slots: int
    jobs: tuple[JobForecast, ...]
    load: tuple[Load, ...]
    step_s: float
    warnings: tuple[str, ...]


def forecast_json(forecast: Forecast) -> dict[str, Any]:
    """The forecast as JSON."""
    return {
        "start": instant_text(forecast.start),
        "end": instant_text(forecast.end),
        "down": [{"from": instant_text(begin), "to": instant_text(back)} for begin, back in forecast.downs],
        "slots": forecast.slots,
        "jobs": [asdict(job) for job in forecast.jobs],
        "step_s": forecast.step_s,
        "load": [{"at": instant_text(load.at), "mean": load.mean, "most": load.most} for load in forecast.load],
        "warnings": list(forecast.warnings),
    }
