"""What a FakeOperations answers about one job or run, from fixed data."""

from __future__ import annotations

from datetime import timedelta, tzinfo
from typing import Any

from jobistemer_tui.domain.cascade import Settings
from jobistemer_tui.domain.definition_diff import Difference
from jobistemer_tui.domain.definition_diff import Kind as Change
from jobistemer_tui.domain.job import JobDefinition, TaskDefinition
from jobistemer_tui.domain.states import OccurrenceState, Reason
from jobistemer_tui.errors import NotFound
from jobistemer_tui.operations.compare.line_diff import Kind
from jobistemer_tui.operations.compare.model import Comparison, DiffLine, FactPair, LogDifference, Side
from jobistemer_tui.operations.configuration import Configuration, configuration_of
from jobistemer_tui.operations.environment import MASK, Variable
from jobistemer_tui.operations.log_folder import LogState
from jobistemer_tui.operations.read_models import JobRow, OccurrenceDetail, VersionRow
from jobistemer_tui.operations.source import SourceText
from jobistemer_tui.operations.statistics import Ran, Statistics, statistics_of
from jobistemer_tui.operations.why_answer import Answer, Evidence, Fact, Slot

from .sample_jobs import NOW, Sample, ago, sample_id


class FakeReads:
    """The part of FakeOperations that only reads."""

    sample: Sample

    def why(self, what: str, time: str | None = None) -> Answer:
        name = what.partition("@")[0]
        row = next((detail.row for detail in self.sample.occurrences.values() if str(detail.row.id) == what), None)
        job = row.job if row is not None else name
        if job not in self.sample.jobs:
            raise NotFound(f"no job {job}")
        return sample_answer(job, self.sample.jobs[job].next is not None)

    def statistics(self, name: str, zone: tzinfo | None) -> Statistics:
        rows = [detail for detail in self.sample.occurrences.values() if detail.row.job == name]
        runs = [_ran(detail) for detail in sorted(rows, key=lambda one: one.row.scheduled_at)]
        return statistics_of(name, runs, len(runs), {"completed": 412, "failed": 9} if runs else {}, zone)

    def configuration(self, name: str) -> Configuration:
        row = self._row(name)
        settings: Settings = {"kill_grace": 20.0, "failure_strategy": "continue", "retry_policy.max_retries": 2}
        definition = JobDefinition(
            row.name, row.name, _TASKS, "/srv/backup", row.description, row.tags, schedule=row.schedule,
            timezone=row.timezone, env={"BWLIMIT": "2000", "RSYNC_PASSWORD": "x"}, settings=settings,
            file_settings={"kill_grace": 5.0}, config_settings={"keep.age": 30 * 86400.0},
        )  # fmt: skip
        return configuration_of(definition, 7, row.file, row.line)

    def source(self, name: str) -> SourceText:
        row = self._row(name)
        return SourceText(row.file, 4, SOURCE.replace("NAME", row.name), changed=name == "backup-db")

    def versions(self, name: str) -> list[VersionRow]:
        row = self._row(name)
        changed = (
            Difference(Change.CHANGED, "schedule", "0 2 * * *", row.schedule),
            Difference(Change.CHANGED, "retry_policy.max_retries", 0, 2),
            Difference(Change.ADDED, "task upload", None, "rsync -a /backup/ nas:backup/"),
        )
        stored: dict[str, Any] = {"key": name, "name": name, "schedule": row.schedule, "tasks": []}
        return [
            VersionRow(2, ago(minutes=12), row.file, row.line, True, changed, stored),
            VersionRow(1, ago(days=40), row.file, row.line, False, (), {**stored, "schedule": "0 2 * * *"}),
        ]

    def _row(self, name: str) -> JobRow:
        if name not in self.sample.jobs:
            raise NotFound(f"no job {name}")
        return self.sample.jobs[name]

    def compare(self, first: str, second: str | None = None, *, context: int = 3, exact: bool = False) -> Comparison:
        runs = {str(detail.row.id): detail for detail in self.sample.occurrences.values()}
        tries = {str(one.id): run for run in runs.values() for task in run.tasks for one in task.attempts}
        bad = runs.get(first) or tries.get(first)
        bad = bad or next((one for one in runs.values() if one.row.job == first), None)
        good = [one for one in runs.values() if bad and one.row.job == bad.row.job and one.row.id != bad.row.id]
        if bad is None or not good or not bad.tasks or not good[0].tasks:
            raise NotFound(f"no run of {first} before that one succeeded", hint="name two runs")
        return sample_comparison(good[0], bad)


