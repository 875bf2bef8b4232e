"""Operations on fixed data in memory, and an engine handle that only remembers what it was told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from jobistemer_tui.domain.acts import Act
from jobistemer_tui.domain.file_plan import FilePlan
from jobistemer_tui.domain.states import OPEN_OCCURRENCES, OccurrenceState, Reason
from jobistemer_tui.engine.control import Backfill
from jobistemer_tui.errors import NotFound, Refused
from jobistemer_tui.operations.agenda import Agenda, AgendaRow
from jobistemer_tui.operations.engine_crash import EngineCrash
from jobistemer_tui.operations.queries_gaps import GapRow
from jobistemer_tui.operations.read_models import (
    ActivityRow,
    Checked,
    Counts,
    EngineRole,
    EngineStatus,
    FileRow,
    Found,
    JobDetail,
    JobRow,
    LiveRuns,
    LogPlace,
    OccurrenceDetail,
    OccurrenceRow,
    PlannedFiles,
    Pruned,
    RunRow,
    Triggered,
)

from .fake_gaps import FakeGaps
from .fake_nodes import NODES, FakeNodes
from .fake_reads import FakeReads
from .sample_agenda import sample_agenda
from .sample_jobs import NOW, Sample, occurrence, sample_id, sample_run


class FakeOperations(FakeReads, FakeGaps, FakeNodes):
    """Implements the `Operations` protocol. `calls` are the changes asked for, `thread_names` who read."""

    def __init__(self, sample: Sample | None = None, *, logs: Path | None = None) -> None:
        self.sample = sample or Sample()
        self.logs = logs or Path("/nonexistent")
        self.time = NOW
        self.calls: list[tuple[object, ...]] = []
        self.acts: list[Act] = []
        self.gap_rows: list[GapRow] = []
        self.given: list[tuple[dict[str, str], bool, str | None]] = []
        self.actor = "tui eva"
        self.reading_threads: set[int] = set()
        self.failure: BaseException | None = None
        self.engine_status = EngineStatus(EngineRole.SERVING, "n1", 4711, NOW)
        self.pending = 0
        self.acts_at: datetime | None = None
        self.node_rows = {row.name: row for row in NODES}
        self._token = 0
        self._listeners: list[Callable[[], None]] = []

    def touch(self) -> None:
        """The data were changed by someone else: only the token moves."""
        self._token += 1

    def commit(self) -> None:
        """The data were changed by this process."""
        self._token += 1
        for listener in list(self._listeners):
            listener()

    def now(self) -> datetime:
        return self.time

    def acting_time(self) -> datetime:
        return self.acts_at or self.time

    def jobs(self) -> list[JobRow]:
        self._reads()
        return list(self.sample.jobs.values())

    def first_jobs(self, count: int) -> tuple[list[JobRow], int]:
        rows = self.jobs()
        return rows[:count], len(rows)

    def job(self, name: str, *, instants: int = 5) -> JobDetail:
        self._reads()
        return self.sample.job_detail(self._job(name), instants)

    def runs(
        self, *, job: str | None = None, statuses: Sequence[OccurrenceState] = (), limit: int | None = 50
    ) -> list[OccurrenceRow]:
        self._reads()
        rows = [detail.row for detail in self.sample.occurrences.values()]
        kept = [row for row in rows if job in (None, row.job) and (not statuses or row.status in statuses)]
        return sorted(kept, key=lambda row: row.scheduled_at, reverse=True)[:limit]

    def activity(self, *, before: int | None = None, after: int = 0, limit: int = 500) -> list[ActivityRow]:
        self._reads()
        rows = [
            row for row in self.sample.activity if after < row.sequence and (before is None or row.sequence < before)
        ]
        return sorted(rows, key=lambda row: -row.sequence)[:limit]

    def agenda(
        self, start: datetime, end: datetime, *, step: timedelta, wanted: Callable[[AgendaRow], bool] | None = None
    ) -> Agenda:
        self._reads()
        return sample_agenda(self.sample, start, end, step, wanted or (lambda row: True))

    def run_list(self, limit: int) -> list[RunRow]:
        order = [OccurrenceState.RUNNING, OccurrenceState.CANCELING, OccurrenceState.PENDING, OccurrenceState.QUEUED]
        rows = self.runs(limit=None)
        live = sorted((row for row in rows if row.status in order), key=lambda row: order.index(row.status))
        ended = [row for row in rows if row.status not in order]
        return [sample_run(self.sample.occurrences[row.id]) for row in (*live, *ended)][:limit]

    def occurrence(self, occurrence_id: UUID) -> OccurrenceDetail:
        self._reads()
        if occurrence_id not in self.sample.occurrences:
            raise NotFound(f"no occurrence {occurrence_id}")
        return self.sample.occurrences[occurrence_id]

    def resolve(self, text: str) -> Found:
        return Found("job", self._job(text).id, text)

    def log(self, attempt_id: UUID) -> LogPlace:
        self._reads()
        for detail in self.sample.occurrences.values():
            for task in detail.tasks:
                for attempt in task.attempts:
                    if attempt.id == attempt_id:
                        folder = self.logs / str(attempt_id)
                        return LogPlace(attempt, task.name, detail.row.job, detail.row, folder)
        raise NotFound(f"no attempt {attempt_id}")

    def files(self) -> list[FileRow]:
        self._reads()
        return list(self.sample.files)

    def engine(self) -> EngineStatus:
        self._reads()
        return self.engine_status

    def counts(self) -> Counts:
        self._reads()
        rows = self.sample.jobs.values()
        return Counts(
            jobs=len(rows),
            running=sum(row.running for row in rows),
            queued=sum(row.queued for row in rows),
            paused=sum(row.paused for row in rows),
            all_paused=bool(rows) and all(row.paused for row in rows if row.schedule and row.loaded and row.enabled),
            refused_files=sum(not file.loaded for file in self.sample.files),
        )

    def live(self) -> LiveRuns:
        self._reads()
        rows = self.sample.jobs.values()
        return LiveRuns(sum(row.running for row in rows), self.pending, sum(row.queued for row in rows))

    def check(self, paths: Sequence[Path]) -> Checked:
        return Checked(len(paths))

    def plan(self, paths: Sequence[Path] = ()) -> PlannedFiles:
        self._reads()
        return PlannedFiles(Checked(len(self.sample.files)), self.sample.pending)

    def last_change(self) -> FilePlan | None:
        self._reads()
        return self.sample.last_change

    def trigger(
        self, job: str, *, request: UUID, params: Mapping[str, str] | None = None, force: bool = False,
        valid_for: timedelta | None = None, reason: str | None = None,
    ) -> Triggered:  # fmt: skip
        row = self._job(job)
        self.calls.append(("trigger", job, request))
        self.given.append((dict(params or {}), force, reason))
        status, why = (OccurrenceState.SKIPPED, Reason.OVERLAP) if row.running else (OccurrenceState.RUNNING, None)
        self._put(replace(row, running=1))
        return Triggered(sample_id(f"{request}"), status, why, self.engine_status.role is not EngineRole.NONE)

    def replay(
        self, occurrence_id: UUID, *, request: UUID, reason: str, failed_only: bool = False,
        from_task: str | None = None, force: bool = False,
    ) -> Triggered:  # fmt: skip
        self.occurrence(occurrence_id)
        self.calls.append(("replay", occurrence_id, reason, failed_only, from_task, force))
        return Triggered(sample_id(f"{request}"), OccurrenceState.RUNNING, None, True)

    def plan_backfill(self, job: str, start: datetime, end: datetime) -> Backfill:
        return Backfill(self._job(job).id, ())

    def backfill(
        self, plan: Backfill, *, request: UUID, reason: str | None = None, valid_for: timedelta | None = None
    ) -> list[OccurrenceRow]:
        self.calls.append(("backfill", plan, reason))
        return []

    def pin(self, occurrence_id: UUID, *, undo: bool = False) -> OccurrenceRow:
        self.calls.append(("pin", occurrence_id, undo))
        return self.occurrence(occurrence_id).row

    def start(self, job: str) -> JobRow:
        return self._act("job_started", job, replace(self._job(job), enabled=True, stopped=False))

    def stop(self, job: str, *, reason: str | None = None) -> JobRow:
        return self._act("job_stopped", job, replace(self._job(job), enabled=False, stopped=True, next=None))

    def pause(self, job: str, *, reason: str | None = None, until: datetime | None = None) -> JobRow:
        row = replace(self._job(job), paused=True, pause_reason=reason, paused_until=until)
        return self._act("job_paused", job, row, reason, until)

    def resume(self, job: str) -> JobRow:
        row = replace(self._job(job), paused=False, pause_reason=None, paused_until=None)
        return self._act("job_resumed", job, row)

    def pause_all(self, *, reason: str | None = None, until: datetime | None = None) -> list[JobRow]:
        self.calls.append(("pause_all", reason, until))
        rows = [row for row in self.sample.jobs.values() if not row.paused and row.schedule is not None]
        return [self._put(replace(row, paused=True, pause_reason=reason, paused_until=until)) for row in rows]

    def resume_all(self) -> list[JobRow]:
        self.calls.append(("resume_all",))
        rows = [row for row in self.sample.jobs.values() if row.paused]
        return [self._put(replace(row, paused=False, pause_reason=None, paused_until=None)) for row in rows]

    def skip(self, job: str, *, instant: datetime | None = None, reason: str | None = None) -> OccurrenceRow:
        return self._mark("run_skipped", job, Reason.SKIPPED_BY_USER, None)

    def unskip(self, job: str, *, instant: datetime | None = None) -> OccurrenceRow:
        return self._mark("run_unskipped", job, None, None)

    def snooze(self, job: str, *, until: datetime, reason: str | None = None) -> OccurrenceRow:
        return self._mark("run_snoozed", job, Reason.SNOOZED, until, reason)

    def unsnooze(self, job: str) -> OccurrenceRow:
        return self._mark("run_unsnoozed", job, None, None)

    def last_act(self, job: str | None = None) -> Act:
        found = next((act for act in reversed(self.acts) if job in (None, act.job)), None)
        if found is None:
            raise Refused("there is nothing to undo")
        return found

    def undo(self, act: Act) -> list[Act]:
        self.calls.append(("undo", act.sequence))
        self.acts.remove(act)
        self.commit()
        return [act]

    def _act(self, kind: str, job: str, row: JobRow, *words: object) -> JobRow:
        self.calls.append(({"job_started": "start", "job_stopped": "stop", "job_paused": "pause",
                            "job_resumed": "resume"}[kind], job, *words))  # fmt: skip
        self._told(kind, row, None)
        return self._put(row)

    def _mark(self, kind: str, job: str, mark: Reason | None, until: datetime | None, *words: object) -> OccurrenceRow:
        row = self._job(job)
        if row.next is None:
            raise Refused(f"{job} has no run to come")
        self.calls.append(({"run_skipped": "skip", "run_unskipped": "unskip", "run_snoozed": "snooze",
                            "run_unsnoozed": "unsnooze"}[kind], job, *([until] if until else []), *words))  # fmt: skip
        self._told(kind, row, row.next)
        self._put(replace(row, next_mark=mark, next_starts=until))
        return occurrence(job, "next", OccurrenceState.PLANNED, row.next, None).row

    def _told(self, kind: str, row: JobRow, instant: datetime | None) -> None:
        self.acts.append(Act(len(self.acts) + 1, kind, "tui eva", self.acting_time(), row.id, row.name, instant))

    def cancel(self, occurrence_id: UUID, *, reason: str | None = None) -> OccurrenceRow:
        detail = self.occurrence(occurrence_id)
        if detail.row.status not in OPEN_OCCURRENCES:
            raise Refused("the occurrence has ended", hint="nothing to do")
        self.calls.append(("cancel", occurrence_id))
        row = replace(detail.row, status=OccurrenceState.CANCELING, reason=Reason.USER)
        self.sample.occurrences[occurrence_id] = replace(detail, row=row)
        self.commit()
        return row

    def cancel_all(self, *, job: str | None = None, reason: str | None = None) -> list[OccurrenceRow]:
        return [self.cancel(row.id, reason=reason) for row in self.runs(job=job, statuses=OPEN_OCCURRENCES)]

    def prune(self, *, dry_run: bool) -> Pruned:
        self.calls.append(("prune", dry_run))
        return Pruned((), 0, dry_run)

    def change_token(self) -> int:
        self._reads()
        return self._token

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _reads(self) -> None:
        self.reading_threads.add(threading.get_ident())
        if self.failure is not None:
            raise self.failure

    def _job(self, name: str) -> JobRow:
        if name not in self.sample.jobs:
            raise NotFound(f"no job {name}", hint="see the list of jobs")
        return self.sample.jobs[name]

    def _put(self, row: JobRow) -> JobRow:
        self.sample.jobs[row.name] = row
        self.commit()
        return row


class FakeEngine:
    """Implements `EngineHandle`; `stop` waits for `may_stop`, so that a test sees the screen while it stops."""

    def __init__(self, role: str = "serving", crash: EngineCrash | None = None) -> None:
        self.role = role
        self.crash = crash
        self.started = 0
        self.stops: list[str] = []
        self.stop_error: Exception | None = None
        self.may_stop = threading.Event()
        self.may_stop.set()

    def start(self) -> None:
        self.started += 1

    def stop(self, *, how: str) -> None:
        self.stops.append(how)
        if how != "handover" and not self.may_stop.wait(300):
            raise TimeoutError("the test forgot to let the engine stop")
        if self.stop_error is not None:
            raise self.stop_error
        self.may_stop.set()
