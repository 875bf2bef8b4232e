"""Which two tries are compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jobistemer_tui.domain.records import Job, Occurrence
from jobistemer_tui.domain.states import OccurrenceState, TaskRunState
from jobistemer_tui.engine.definitions import Definitions
from jobistemer_tui.engine.transactions.common import the_occurrence
from jobistemer_tui.errors import NotFound, Refused
from jobistemer_tui.operations.queries_definitions import ListedVersions
from jobistemer_tui.operations.queries_resolve import resolve
from jobistemer_tui.operations.queries_runs import newest_first, occurrence_detail
from jobistemer_tui.operations.read_models import AttemptRow, Found, OccurrenceDetail, TaskRow
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import ATTEMPTS, JOBS

GOOD = frozenset({OccurrenceState.COMPLETED})
BAD = frozenset({OccurrenceState.FAILED, OccurrenceState.COMPLETED_WITH_ERRORS, OccurrenceState.FAILED_STALE})
_FAILED = frozenset({TaskRunState.FAILED, TaskRunState.TIMEOUT, TaskRunState.FAILED_STALE})


@dataclass(frozen=True, slots=True)
class Chosen:
    """A run, and which of its tries is meant, as far as that is said."""

    run: OccurrenceDetail
    task: TaskRow | None = None
    attempt: AttemptRow | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two tries with their tasks and runs; `why` says how they were chosen."""

    before: Chosen
    after: Chosen
    why: str = ""


class Choice:
    """Finds them in one read of the store."""

    def __init__(self, reader: Reader, versions: ListedVersions, definitions: Definitions) -> None:
        self._reader = reader
        self._versions = versions
        self._definitions = definitions

    def pair(self, first: str, second: str | None) -> Pair:
        """What is meant by two words, or by one: a job's last good run and its first bad one after that; of a run the
        last good one before it.

        A job as one of two words is its latest run. Raises NotFound, and Refused where nothing can be compared.
        """
        found = resolve(self._reader, self._versions, first)
        if second is not None:
            other = self._chosen(resolve(self._reader, self._versions, second), second)
            return _paired(self._chosen(found, first), other, "")
        if found.kind == "job":
            return self._good_and_bad(self._job(found))
        return self._before(self._chosen(found, first))

    def _good_and_bad(self, job: Job) -> Pair:
        good, bad = last_good_first_bad(newest_first(self._reader, job, None))
        if bad is None:
            raise NotFound(f"no run of {job.name} has failed", hint="name two runs: jobistemer compare RUN RUN")
        if good is None:
            raise NotFound(f"no run of {job.name} before its first failure succeeded", hint="name two runs")
        why = "the last good run, and the first bad one after it"
        return _paired(self._run(good), self._run(bad), why)

    def _before(self, chosen: Chosen) -> Pair:
        row = the_occurrence(self._reader, chosen.run.row.id)
        job = self._reader.get(JOBS, row.job_id)
        earlier = (run for run in newest_first(self._reader, job, None) if job and _handled_before(run, row))
        good = next((run for run in earlier if run.state in GOOD), None)
        if good is None:
            raise NotFound(f"no run of {chosen.run.row.job} before that one succeeded", hint="name two runs")
        return _paired(self._run(good), chosen, "the last good run before it, and this one")

    def _chosen(self, found: Found, word: str) -> Chosen:
        if found.kind == "job":
            newest = next(newest_first(self._reader, self._job(found), 1), None)
            if newest is None:
                raise NotFound(f"{word} never ran", hint="run it with: jobistemer trigger")
            return self._run(newest)
        run = occurrence_detail(self._reader, self._definitions, found.extra["occurrence_id"])
        if found.kind == "occurrence":
            return Chosen(run)
        attempt = self._reader.get(ATTEMPTS, found.id)
        wanted = found.id if attempt is None else attempt.task_run_id
        task = next(task for task in run.tasks if task.id == wanted)
        return Chosen(run, task, next((one for one in task.attempts if one.id == found.id), None))

    def _job(self, found: Found) -> Job:
        job = self._reader.get(JOBS, found.id)
        if job is None:
            raise NotFound(f"there is no job {found.name}")
        return job

    def _run(self, row: Occurrence) -> Chosen:
        return Chosen(occurrence_detail(self._reader, self._definitions, row.id))


def _handled_before(run: Occurrence, row: Occurrence) -> bool:
    if run.id == row.id or run.handled_at is None or row.handled_at is None:
        return False
    return (run.handled_at, run.scheduled_at) < (row.handled_at, row.scheduled_at)


def last_good_first_bad(newest_first: Iterable[Occurrence]) -> tuple[Occurrence | None, Occurrence | None]:
    """Of the latest failures in a row the first, and the success before it. What was cancelled or never ran is passed.

    Later successes are passed too: a job that has recovered is asked about its last trouble.
    """
    bad: Occurrence | None = None
    for row in newest_first:
        if row.state in BAD:
            bad = row
        elif row.state in GOOD and bad is not None:
            return row, bad
    return None, bad


def _paired(before: Chosen, after: Chosen, why: str) -> Pair:
    """Both with a task and a try: the ones named, else the last try of the task that tells most."""
    for name in _candidates(before, after):
        one, other = _completed(before, name), _completed(after, name)
        if one is not None and other is not None:
            return Pair(one, other, why)
    if before.task is not None and after.task is not None:
        pair = [_completed(side, side.task.name) for side in (before, after) if side.task is not None]
        if pair[0] is not None and pair[1] is not None:
            return Pair(pair[0], pair[1], why)
    names = f"{before.run.row.id} and {after.run.row.id}"
    raise Refused(f"no task has been tried in both runs, {names}", hint="name two attempts; show RUN lists them")


def _candidates(before: Chosen, after: Chosen) -> Iterator[str]:
    """Names of tasks, the most telling first: the one named, those that failed, all of them."""
    named = {side.task.name for side in (before, after) if side.task is not None}
    if named:
        yield from named if len(named) == 1 else ()
        return
    for side in (after, before):
        yield from (task.name for task in side.run.tasks if task.status in _FAILED)
    yield from (task.name for task in after.run.tasks)


def _completed(side: Chosen, name: str) -> Chosen | None:
    task = side.task or next((task for task in side.run.tasks if task.name == name), None)
    if task is None or not task.attempts:
        return None
    return Chosen(side.run, task, side.attempt or task.attempts[-1])
