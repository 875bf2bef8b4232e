"""The only door for the command line and the screen.

All calls block (they read or write the store): on an event loop run them in a thread. Every change checks the
state it finds, writes its audit event in the same transaction, and wakes the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

if TYPE_CHECKING:
    from jobistemer_tui.domain.acts import Act
    from jobistemer_tui.domain.file_plan import FilePlan
    from jobistemer_tui.domain.recovery_strategy import RecoveryStrategy
    from jobistemer_tui.domain.states import OccurrenceState
    from jobistemer_tui.engine.control import Backfill
    from jobistemer_tui.operations.agenda import Agenda, AgendaRow
    from jobistemer_tui.operations.compare.model import Comparison
    from jobistemer_tui.operations.configuration import Configuration
    from jobistemer_tui.operations.engine_crash import EngineCrash
    from jobistemer_tui.operations.nodes import NodeRow
    from jobistemer_tui.operations.queries_gaps import GapRow
    from jobistemer_tui.operations.read_models import (
        ActivityRow,
        Checked,
        Counts,
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
        VersionRow,
    )
    from jobistemer_tui.operations.source import SourceText
    from jobistemer_tui.operations.statistics import Statistics
    from jobistemer_tui.operations.why_answer import Answer


class Operations(Protocol):
    """What a person can ask and do. Unknown names and ids raise NotFound, a reason that is too long UsageError."""

    @property
    def actor(self) -> str:
        """How the audit calls who acts through this door."""

    def now(self) -> datetime:
        """The wall clock, aware UTC."""

    def acting_time(self) -> datetime:
        """The time by which what is done now is dated: that of the store's clock if ours is far from it; may block."""

    def jobs(self) -> list[JobRow]:
        """All jobs, by name; those not loaded here come last."""

    def first_jobs(self, count: int) -> tuple[list[JobRow], int]:
        """The first `count` jobs by key, in the order of `jobs`, and how many there are.

        Reading these takes as long with a hundred thousand jobs as with a hundred.
        """

    def job(self, name: str, *, instants: int = 5) -> JobDetail:
        """One job by name (or key), with its next `instants` instants."""

    def versions(self, name: str) -> list[VersionRow]:
        """The published versions of a job, the newest first, each as it is stored and with what changed in it."""

    def configuration(self, name: str) -> Configuration:
        """Every setting of a job and its tasks in its present version, and which level says so."""

    def statistics(self, name: str, zone: tzinfo | None) -> Statistics:
        """Figures over the newest runs of a job; `zone` is that of the reader's clock (None: the machine's)."""

    def source(self, name: str) -> SourceText:
        """The file of a job, read now."""

    def runs(
        self, *, job: str | None = None, statuses: Sequence[OccurrenceState] = (), limit: int | None = 50
    ) -> list[OccurrenceRow]:
        """Handled occurrences, newest first; of one job, and in these states, where given."""

    def activity(self, *, before: int | None = None, after: int = 0, limit: int = 500) -> list[ActivityRow]:
        """At most `limit` lines of the audit, newest first, of those numbered above `after` and below `before`."""

    def agenda(
        self, start: datetime, end: datetime, *, step: timedelta, wanted: Callable[[AgendaRow], bool] | None = None
    ) -> Agenda:
        """What is to come from `start` to before `end`, counted in parts of `step`, of what is `wanted` (None: all)."""

    def run_list(self, limit: int) -> list[RunRow]:
        """At most `limit` runs that are live, those that run first, then the newest `limit` that have ended."""

    def occurrence(self, occurrence_id: UUID) -> OccurrenceDetail:
        """One occurrence with tasks and tries."""

    def resolve(self, text: str) -> Found:
        """What `text` means: a job's name, `JOB@INSTANT`, or the id of an occurrence, task run or attempt.

        An id may be cut to a unique prefix of at least 8 characters. `kind` is job, occurrence, task_run or attempt.
        Raises NotFound, or Refused if several match.
        """

    def why(self, what: str, time: str | None = None) -> Answer:
        """Why a job (by name, at `time` on the clock of its zone) or a run (by id, or `JOB@TIME`) did or did not run.

        Raises NotFound; UsageError for a time that means nothing.
        """

    def compare(self, first: str, second: str | None = None, *, context: int = 3, exact: bool = False) -> Comparison:
        """Two tries side by side, with `context` lines around each change of the log; see `compare.choose`.

        One word: a job's last good run and the first bad one after it, or of a run the last good one before it.
        Blocks while long logs are read. Raises NotFound, and Refused where nothing can be compared.
        """

    def log(self, attempt_id: UUID) -> LogPlace:
        """Where the log of an attempt lies."""

    def files(self) -> list[FileRow]:
        """Every job file as last read."""

    def last_change(self) -> FilePlan | None:
        """What the newest change of job files did, if the audit still has it."""

    def engine(self) -> EngineStatus:
        """Who serves the store, judged from its lock."""

    def counts(self) -> Counts:
        """The figures of the header."""

    def live(self) -> LiveRuns:
        """What is live now and would feel the end of this process's engine."""

    def check(self, paths: Sequence[Path]) -> Checked:
        """Read job files without applying them."""

    def plan(self, paths: Sequence[Path] = ()) -> PlannedFiles:
        """What publishing the files under `paths` would do; none given: those that the engine watches, if one is up.

        Nothing is written. Raises JobFileError for a `config.toml` that cannot be read.
        """

    def trigger(
        self, job: str, *, request: UUID, params: Mapping[str, str] | None = None, force: bool = False,
        valid_for: timedelta | None = None, reason: str | None = None,
    ) -> Triggered:  # fmt: skip
        """Run a job now, under its overlap policy unless by `force`. The same request gives the row it made.

        Without an engine it waits for one `valid_for` (None: an hour). Raises UsageError for parameters or values that
        the job does not declare.
        """

    def replay(
        self, occurrence_id: UUID, *, request: UUID, reason: str, failed_only: bool = False,
        from_task: str | None = None, force: bool = False,
    ) -> Triggered:  # fmt: skip
        """Run an occurrence that has ended again, as a new one: whole, without what succeeded, or from a task on.

        The same request gives the row it made. Raises Refused if it has not ended or nothing is left to run.
        """

    def plan_backfill(self, job: str, start: datetime, end: datetime) -> Backfill:
        """What a backfill of the instants from `start` to `end` (both included, none to come) would do; writes nothing.

        Raises Refused for a job without a schedule, and for a range with more instants than one backfill takes.
        """

    def backfill(
        self, plan: Backfill, *, request: UUID, reason: str | None = None, valid_for: timedelta | None = None
    ) -> list[OccurrenceRow]:
        """Do what was planned, one run after another in time order. Raises StoreError if things have changed since."""

    def pin(self, occurrence_id: UUID, *, undo: bool = False) -> OccurrenceRow:
        """Keep an occurrence from retention, or let it go again."""

    def start(self, job: str) -> JobRow:
        """Let a stopped job's schedule go on, from now; no change if it is not stopped."""

    def stop(self, job: str, *, reason: str | None = None) -> JobRow:
        """Stop a job's schedule: nothing is planned, instants leave no rows; what waits or runs goes on."""

    def pause(self, job: str, *, reason: str | None = None, until: datetime | None = None) -> JobRow:
        """Pause a job's ticker: instants that pass are skipped. Pausing a paused job renews reason and end."""

    def resume(self, job: str) -> JobRow:
        """End a pause; what passed meanwhile stays skipped. No change if the job is not paused."""

    def pause_all(self, *, reason: str | None = None, until: datetime | None = None) -> list[JobRow]:
        """Pause every job with a schedule that is not paused yet; gives those."""

    def resume_all(self) -> list[JobRow]:
        """End the pauses that `pause_all` made; gives the jobs. Those paused by themselves stay paused."""

    def skip(self, job: str, *, instant: datetime | None = None, reason: str | None = None) -> OccurrenceRow:
        """Mark the next run (or the one at `instant`) to be skipped; twice changes nothing. Raises Refused."""

    def unskip(self, job: str, *, instant: datetime | None = None) -> OccurrenceRow:
        """Take that mark back. Raises Refused where there is none."""

    def snooze(self, job: str, *, until: datetime, reason: str | None = None) -> OccurrenceRow:
        """Put the run that waits, else the next one, off until `until`. Raises Refused if it starts later anyway."""

    def unsnooze(self, job: str) -> OccurrenceRow:
        """Let the run that was put off start at its own time, or now. Raises Refused where there is none."""

    def gaps(self, *, past: bool = False) -> list[GapRow]:
        """The gaps of jobs that wait for a decision, by name; with `past` all newest ones, the newest first."""

    def release_gap(self, job: str, *, reason: str | None = None) -> GapRow:
        """Let the gap of a job get its fate now. Raises Refused where none waits, as the next three do."""

    def drop_gap(self, job: str, *, reason: str | None = None) -> GapRow:
        """Run nothing of the gap of a job."""

    def trim_gap(self, job: str, *, newest: int, reason: str | None = None) -> GapRow:
        """Leave the strategy only the newest instants of the gap of a job. Raises UsageError for less than one."""

    def change_gap(self, job: str, *, strategy: RecoveryStrategy, reason: str | None = None) -> GapRow:
        """Let another strategy decide about the gap of a job."""

    def last_act(self, job: str | None = None) -> Act:
        """The newest of these acts, on one job or on any, that has not been taken back. Raises Refused."""

    def undo(self, act: Act) -> list[Act]:
        """Take back an act, or all that were done together with it; gives those. Taken back already: no change.

        Raises Refused where what it changed has changed since, or has happened.
        """

    def cancel(self, occurrence_id: UUID, *, reason: str | None = None) -> OccurrenceRow:
        """Cancel what waits, or ask its engine to stop what runs. Raises Refused if it has ended otherwise."""

    def cancel_all(self, *, job: str | None = None, reason: str | None = None) -> list[OccurrenceRow]:
        """Cancel all that runs or waits, or all of one job; gives what was cancelled, which may be nothing."""

    def nodes(self) -> list[NodeRow]:
        """The nodes of the store, by name."""

    def drain_node(self, name: str, *, reason: str | None = None) -> NodeRow:
        """Let a node begin nothing new, also after it was started again; what it runs goes on. Raises NotFound."""

    def undrain_node(self, name: str) -> NodeRow:
        """Take that back. Raises NotFound."""

    def declare_node_lost(self, name: str) -> NodeRow:
        """Say that a node is gone for good, so that others take what it had. Raises Refused while it lives."""

    def prune(self, *, dry_run: bool) -> Pruned:
        """Clear away at once what `keep` of the jobs no longer keeps, or only say what that is."""

    def change_token(self) -> int:
        """A number that moves when anything in the store may have changed. Cheap."""

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` (on any thread) after commits of this process; gives the function that stops it."""


class EngineHandle(Protocol):
    """The engine that a screen runs in a background thread, or stands by to run."""

    @property
    def role(self) -> str:
        """`serving`, `attached` (another serves the store), `none` (starting or stopped), `crashed`; or `client`."""

    @property
    def crash(self) -> EngineCrash | None:
        """Its newest crash, though it may serve again; None if it never crashed."""

    def start(self) -> None:
        """Start the thread; gives at once."""

    def stop(self, *, how: str) -> None:
        """Stop it: `handover` (tasks go on under the supervisor), `drain` (wait for them) or `cancel`. Blocks."""
