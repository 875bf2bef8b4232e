"""How the list of jobs is filtered, ordered and exported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from jobistemer_tui.operations.job_models import JobRow
from jobistemer_tui.settings.deferred import deferred

from .job_rows import job_columns, job_mark, job_table_row
from .listing import Listing, Sort
from .status_marks import FAILED, MISSED, STALE, WITH_ERRORS

if TYPE_CHECKING:
    from jobistemer_tui.operations import json_shapes
else:
    json_shapes = deferred("jobistemer_tui.operations.json_shapes")

_PROBLEMS: Final = (FAILED, STALE, MISSED, WITH_ERRORS)
_FAR: Final = float("inf")


def _is_problem(row: JobRow) -> bool:
    return row.error is not None or job_mark(row) in _PROBLEMS


def _next(row: JobRow) -> float:
    return row.next.timestamp() if row.next and row.enabled and not row.paused else _FAR


def _last(row: JobRow) -> float:
    """The newest first."""
    return _FAR if row.last is None else -(row.last.finished_at or row.last.scheduled_at).timestamp()


def _took(row: JobRow) -> float:
    """The longest first."""
    last = row.last
    if last is None or last.started_at is None or last.finished_at is None:
        return 0.0
    return (last.started_at - last.finished_at).total_seconds()


JOB_LISTING: Final = Listing[JobRow](
    noun="job",
    key=lambda row: row.name,
    texts=lambda row: (row.name, row.schedule or "", row.description, row.file, *row.tags),
    columns=job_columns,
    cells=job_table_row,
    record=lambda row: json_shapes.job_json(row),
    fields={
        "tag": lambda row, part: any(tag.lower().startswith(part) for tag in row.tags),
        "status": lambda row, part: job_mark(row).label.lower().startswith(part[:4]),
    },
    is_problem=_is_problem,
    sorts=(
        Sort("Name"),
        Sort("Next", _next),
        Sort("Last", _last),
        Sort("Took", _took),
        Sort("State", lambda row: job_mark(row).label),
    ),
)