SOURCE = """[defaults]
timezone = "Europe/Berlin"

[jobs.NAME]                      # copied off site every night
schedule = "0 6 * * *"
retry_policy = { max_retries = 2, retry_interval = "1m" }

[[jobs.NAME.tasks]]
name = "dump"
run = "pg_dump shop | zstd > /backup/shop.zst"
"""
_TASKS = (
    TaskDefinition("dump", run="pg_dump shop | zstd > /backup/shop.zst"),
    TaskDefinition("upload", command=("rsync", "-a", "/backup/", "nas:backup/"), needs=("dump",),
                   settings={"task_timeout": 600.0}),
)  # fmt: skip


def _ran(detail: OccurrenceDetail) -> Ran:
    row = detail.row
    ended = row.started_at is not None and row.finished_at is not None
    return Ran(
        row.id, row.scheduled_at, row.status,
        (row.finished_at - row.started_at).total_seconds() if row.finished_at and row.started_at else None,
        None if row.started_at is None else (row.started_at - row.scheduled_at).total_seconds(),
        sum(len(task.attempts) - 1 for task in detail.tasks if task.attempts) if ended else None,
    )  # fmt: skip


def sample_answer(job: str, has_next: bool) -> Answer:
    """Why a run was skipped, with a story of four sentences."""
    run = sample_id(f"{job}/2")
    slot = Slot(
        ago(days=2), run, OccurrenceState.SKIPPED, Reason.OVERLAP,
        "It did not run: it was skipped because an earlier run of the job had not ended (run 09d963ad was in the way).",
        (
            Fact("the schedule of version 7 names this instant", ago(days=2), Evidence("job_version", "x 7")),
            Fact("it was skipped because an earlier run of the job had not ended (run 09d963ad was in the way)",
                 ago(days=2), Evidence("event", "912")),
            Fact("run 09d963ad ended as completed", ago(days=2) + timedelta(minutes=7),
                 Evidence("occurrence", str(sample_id(f"{job}/1")))),
        ),
    )  # fmt: skip
    facts = () if has_next else (Fact("its schedule was stopped by eva at 2026-11-24 14:30:12 CET"),)
    following = NOW + timedelta(hours=11) if has_next else None
    return Answer(job, sample_id(job), "Europe/Berlin", "its latest run, and the next", slot.summary, (slot,), facts,
                  following)  # fmt: skip


def sample_comparison(good: OccurrenceDetail, bad: OccurrenceDetail) -> Comparison:
    """A good run against a bad one: exit, duration, a variable, a setting, and a log that breaks off."""
    before, after = (
        Side(task.attempts[-1], task.name, len(task.attempts), detail.row)
        for detail in (good, bad)
        for task in [next((task for task in detail.tasks if task.name == "upload"), detail.tasks[-1])]
        if task.attempts
    )
    lines = [
        (Kind.SAME, 0, 0, "building file list ... done"), (Kind.SAME, 1, 1, "sending incremental file list"),
        (Kind.SAME, 3, 3, "photos/2026/10/IMG_2202.CR3"), (Kind.REMOVED, 4, None, "sent 48,112,904 bytes"),
        (Kind.ADDED, None, 4, "WARN slow link: 112 KB/s"),
        (Kind.ADDED, None, 5, "rsync: connection unexpectedly closed (0 bytes received so far)"),
        (Kind.ADDED, None, 6, "rsync error: error in rsync protocol data stream (code 12)"),
    ]  # fmt: skip
    hunk = tuple(DiffLine(*line) for line in lines)
    log = LogDifference(LogState.PRESENT, LogState.PRESENT, 5, 8, 0, 0, 1, 3, 4, (hunk,))
    facts = (
        FactPair("run", str(before.occurrence.id), str(after.occurrence.id), counts=False),
        FactPair("run ended as", "completed", "failed (task failed)"),
        FactPair("exit", "0", "23"),
        FactPair("took", "9m21s", "30m11s"),
        FactPair("node", "n1", "n1"),
    )
    variables = (Variable("BWLIMIT", "0", "2000"), Variable("RSYNC_PASSWORD", MASK, MASK, secret=True))
    changed = (Difference(Change.CHANGED, "retry_policy.max_retries", 0, 2),)
    return Comparison(before, after, "the last good run, and the first bad one after it", facts, variables, changed,
                      log, ())  # fmt: skip
