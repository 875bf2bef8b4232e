"""Occurrences in lists and in detail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

from jobistemer_tui.domain.instants import EPOCH
from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.records import Attempt, Job, Node, Occurrence, TaskRun
from jobistemer_tui.domain.states import OPEN_TASK_RUNS, OccurrenceState
from jobistemer_tui.engine.definitions import Definitions
from jobistemer_tui.engine.transactions.common import the_occurrence
from jobistemer_tui.errors import NotFound
from jobistemer_tui.operations.nodes import name_of
from jobistemer_tui.operations.queries_waiting import Ways, waiting_for
from jobistemer_tui.operations.read_models import AttemptRow, LogPlace, OccurrenceDetail, OccurrenceRow, TaskRow
from jobistemer_tui.operations.task_words import task_words
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import (
    ATTEMPTS,
    ATTEMPTS_BY_OCCURRENCE,
    JOBS,
    NODES,
    OCCURRENCES_BY_HANDLED,
    OCCURRENCES_BY_JOB_HANDLED,
    TASK_RUNS,
    TASK_RUNS_BY_OCCURRENCE,
)

_PAGE = 500


def list_runs(
    reader: Reader, job: Job | None, states: Sequence[OccurrenceState], limit: int | None
) -> list[OccurrenceRow]:
    """Handled occurrences, newest first; at most `limit` of those in `states` (all states if empty)."""
    rows = _Rows(reader)
    wanted = frozenset(states)
    result: list[OccurrenceRow] = []
    if limit is not None and limit <= 0:
        return result
    for occurrence in newest_first(reader, job, None if wanted else limit):
        if not wanted or occurrence.state in wanted:
            result.append(rows.of(occurrence))
            if len(result) == limit:
                break
    return result


def newest_first(reader: Reader, job: Job | None, exactly: int | None) -> Iterator[Occurrence]:
    """Handled occurrences of a job (None: of all), newest first, read in pages; `exactly` is how many are wanted where
    that is known.

    Pages are cut by instant, so the rows of the last instant of a page come again with the next one.
    """
    size = exactly or _PAGE
    high: datetime | None = None
    seen: set[UUID] = set()
    while True:
        page = _page(reader, job, high, size)
        new = [occurrence for occurrence in page if occurrence.id not in seen]
        yield from new
        if len(page) < size:
            return
        if not new:
            size *= 2
        high = page[-1].handled_at
        seen = {occurrence.id for occurrence in page if occurrence.handled_at == high}


def _page(reader: Reader, job: Job | None, high: datetime | None, size: int) -> list[Occurrence]:
    if job is None:
        return reader.scan(OCCURRENCES_BY_HANDLED, low=EPOCH, high=high, reverse=True, limit=size)
    return reader.scan(OCCURRENCES_BY_JOB_HANDLED, job.id, low=EPOCH, high=high, reverse=True, limit=size)


class _Rows:
    """Makes rows within one read; jobs, nodes and what is in the way are looked up once."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._jobs: dict[UUID, Job | None] = {}
        self._nodes: dict[UUID, Node | None] = {}
        self._ways = Ways(reader)

    def of(self, occurrence: Occurrence) -> OccurrenceRow:
        return OccurrenceRow(
            id=occurrence.id,
            job=self._job_name(occurrence.job_id),
            job_id=occurrence.job_id,
            scheduled_at=occurrence.scheduled_at,
            trigger=occurrence.trigger,
            status=occurrence.state,
            reason=occurrence.reason,
            reason_detail=self._ways.as_it_waits(occurrence).detail,
            started_at=occurrence.started_at,
            finished_at=occurrence.finished_at,
            node=self._node_name(occurrence.owner),
            node_id=occurrence.owner,
            version=occurrence.version,
            replay_of=occurrence.replay_of,
            params=occurrence.params,
            pinned=occurrence.pinned,
            follows=occurrence.follows.get("runs", ()),
        )

    def _job_name(self, job_id: UUID) -> str:
        if job_id not in self._jobs:
            self._jobs[job_id] = self._reader.get(JOBS, job_id)
        job = self._jobs[job_id]
        return str(job_id) if job is None else job.name

    def _node_name(self, node_id: UUID | None) -> str | None:
        if node_id is None:
            return None
        if node_id not in self._nodes:
            self._nodes[node_id] = self._reader.get(NODES, node_id)
        node = self._nodes[node_id]
        return None if node is None else name_of(node)


