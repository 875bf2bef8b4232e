"""How a job's last runs went, for a pane that has room: how long they took as bars, and below it the same as a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.text import Text

from jobistemer_tui.operations.read_models import OccurrenceRow
from jobistemer_tui.operations.statistics import Ran

from .job_rows import Viewpoint
from .occurrence_rows import occurrence_columns, occurrence_table_row
from .rows import row_text
from .sparklines import duration_chart
from .wrapping import rule_text

_BARS: Final = 4
_LISTED: Final = 16


def past_lines(runs: Sequence[OccurrenceRow], view: Viewpoint, width: int, room: int) -> list[Text]:
    """At most `room` lines of the runs, which come newest first: bars, oldest to newest, and one line for each."""
    lines = chart_lines(runs, view, width)
    if len(lines) + 2 > room:
        lines = []
    listed = runs[: max(0, min(_LISTED, room - len(lines) - 1))]
    if listed:
        columns = occurrence_columns(min(width, 100))
        lines.append(rule_text("its last runs", width))
        lines += [Text.assemble(" ", row_text(occurrence_table_row(row, columns, view), columns)) for row in listed]
    return lines


def chart_lines(runs: Sequence[OccurrenceRow], view: Viewpoint, width: int) -> list[Text]:
    """The bars under their title; nothing where no run has ended."""
    ran = [_ran(run) for run in reversed(runs)]
    if not any(run.seconds for run in ran):
        return []
    title = rule_text("how long they took, oldest to newest", width)
    return [title, *duration_chart(ran, width - 1, _BARS, dark=view.dark)]


def _ran(run: OccurrenceRow) -> Ran:
    began, ended = run.started_at, run.finished_at
    seconds = None if began is None or ended is None else (ended - began).total_seconds()
    return Ran(run.id, run.scheduled_at, run.status, seconds)
