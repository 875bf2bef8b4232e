"""The operations over a store that this process has open."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta, tzinfo
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from jobistemer_tui.domain.instants import end_of
from jobistemer_tui.domain.states import OPEN_OCCURRENCES, OccurrenceState, Reason
from jobistemer_tui.errors import Refused
from jobistemer_tui.operations import queries_jobs
from jobistemer_tui.operations.job_models import EngineRole
from jobistemer_tui.operations.local_control import LocalControl
from jobistemer_tui.settings.deferred import deferred
from jobistemer_tui.storage.tables import JOB_FILES

if TYPE_CHECKING:
    from jobistemer_tui.domain.clock import Clock
    from jobistemer_tui.domain.file_plan import FilePlan
    from jobistemer_tui.domain.job import JobDefinition
    from jobistemer_tui.domain.records import JobFile
    from jobistemer_tui.engine import control
    from jobistemer_tui.operations import (
        configuration,
        expected_durations,
        queries_activity,
        queries_agenda,
        queries_definitions,
        queries_instants,
        queries_notifications,
        queries_resolve,
        queries_run_list,
        queries_runs,
        queries_statistics,
        queries_status,
        queries_versions,
        read_models,
        reason_text,
        remote_logs,
        source,
    )
    from jobistemer_tui.operations.agenda import Agenda, AgendaRow
    from jobistemer_tui.operations.compare.model import Comparison
    from jobistemer_tui.operations.configuration import Configuration
    from jobistemer_tui.operations.environment import Environment
    from jobistemer_tui.operations.job_models import Counts, EngineStatus, FileRow, JobRow
    from jobistemer_tui.operations.read_models import (
        ActivityRow,
        Checked,
        Found,
        JobDetail,
        LiveRuns,
        LogPlace,
        NotificationRow,
        OccurrenceDetail,
        OccurrenceRow,
        PlannedFiles,
        Pruned,
        RunRow,
        Triggered,
        VersionRow,
    )
    from jobistemer_tui.operations.simulate_forecast import Forecast, SimulationQuestion
    from jobistemer_tui.operations.source import SourceText
    from jobistemer_tui.operations.statistics import Statistics
    from jobistemer_tui.operations.why_answer import Answer
    from jobistemer_tui.storage.contract import Reader, Store
else:
    control = deferred("jobistemer_tui.engine.control")
    configuration = deferred("jobistemer_tui.operations.configuration")
    expected_durations = deferred("jobistemer_tui.operations.expected_durations")
    queries_activity = deferred("jobistemer_tui.operations.queries_activity")
    queries_agenda = deferred("jobistemer_tui.operations.queries_agenda")
    queries_definitions = deferred("jobistemer_tui.operations.queries_definitions")
    queries_instants = deferred("jobistemer_tui.operations.queries_instants")
    queries_notifications = deferred("jobistemer_tui.operations.queries_notifications")
    queries_resolve = deferred("jobistemer_tui.operations.queries_resolve")
    queries_run_list = deferred("jobistemer_tui.operations.queries_run_list")
    queries_runs = deferred("jobistemer_tui.operations.queries_runs")
    queries_statistics = deferred("jobistemer_tui.operations.queries_statistics")
    queries_status = deferred("jobistemer_tui.operations.queries_status")
    queries_versions = deferred("jobistemer_tui.operations.queries_versions")
    reason_text = deferred("jobistemer_tui.operations.reason_text")
    remote_logs = deferred("jobistemer_tui.operations.remote_logs")
    source = deferred("jobistemer_tui.operations.source")
    read_models = deferred("jobistemer_tui.operations.read_models")

VALID_FOR: Final = timedelta(hours=1)
"""How long a request waits for an engine before it expires, where nothing else is said."""


class LocalOperations(LocalControl):
    """See `contract.Operations`. Safe from any thread.

    `actor` is how the audit calls who does what is done here. `attempts_dir` holds the attempts of this store,
    `config_file` the settings, and `jobs_dir` the job files where nothing else is said.
    """

    def __init__(
        self, store: Store, *, clock: Clock, actor: str, nodes_dir: Path, attempts_dir: Path,
        config_file: Path | None = None, jobs_dir: Path | None = None,
    ) -> None:  # fmt: skip
        super().__init__(store, clock=clock, actor=actor, nodes_dir=nodes_dir)
        self._attempts_dir = attempts_dir
        self._config_file = config_file
        self._jobs_dir = jobs_dir

    @cached_property
    def _durations(self) -> expected_durations.ExpectedDurations:
        return expected_durations.ExpectedDurations()

    @cached_property
    def _run_list(self) -> queries_run_list.RunList:
        return queries_run_list.RunList()

    @cached_property
    def _agenda(self) -> queries_agenda.AgendaQueries:
        return queries_agenda.AgendaQueries(self._definitions, self._versions, self._durations)

    @cached_property
    def _statistics(self) -> queries_statistics.StatisticsQueries:
        return queries_statistics.StatisticsQueries()

    @cached_property
    def _remote_logs(self) -> remote_logs.RemoteLogs:
        return remote_logs.RemoteLogs(self._store, self._nodes_dir)

    def jobs(self) -> list[JobRow]:
        rows = self._store.read(lambda reader: self._jobs.rows(reader, self.now()))
        return queries_jobs.mark_unserved(rows, self._nodes_dir)

    def first_jobs(self, count: int) -> tuple[list[JobRow], int]:
        rows, total = self._store.read(lambda reader: self._jobs.first(reader, count, self.now()))
        return queries_jobs.mark_unserved(rows, self._nodes_dir), total

    def job(self, name: str, *, instants: int = 5) -> JobDetail:
        return self._store.read(lambda reader: self._job_detail(reader, name, instants, self.now()))

    def coming(self, name: str, after: datetime | None, count: int) -> JobDetail:
        """A job with its times after `after` (aware; None: now) instead of now. Raises NotFound."""
        return self._store.read(lambda reader: self._job_detail(reader, name, count, after or self.now()))

    def versions(self, name: str) -> list[VersionRow]:
        return self._store.read(
            lambda reader: queries_versions.version_rows(reader, queries_resolve.get_job(reader, name))
        )

    def configuration(self, name: str) -> Configuration:
        def work(reader: Reader) -> Configuration:
            job = queries_resolve.get_job(reader, name)
            definition = self._definitions.of(reader, job.id, job.version)
            line = self._versions.of(reader, job).line
            return configuration.configuration_of(definition, job.version, job.source_path, line)

        return self._store.read(work)

    def statistics(self, name: str, zone: tzinfo | None) -> Statistics:
        return self._store.read(lambda reader: self._statistics.of(reader, queries_resolve.get_job(reader, name), zone))

    def source(self, name: str) -> SourceText:
        def work(reader: Reader) -> tuple[str, int, JobFile | None]:
            job = queries_resolve.get_job(reader, name)
            return job.source_path, self._versions.of(reader, job).line, reader.get(JOB_FILES, job.source_path)

        return source.read_source(*self._store.read(work))

    def _job_detail(self, reader: Reader, name: str, count: int, after: datetime) -> JobDetail:
        job = queries_resolve.get_job(reader, name)
        (row,) = queries_jobs.mark_unserved([self._jobs.row(reader, job, self.now())], self._nodes_dir)
        return queries_definitions.job_detail(reader, self._definitions, row, job, after=after, count=count)

    def upcoming(self, after: datetime | None, count: int) -> list[tuple[datetime, str]]:
        """The first `count` instants of all jobs after `after` (aware; None: now), with the jobs' names."""
        now = self.now()
        return self._store.read(
            lambda reader: queries_instants.upcoming(reader, self._definitions, after or now, count, now=now)
        )

    def runs(
        self, *, job: str | None = None, statuses: Sequence[OccurrenceState] = (), limit: int | None = 50
    ) -> list[OccurrenceRow]:
        def work(reader: Reader) -> list[OccurrenceRow]:
            return queries_runs.list_runs(
                reader, None if job is None else queries_resolve.get_job(reader, job), statuses, limit
            )

        return self._store.read(work)

    def activity(self, *, before: int | None = None, after: int = 0, limit: int = 500) -> list[ActivityRow]:
        return self._store.read(
            lambda reader: queries_activity.activity_rows(reader, before=before, after=after, limit=limit)
        )

    def agenda(
        self, start: datetime, end: datetime, *, step: timedelta, wanted: Callable[[AgendaRow], bool] | None = None
    ) -> Agenda:
        keep = wanted or (lambda row: True)
        return self._store.read(lambda reader: self._agenda.read(reader, start, end, step, self.now(), keep))

    def run_list(self, limit: int) -> list[RunRow]:
        return self._store.read(lambda reader: self._run_list.read(reader, self._durations, limit))

    def occurrence(self, occurrence_id: UUID) -> OccurrenceDetail:
        return self._store.read(lambda reader: queries_runs.occurrence_detail(reader, self._definitions, occurrence_id))

    def report(self, occurrence_id: UUID) -> dict[str, Any]:
        """What hooks are told of a run, as JSON. Raises NotFound."""
        return self._store.read(
            lambda reader: queries_notifications.report_of(reader, self._definitions, occurrence_id)
        )

    def notifications(self, occurrence_id: UUID) -> list[NotificationRow]:
        """What was to be told of a run, and what became of that. Raises NotFound."""
        return self._store.read(lambda reader: queries_notifications.notifications_of(reader, occurrence_id))

    def details(self, rows: Sequence[OccurrenceRow]) -> list[OccurrenceDetail]:
        """The details of many occurrences at once."""
        return self._store.read(
            lambda reader: [queries_runs.occurrence_detail(reader, self._definitions, row.id) for row in rows]
        )

    def resolve(self, text: str) -> Found:
        return self._store.read(lambda reader: queries_resolve.resolve(reader, self._versions, text))

    def why(self, what: str, time: str | None = None) -> Answer:
        from jobistemer_tui.operations.why_question import answer_question

        now, nodes = self.now(), self._nodes_dir
        return self._store.read(lambda reader: answer_question(reader, self._versions, what, time, now, nodes))

    def compare(self, first: str, second: str | None = None, *, context: int = 3, exact: bool = False) -> Comparison:
        from jobistemer_tui.operations.compare.read import comparison, read_pair

        known = self._store.read(lambda reader: read_pair(reader, self._versions, self._definitions, first, second))
        return comparison(known, lambda attempt: self.log(attempt).folder, context=context, exact=exact)

    def simulate(self, question: SimulationQuestion) -> Forecast:
        """Forecast what the jobs of this store would do; nothing is written and nothing is started.

        Raises NotFound; Refused for a job that is not loaded or more instants than can be gone through; UsageError.
        """
        from jobistemer_tui.operations.simulate import read_start, simulate

        return simulate(self._store.read(lambda reader: read_start(reader, question)), question)

    def environment(self, job: str, task: str | None, here: Mapping[str, str]) -> Environment:
        """How what a task of a job (None: its first) finds differs from the environment `here` and this process.

        Raises NotFound.
        """
        from jobistemer_tui.operations.environment_read import environment_of, serving_processes

        def work(reader: Reader) -> tuple[JobDefinition, str]:
            row = queries_resolve.get_job(reader, job)
            return self._definitions.of(reader, row.id, row.version), row.source_path

        definition, file = self._store.read(work)
        return environment_of(definition, task, file, serving_processes(self._nodes_dir), here)

    def log(self, attempt_id: UUID) -> LogPlace:
        place = self._store.read(lambda reader: queries_runs.log_place(reader, self._attempts_dir, attempt_id))
        return place if place.folder.exists() else self._remote_logs.place(place)

    def files(self) -> list[FileRow]:
        roots = queries_status.watched_roots(self._nodes_dir)
        return self._store.read(lambda reader: queries_status.file_rows(reader, roots))

    def last_change(self) -> FilePlan | None:
        return self._store.read(queries_status.last_change)

    def engine(self) -> EngineStatus:
        status = self._store.read(lambda reader: queries_status.engine_status(reader, self._nodes_dir))
        return queries_status.elsewhere(self._store, status)

    def counts(self) -> Counts:
        def work(reader: Reader) -> Counts:
            now = self.now()
            return queries_status.counts(reader, now, self._jobs.known(reader, now))

        return self._store.read(work)

    def live(self) -> LiveRuns:
        return self._store.read(lambda reader: queries_status.live_runs(reader, self._nodes_dir))

    def check(self, paths: Sequence[Path]) -> Checked:
        from jobistemer_tui.operations.commands.check_files import check_files  # reading files costs pydantic

        return check_files(paths, self.now())

    def plan(self, paths: Sequence[Path] = ()) -> PlannedFiles:
        from jobistemer_tui.operations.commands.plan_files import plan_files

        roots = tuple(paths) or queries_status.watched_roots(self._nodes_dir) or (self._jobs_dir or Path("jobs"),)
        return plan_files(self._store, roots, self._config_file, self.now())

    def trigger(
        self, job: str, *, request: UUID, params: Mapping[str, str] | None = None, force: bool = False,
        valid_for: timedelta | None = None, reason: str | None = None,
    ) -> Triggered:  # fmt: skip
        from jobistemer_tui.operations.commands.trigger_job import trigger_job

        asked, alive = self._request(request, force=force, valid_for=valid_for, reason=reason)
        made = self._write(lambda tx: trigger_job(tx, job, asked, params or {}))
        return read_models.Triggered(made.id, made.state, made.reason, alive)

    def replay(
        self, occurrence_id: UUID, *, request: UUID, reason: str, failed_only: bool = False,
        from_task: str | None = None, force: bool = False,
    ) -> Triggered:  # fmt: skip
        asked, alive = self._request(request, force=force, valid_for=None, reason=reason)
        made = self._write(
            lambda tx: control.replay(tx, occurrence_id, asked, failed_only=failed_only, from_task=from_task)
        )
        return read_models.Triggered(made.id, made.state, made.reason, alive)

    def plan_backfill(self, job: str, start: datetime, end: datetime) -> control.Backfill:
        now = self._acting.now()
        return self._store.read(
            lambda reader: control.plan_backfill(reader, queries_resolve.get_job(reader, job).id, start, end, now)
        )

    def backfill(
        self, plan: control.Backfill, *, request: UUID, reason: str | None = None, valid_for: timedelta | None = None
    ) -> list[OccurrenceRow]:
        asked, _ = self._request(request, force=False, valid_for=valid_for, reason=reason)
        made = self._write(lambda tx: control.backfill(tx, plan, asked))
        return self._store.read(lambda reader: [queries_runs.occurrence_row(reader, row) for row in made])

    def pin(self, occurrence_id: UUID, *, undo: bool = False) -> OccurrenceRow:
        now = self._acting.now()
        pinned = self._write(lambda tx: control.pin(tx, occurrence_id, pinned=not undo, now=now, actor=self._actor))
        return self._store.read(lambda reader: queries_runs.occurrence_row(reader, pinned))

    def _request(
        self, request: UUID, *, force: bool, valid_for: timedelta | None, reason: str | None
    ) -> tuple[control.Request, bool]:
        """A request made now by this program's person, and whether an engine is there to take it."""
        why = reason_text.kept_reason(reason)
        alive = self.engine().role is not EngineRole.NONE
        now = self._acting.now()
        waits_for = Reason.REQUESTED if alive else Reason.NO_NODE
        until = end_of(now, VALID_FOR if valid_for is None else valid_for)
        return control.Request(request, now, self._actor, until, waits_for, force, why), alive

    def cancel(self, occurrence_id: UUID, *, reason: str | None = None) -> OccurrenceRow:
        why, now = reason_text.kept_reason(reason), self._acting.now()
        canceled = self._write(lambda tx: control.cancel(tx, occurrence_id, now=now, actor=self._actor, reason=why))
        return self._store.read(lambda reader: queries_runs.occurrence_row(reader, canceled))

    def cancel_all(self, *, job: str | None = None, reason: str | None = None) -> list[OccurrenceRow]:
        canceled = []
        for row in self.runs(job=job, statuses=OPEN_OCCURRENCES, limit=None):
            with suppress(Refused):  # it has ended meanwhile
                canceled.append(self.cancel(row.id, reason=reason))
        return canceled

    def prune(self, *, dry_run: bool) -> Pruned:
        from jobistemer_tui.operations.commands.prune_storage import prune_storage

        return prune_storage(self._store, self._attempts_dir, self._clock, actor=self._actor, dry_run=dry_run)

    def change_token(self) -> int:
        """Also moves when `jobs` has more to tell, as after the first call for very many jobs."""
        return self._store.change_token() + self._jobs.unfinished_calls

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        return self._store.on_change(listener)
