"""Random job definitions of a seed, and the job files that hold them."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from jobistemer_tui.domain.job import JobDefinition, ScheduleValue, TaskDefinition
from jobistemer_tui.domain.policies import SettingValue
from jobistemer_tui.jobfiles.reading import FileReading, Reading, Seen, SourcedJob

NOTHING: Mapping[str, Any] = MappingProxyType({})
ROOT = "/simulated/jobs"
DENSE = {"PT15S": 15.0, "PT20S": 20.0, "PT30S": 30.0, "PT40S": 40.0, "* * * * *": 60.0}
SPARSE = {
    "*/5 * * * *": 300.0, "*/15 * * * *": 900.0, "PT10M": 600.0, "PT30M": 1800.0, "0 * * * *": 3600.0,
    "30 * * * *": 3600.0, "PT2H": 7200.0,
}  # fmt: skip
"""Schedules and the seconds between their instants."""
HOLDS = (6.0, 30.0)
"""For how many seconds a gap may wait for a person."""


@dataclass
class SimulatedFiles:
    """The job files, and how often they were changed."""

    readings: dict[str, FileReading] = field(default_factory=dict)

    def write(self, definition: JobDefinition) -> None:
        """Save a job in a file of its own."""
        path = f"{ROOT}/{definition.name}.toml"
        job = SourcedJob(definition, path, 1, ROOT)
        self.readings[path] = FileReading(path, ROOT, definition.content_hash, (job,), ())

    def remove(self, name: str) -> None:
        """Delete the file of a job."""
        self.readings.pop(f"{ROOT}/{name}.toml", None)

    roots = (ROOT,)
    conditions = "simulated"

    def are(self, seen: Seen) -> bool:
        """Whether no file has changed."""
        return {path: reading.content_hash for path, reading in self.readings.items()} == seen.hashes

    def read(self, known: Mapping[str, FileReading] = NOTHING, owners: Mapping[str, str] = NOTHING) -> Reading:
        """What `read_paths` gives; a file that is known as it is, is not parsed."""
        files = (self.readings[path] for path in sorted(self.readings))
        unchanged = {path: reading for path, reading in known.items() if self._is(reading)}
        return Reading(self.roots, tuple(unchanged.get(file.path, file) for file in files))

    def hash_now(self, path: str) -> str:
        """The hash of a file as it is now."""
        return self.readings[path].content_hash if path in self.readings else ""

    def _is(self, reading: FileReading) -> bool:
        return reading.path in self.readings and self.readings[reading.path].content_hash == reading.content_hash


def draw_job(chance: random.Random, name: str, *, dense: bool) -> JobDefinition:
    """A job of one to three tasks with random policies."""
    return JobDefinition(
        key=name, name=name, tasks=_tasks(chance), cwd="/", schedule=draw_schedule(chance, dense=dense),
        settings=_with_hold(_settings(chance)),
    )  # fmt: skip


def draw_schedule(chance: random.Random, *, dense: bool) -> str | dict[str, Any] | None:
    """A schedule that the checker can enumerate by itself; now and then none."""
    if chance.random() < 0.05:
        return None
    text = chance.choice(list(DENSE if dense else SPARSE))
    return {"interval": text} if text.startswith("PT") else text


def interval_s(schedule: ScheduleValue | None, *, dense: bool) -> float:
    """Seconds between the instants of one of these schedules; for none, of the densest that an edit may bring."""
    text = schedule["interval"] if isinstance(schedule, dict) else schedule
    return (DENSE | SPARSE).get(str(text), min((DENSE if dense else SPARSE).values()))


def edited(chance: random.Random, old: JobDefinition, *, dense: bool) -> JobDefinition:
    """Another version of a job: other instants, other tasks, or only another description."""
    draw = chance.random()
    if draw < 0.5:
        return replace(old, schedule=draw_schedule(chance, dense=dense))
    if draw < 0.8:
        return replace(old, tasks=_tasks(chance))
    return replace(old, description=f"edit {chance.randrange(1000)}")


def _tasks(chance: random.Random) -> tuple[TaskDefinition, ...]:
    number = chance.choice((1, 1, 1, 2, 2, 3))
    names = ("dump", "copy", "tidy")[:number]
    chained = chance.random() < 0.6
    needs: dict[str, tuple[str, ...]] = {
        name: (names[place - 1],) if chained and place else () for place, name in enumerate(names)
    }
    if chained and number == 3 and random.Random(repr(chance.getstate()[1][:2])).random() < 0.4:
        needs |= {"copy": (), "tidy": ("dump", "copy")}  # by a chance of its own, as holds are
    return tuple(TaskDefinition(name, command=("task",), needs=needs[name]) for name in names)


def _settings(chance: random.Random) -> dict[str, SettingValue]:
    settings: dict[str, SettingValue] = {
        "overlap_policy": chance.choice(("skip", "queue", "queue", "replace", "allow")),
        "recovery_strategy": chance.choice(
            ("execute-last", "execute-all", "mark-as-missed", "bounded-window", "compressed")
        ),
        "recovery_window.max_occurrences": chance.choice((1, 3)),
        "retry_policy.max_retries": chance.choice((0, 0, 1, 2)),
        "retry_policy.retry_interval": chance.choice((1.0, 5.0, 12.0)),
        "on_lost": chance.choice(("fail", "fail", "rerun")),
        "failure_strategy": chance.choice(("fail-fast", "fail-fast", "continue")),
        "kill_grace": 2.0,
    }
    if chance.random() < 0.25:
        settings["concurrency_group"] = "shared"
        settings["concurrency_group.limit"] = chance.choice((1, 1, 2))
    if chance.random() < 0.3:
        settings["max_active"] = 2
        settings["queue_limit"] = chance.choice((2, 100))
        settings["priority"] = chance.choice((-5, 5))
    if chance.random() < 0.2:
        settings["retry_policy.retry_on"] = chance.choice(("timeout", "exit", "7"))
        settings["retry_policy.jitter"] = 3.0
    if chance.random() < 0.3:
        settings["update_policy"] = chance.choice(("graceful", "windowed"))
    if chance.random() < 0.3:
        settings["plan_horizon"] = 3
    if chance.random() < 0.4:
        for hook in chance.choice((("on_complete",), ("on_failure",), ("on_complete", "on_failure"))):
            settings[hook] = {"run": "hook", "timeout": 5.0}
    if chance.random() < 0.2:
        settings["task_timeout"] = chance.choice((3.0, 10.0))
    if chance.random() < 0.2:
        settings["execution_timeout"] = chance.choice((8.0, 40.0))
    return settings


def _with_hold(settings: dict[str, SettingValue]) -> dict[str, SettingValue]:
    """Now and then gaps wait for a person; from a chance of its own, so that the corpus stays what it was."""
    chance = random.Random(repr(sorted(settings.items())))
    return {**settings, "recovery_hold": chance.choice(HOLDS)} if chance.random() < 0.15 else settings
