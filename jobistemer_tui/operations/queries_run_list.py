"""What runs and waits now, with the step that each is at, and below it what ended last."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from jobistemer_tui.domain.instants import EPOCH
from jobistemer_tui.domain.records import TaskRun
from jobistemer_tui.domain.states import OWNED_OCCURRENCES, WAITING_OCCURRENCES, OccurrenceState, TaskRunState
from jobistemer_tui.operations.expected_durations import ExpectedDurations
from jobistemer_tui.operations.queries_runs import occurrence_rows
from jobistemer_tui.operations.read_models import OccurrenceRow, RunRow
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import OCCURRENCES_BY_DUE, OCCURRENCES_BY_END, TASK_RUNS_BY_OCCURRENCE

_O, _T = OccurrenceState, TaskRunState
_LIVE = (*OWNED_OCCURRENCES, *WAITING_OCCURRENCES)
_WENT_WRONG = (_O.FAILED, _O.FAILED_STALE, _O.COMPLETED_WITH_ERRORS)
_TELLING = {
    **dict.fromkeys(OWNED_OCCURRENCES, (_T.RUNNING, _T.RETRYING)),
    **dict.fromkeys(_WENT_WRONG, (_T.FAILED, _T.TIMEOUT, _T.FAILED_STALE)),
}
_KEPT = 2_000


class RunList:
    """Reads runs of one store; keeps the failed steps of those that have ended, which no longer change."""

    def __init__(self) -> None:
        self._ended: dict[UUID, RunRow] = {}

    def read(self, reader: Reader, durations: ExpectedDurations, limit: int) -> list[RunRow]:
        """At most `limit` that run or wait, those that run first, then the `limit` that ended last, the last first:
        whenever they began."""
        live = [row for state in _LIVE for row in reader.scan(OCCURRENCES_BY_DUE, state, limit=limit)][:limit]
        ended = reader.scan(OCCURRENCES_BY_END, low=EPOCH, reverse=True, limit=limit)
        return [
            *(self._live(reader, durations, row) for row in occurrence_rows(reader, live)),
            *(self._of(reader, row) for row in occurrence_rows(reader, ended)),
        ]

    def _live(self, reader: Reader, durations: ExpectedDurations, row: OccurrenceRow) -> RunRow:
        if row.status not in OWNED_OCCURRENCES:
            return RunRow(row)
        tasks = reader.scan(TASK_RUNS_BY_OCCURRENCE, row.id)
        done = sum(task.finished_at is not None for task in tasks)
        return RunRow(row, _steps(tasks, row.status), done, len(tasks), durations.of(reader, row.job_id))

    def _of(self, reader: Reader, row: OccurrenceRow) -> RunRow:
        if row.status not in _WENT_WRONG:
            return RunRow(row)
        known = self._ended.get(row.id)
        if known is None or known.row != row:
            tasks = reader.scan(TASK_RUNS_BY_OCCURRENCE, row.id)
            known = RunRow(row, _steps(tasks, row.status), len(tasks), len(tasks))
            if len(self._ended) >= _KEPT:
                self._ended.clear()
            self._ended[row.id] = known
        return known


def _steps(tasks: Sequence[TaskRun], status: OccurrenceState) -> tuple[str, ...]:
    """The names of the tasks that tell most: what runs, or what went wrong."""
    return tuple(task.name for task in tasks if task.state in _TELLING[status])
