"""The questions that the screens ask; they run in the feed's thread.

Those of a pane are values: two that ask the same are equal, so that a list knows when it needs to ask anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING
from uuid import UUID

from jobistemer_tui.domain.states import AttemptState
from jobistemer_tui.errors import JobistemerError, NotFound
from jobistemer_tui.operations.job_models import EngineRole
from jobistemer_tui.settings.deferred import deferred
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.tui.first_values import FirstJobsRead, JobRead, JobsRead

if TYPE_CHECKING:
    from jobistemer_tui.operations.contract import Operations
    from jobistemer_tui.operations.read_models import OccurrenceDetail
    from jobistemer_tui.tui import log_tail, read_values
    from jobistemer_tui.tui.feed_worker import Read
    from jobistemer_tui.tui.log_tail import TailLine
    from jobistemer_tui.tui.presentation import job_detail
else:
    log_tail = deferred("jobistemer_tui.tui.log_tail")
    job_detail = deferred("jobistemer_tui.tui.presentation.job_detail")
    read_values = deferred("jobistemer_tui.tui.read_values")

MAX_RUNS = 500
_TAIL_LINES = 60
_PAST_RUNS = 60


def read_jobs(operations: Operations) -> JobsRead:
    """All jobs."""
    return JobsRead(tuple(operations.jobs()))


def first_jobs_question(count: int) -> Read:
    """The first jobs, which are there at once however many follow."""

    def read(operations: Operations) -> FirstJobsRead:
        rows, total = operations.first_jobs(count)
        return FirstJobsRead(tuple(rows), total)

    return read


def read_gaps(operations: Operations) -> read_values.GapsRead:
    """What was missed, and what became of it."""
    return read_values.GapsRead(tuple(operations.gaps(past=True)))


def read_files(operations: Operations) -> read_values.FilesRead:
    """All job files and their changes. Files that no engine reads are read here, to say what one would do."""
    rows, last = tuple(operations.files()), operations.last_change()
    if operations.engine().role is not EngineRole.NONE:
        return read_values.FilesRead(rows, last, None)
    try:
        return read_values.FilesRead(rows, last, operations.plan().plan)
    except JobistemerError:
        return read_values.FilesRead(rows, last, None)  # config.toml cannot be read, which a start says


def read_nodes(operations: Operations) -> read_values.NodesRead:
    """All nodes."""
    return read_values.NodesRead(tuple(operations.nodes()))


def read_live(operations: Operations) -> read_values.LiveRead:
    """What runs, waits and ended last."""
    return read_values.LiveRead(tuple(operations.run_list(MAX_RUNS)), tuple(operations.jobs()))


@dataclass(frozen=True, slots=True)
class JobQuestion:
    """A job, its newest occurrence, the end of the log of the try that failed or runs; with `past` its last runs."""

    name: str
    instants: int = 5
    past: bool = False

    def __call__(self, operations: Operations) -> JobRead:
        """The job as it is now."""
        detail = operations.job(self.name, instants=self.instants)
        last = detail.row.last
        if last is None:
            return JobRead(detail, None)
        runs = tuple(operations.runs(job=self.name, limit=_PAST_RUNS)) if self.past else ()
        try:
            occurrence = operations.occurrence(last.id)
        except NotFound:
            return JobRead(detail, None, past=runs)  # it was too old to be kept
        return JobRead(detail, occurrence, _telling_tail(operations, occurrence), runs)


def _telling_tail(operations: Operations, occurrence: OccurrenceDetail) -> tuple[TailLine, ...]:
    failed = job_detail.failed_try(occurrence)
    attempts = [attempt for task in occurrence.tasks for attempt in task.attempts]
    running = [attempt for attempt in attempts if attempt.status is AttemptState.RUNNING]
    if running:
        return _tail(operations, running[-1].id)
    if failed is not None:
        return _tail(operations, failed[1].id)
    return _tail(operations, attempts[-1].id) if attempts else ()


def _tail(operations: Operations, attempt_id: UUID) -> tuple[TailLine, ...]:
    return log_tail.log_tail(operations.log(attempt_id).folder, _TAIL_LINES)


def jobs_question(names: Sequence[str]) -> Read:
    """Some jobs by name; one that is no more is left out."""

    def read(operations: Operations) -> JobsRead:
        rows = []
        for name in names:
            with suppress(NotFound):
                rows.append(operations.job(name, instants=1).row)
        return JobsRead(tuple(rows))

    return read


def runs_question(job: str) -> Read:
    """The newest occurrences of a job."""

    def read(operations: Operations) -> read_values.RunsRead:
        return read_values.RunsRead(job, tuple(operations.runs(job=job, limit=MAX_RUNS)))

    return read


def occurrence_question(occurrence_id: UUID) -> Read:
    """One occurrence with tasks and tries."""

    def read(operations: Operations) -> read_values.OccurrenceRead:
        return read_values.OccurrenceRead(operations.occurrence(occurrence_id))

    return read


@dataclass(frozen=True, slots=True)
class RunQuestion:
    """One occurrence, and the end of the log of the try that failed or runs."""

    id: UUID

    def __call__(self, operations: Operations) -> read_values.OccurrenceRead:
        """The occurrence as it is now."""
        detail = operations.occurrence(self.id)
        return read_values.OccurrenceRead(detail, _telling_tail(operations, detail))


@dataclass(frozen=True, slots=True)
class NodeRunsQuestion:
    """What a node runs, and what ended there last."""

    node: str

    def __call__(self, operations: Operations) -> read_values.NodeRunsRead:
        """The runs as they are now."""
        runs = operations.run_list(MAX_RUNS)
        return read_values.NodeRunsRead(self.node, tuple(run for run in runs if run.row.node == self.node))


def before_question(occurrence_id: UUID) -> Read:
    """The run before one, for its times."""
    return lambda operations: read_values.BeforeRead(operations.occurrence(occurrence_id))


def story_question(occurrence_id: UUID) -> Read:
    """What happened to an occurrence, as `why` tells it."""

    def read(operations: Operations) -> read_values.StoryRead:
        slots = operations.why(str(occurrence_id)).slots
        return read_values.StoryRead(occurrence_id, slots[0].facts if slots else ())

    return read


def tail_question(attempt_id: UUID) -> Read:
    """The end of an attempt's log."""

    def read(operations: Operations) -> read_values.TailRead:
        try:
            lines = _tail(operations, attempt_id)
        except NotFound:
            lines = ()
        return read_values.TailRead(str(attempt_id), lines)

    return read
