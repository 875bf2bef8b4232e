"""The table of jobs: columns by width, and cells."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from rich.text import Text

from jobistemer_tui.domain.states import OccurrenceState, Reason
from jobistemer_tui.settings.quick_dataclass import dataclass

from .durations import took
from .fitting import cleaned, shown
from .moments import TimeStyle, ago_text, ahead_text
from .rows import Column, TableRow, cell, flexible
from .status_marks import FAILED, OFF, PAUSED, PENDING, QUEUED, RUNNING, SKIPPED, Mark, mark_of

if TYPE_CHECKING:
    from jobistemer_tui.operations.job_models import JobRow

LATER = "»"
"""Before a time: the run that was put off until then."""
LEFT_OUT = (Reason.SKIPPED_BY_USER, Reason.EXCLUDED, Reason.DST)
"""Marks of a planned run that will not start."""
_STRIP = 12


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """What decides how the same data look: the time, how times are written, and the ground's brightness."""

    now: datetime
    style: TimeStyle
    dark: bool


def job_columns(width: int) -> tuple[Column, ...]:
    """The columns that fit a table of `width` cells, from a bare name to names with tags."""
    time = 10
    columns = [Column("state", "S", 1), Column("job", "Job", 12)]
    if width >= 60:
        columns.append(Column("schedule", "Schedule", 28 if width >= 118 else 22 if width >= 100 else 14))
    if width >= 44:
        columns.append(Column("next", "Next", time))
    if width >= 52:
        columns.append(Column("last", "Last", time + 2))
    if width >= 68:
        columns.append(Column("took", "Took", 6))
    if width >= 78:
        columns.append(Column("strip", "Last 12", _STRIP))
    if width >= 118:
        columns.insert(2, Column("tags", "Tags", 14))
    return flexible(columns, width - 2, flex="job", least=8)


def job_mark(row: JobRow) -> Mark:
    """The one mark of a job: what it does now, else why it does nothing, else how it last ended."""
    if row.running:
        return RUNNING
    if row.queued:
        return QUEUED
    if row.error:
        return FAILED
    if not row.loaded or not row.enabled:
        return OFF
    if row.paused:
        return PAUSED
    return mark_of(row.last.status) if row.last else PENDING


def job_table_row(row: JobRow, columns: Sequence[Column], view: Viewpoint) -> TableRow:
    """One job as cells; a paused or sleeping job is dim as a whole."""
    dim = "dim" if not row.running and (row.paused or not row.loaded or not row.enabled) else ""
    return TableRow(row.name, tuple(_job_cell(row, column, view, dim) for column in columns))


def _job_cell(row: JobRow, column: Column, view: Viewpoint, dim: str) -> Text:
    width = column.width
    match column.key:
        case "state":
            return job_mark(row).text(dark=view.dark)
        case "job":
            return cell(shown(row.name, width), width, dim or "bold")
        case "tags":
            return cell(shown(" ".join(row.tags), width), width, "dim")
        case "schedule":
            return cell(shown(row.schedule or "by hand", width), width, dim)
        case "next":
            return _next_cell(row, width, view, dim)
        case "last":
            return _last_cell(row, width, view, dim)
        case "took":
            last = row.last
            return cell(took(last.started_at, last.finished_at, view.now) if last else "–", width, dim)
        case _:
            return strip_text(row.recent, dark=view.dark)


def next_words(row: JobRow, view: Viewpoint) -> str:
    """When the job runs next, or why it does not."""
    if row.external:
        return "external"
    if not row.loaded:
        return "not loaded"
    if not row.enabled:
        return "stopped" if row.stopped else "disabled"
    if row.paused:
        return "paused"
    if row.next is None:
        return f"after {cleaned(row.follows[0])}" if row.follows else "–"
    if row.next_starts is not None:
        return f"{LATER}{ahead_text(row.next_starts, view.now, view.style)}"
    left_out = SKIPPED.glyph if row.next_mark in LEFT_OUT else ""
    return f"{left_out}{ahead_text(row.next, view.now, view.style)}"


def _next_cell(row: JobRow, width: int, view: Viewpoint, dim: str) -> Text:
    if row.running:
        return cell("running", width, RUNNING.style(dark=view.dark))
    if row.queued:
        return cell("queued", width, QUEUED.style(dark=view.dark))
    return cell(next_words(row, view), width, dim)


def _last_cell(row: JobRow, width: int, view: Viewpoint, dim: str) -> Text:
    if row.last is None:
        return cell("never", width, "dim")
    text = mark_of(row.last.status).text(dark=view.dark)
    when = row.last.finished_at or row.last.started_at or row.last.scheduled_at
    text.append(f" {ago_text(when, view.now, view.style)}", dim)
    return text


@lru_cache(maxsize=4096)
def strip_text(recent: tuple[OccurrenceState, ...], *, dark: bool) -> Text:
    """The last states as a strip of glyphs, the newest at the right. Shared: it is most of the cost of a row."""
    text = Text(no_wrap=True, end="")
    for mark, alike in groupby(map(mark_of, recent[-_STRIP:])):
        text.append(mark.glyph * len(list(alike)), mark.style(dark=dark))
    return text


def grouped(number: int) -> str:
    """`12 408`."""
    return f"{number:,}".replace(",", " ")