def occurrence_row(reader: Reader, occurrence: Occurrence) -> OccurrenceRow:
    """One occurrence as a row."""
    return _Rows(reader).of(occurrence)


def occurrence_rows(reader: Reader, occurrences: Sequence[Occurrence]) -> list[OccurrenceRow]:
    """Occurrences as rows, in their order."""
    rows = _Rows(reader)
    return [rows.of(occurrence) for occurrence in occurrences]


def occurrence_detail(reader: Reader, definitions: Definitions, occurrence_id: UUID) -> OccurrenceDetail:
    """One occurrence with its tasks and tries. Raises NotFound."""
    occurrence = the_occurrence(reader, occurrence_id)
    tries: dict[UUID, list[AttemptRow]] = {}
    for attempt in reader.scan(ATTEMPTS_BY_OCCURRENCE, occurrence_id):
        tries.setdefault(attempt.task_run_id, []).append(attempt_row(attempt))
    definition = definitions.of(reader, occurrence.job_id, occurrence.version)
    runs = reader.scan(TASK_RUNS_BY_OCCURRENCE, occurrence_id)
    tasks = tuple(_task_row(run, definition, tries.get(run.id, [])) for run in runs)
    waiting = waiting_for(reader, definitions, occurrence)
    return OccurrenceDetail(occurrence_row(reader, occurrence), tasks, occurrence.deadline_at, waiting)


def _task_row(run: TaskRun, job: JobDefinition, tries: Sequence[AttemptRow]) -> TaskRow:
    # What an ended one keeps there is that of its last try.
    waits_for = run.detail if run.state in OPEN_TASK_RUNS else {}
    row = TaskRow(
        id=run.id, name=run.name, status=run.state, reason=run.reason, needs=(), started_at=run.started_at,
        finished_at=run.finished_at, attempts=tuple(sorted(tries, key=lambda row: row.number)), outputs=run.outputs,
        reason_detail=waits_for,
    )  # fmt: skip
    task = next((task for task in job.tasks if task.name == run.name), None)
    if task is None:
        return row
    names = {*job.env, *job.secrets, *task.env, *task.secrets}
    return replace(
        row, needs=task.needs, what=task_words(task), cwd=task.cwd or job.cwd, variables=tuple(sorted(names))
    )


def attempt_row(attempt: Attempt) -> AttemptRow:
    """One try as a row."""
    return AttemptRow(
        id=attempt.id,
        number=attempt.number,
        status=attempt.state,
        reason=attempt.reason,
        exit_code=attempt.exit_code,
        signal=attempt.signal,
        not_before=attempt.not_before,
        started_at=attempt.started_at,
        finished_at=attempt.finished_at,
        detail=attempt.detail,
    )


def log_place(reader: Reader, attempts_dir: Path, attempt_id: UUID) -> LogPlace:
    """Where the log of a try lies. Raises NotFound."""
    attempt = reader.get(ATTEMPTS, attempt_id)
    run = None if attempt is None else reader.get(TASK_RUNS, attempt.task_run_id)
    if attempt is None or run is None:
        raise NotFound(f"there is no attempt {attempt_id}", hint="see the attempts of a run with: jobistemer show RUN")
    occurrence = occurrence_row(reader, the_occurrence(reader, attempt.occurrence_id))
    return LogPlace(attempt_row(attempt), run.name, occurrence.job, occurrence, attempts_dir / str(attempt_id))
