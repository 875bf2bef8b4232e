"""The occurrences of a job as a table."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from jobistemer_tui.operations.read_models import OccurrenceRow

from .durations import short_duration, took
from .job_rows import Viewpoint
from .moments import TimeStyle, ago_text, ahead_text, moment_text
from .reasons import REASON_WORDS, TRIGGER_WORDS, detail_words
from .rows import Column, TableRow, cell, flexible
from .status_marks import mark_of


def occurrence_columns(width: int) -> tuple[Column, ...]:
    """The columns that fit a table of `width` cells."""
    columns = [Column("state", "S", 6), Column("scheduled", "Scheduled", 15)]
    if width >= 60:
        columns.append(Column("late", "Late", 6))
    if width >= 44:
        columns.append(Column("took", "Took", 6))
    if width >= 60:
        columns.append(Column("trigger", "Trigger", 9))
    if width >= 120:
        columns += [Column("version", "Ver", 3), Column("node", "Node", 12)]
    columns.append(Column("why", "Why", 10))
    return flexible(columns, width - 2, flex="why", least=4)


def occurrence_table_row(row: OccurrenceRow, columns: Sequence[Column], view: Viewpoint) -> TableRow:
    """One occurrence as cells."""
    return TableRow(str(row.id), tuple(_occurrence_cell(row, column, view) for column in columns))


def _occurrence_cell(row: OccurrenceRow, column: Column, view: Viewpoint) -> Text:
    width = column.width
    match column.key:
        case "state":
            return mark_of(row.status).text(dark=view.dark, label=True)
        case "scheduled":
            return cell(scheduled_words(row, view), width)
        case "late":
            return cell(late_words(row), width, "dim")
        case "took":
            return cell(took(row.started_at, row.finished_at, view.now), width)
        case "trigger":
            return cell(TRIGGER_WORDS[row.trigger], width, "dim")
        case "version":
            return cell(str(row.version), width, "dim")
        case "node":
            return cell(row.node or "–", width, "dim")
        case _:
            return cell(why_words(row), width, "dim")


def scheduled_words(row: OccurrenceRow, view: Viewpoint) -> str:
    """The instant of an occurrence in a column; relative times say how long ago it was."""
    if view.style is not TimeStyle.RELATIVE:
        return moment_text(row.scheduled_at, view.now, view.style.zone)
    if row.scheduled_at > view.now:
        return f"in {ahead_text(row.scheduled_at, view.now, view.style)}"
    return f"{ago_text(row.scheduled_at, view.now, view.style)} ago"


def late_words(row: OccurrenceRow) -> str:
    """How long after its instant it started: `+0.4s`."""
    if row.started_at is None:
        return "–"
    return f"+{short_duration((row.started_at - row.scheduled_at).total_seconds())}"


def why_words(row: OccurrenceRow) -> str:
    """The reason of a state, and its detail."""
    words = REASON_WORDS[row.reason] if row.reason else ""
    extra = detail_words(row.reason_detail)
    return f"{words} ({extra})" if words and extra else words or extra
