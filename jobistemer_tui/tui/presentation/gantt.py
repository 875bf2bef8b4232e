"""Bars on a time axis: what each task did when.

█ a try runs   ▒ waiting for the next try   · ready and waiting   ✗ where a try failed   ┆ now   ░ the run before
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Final

from rich.text import Text

from jobistemer_tui.domain.states import AttemptState, TaskRunState
from jobistemer_tui.operations.read_models import AttemptRow, OccurrenceDetail, TaskRow
from jobistemer_tui.settings.quick_dataclass import dataclass

from .status_marks import PENDING, RUNNING, Mark, mark_of

_STEPS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200, 86400, 604800)
_LEAST_SPAN_S: Final = 10.0
_TICK_CELLS: Final = 11
_BAD: Final = frozenset({AttemptState.FAILED, AttemptState.TIMEOUT, AttemptState.CANCELED, AttemptState.LOST})


@dataclass(frozen=True, slots=True)
class Axis:
    """`cells` cells from `start` on, each `seconds_per_cell` seconds long.

    `cut`: it is a part of the run's time; else whatever lies outside is drawn at its ends.
    """

    start: datetime
    seconds_per_cell: float
    cells: int
    cut: bool = False

    def cell(self, instant: datetime) -> int:
        """The cell of an instant, kept within the axis."""
        return min(max(self._place(instant), 0), self.cells - 1)

    def shows(self, begin: datetime, end: datetime) -> bool:
        """Whether anything of a span is drawn."""
        return not self.cut or (self._place(end) >= 0 and self._place(begin) < self.cells)

    def _place(self, instant: datetime) -> int:
        return math.floor((instant - self.start).total_seconds() / self.seconds_per_cell)


@dataclass(frozen=True, slots=True)
class Before:
    """The run before: where its tasks lay, as seconds from its start."""

    spans: Mapping[str, tuple[float, float]]

    @staticmethod
    def of(detail: OccurrenceDetail | None) -> Before:
        """The spans of a run that has ended; nothing of any other."""
        start = None if detail is None else detail.row.started_at
        if detail is None or start is None:
            return Before({})
        return Before({
            task.name: ((task.started_at - start).total_seconds(), (task.finished_at - start).total_seconds())
            for task in detail.tasks
            if task.started_at is not None and task.finished_at is not None
        })  # fmt: skip

    @property
    def seconds(self) -> float:
        """How long it took to the end of its last task."""
        return max((end for _, end in self.spans.values()), default=0.0)


NOTHING_BEFORE: Final = Before({})
MOST_ZOOM: Final = 10


def axis_for(
    occurrence: OccurrenceDetail, now: datetime, cells: int, *, before: Before = NOTHING_BEFORE, zoom: int = 0,
    around: datetime | None = None,
) -> Axis:  # fmt: skip
    """The axis of an occurrence: from its start to its end.

    While it runs the end lies ahead of now (where the run before ended, or further) and moves on only when now comes
    near, so that bars do not creep. Each step of `zoom` halves what is shown, about `around`.
    """
    row = occurrence.row
    start = row.started_at or row.scheduled_at
    end = row.finished_at
    span = ((end or now) - start).total_seconds()
    if end is None:
        span = _next_span(max(span * 1.1, before.seconds))
    span = max(_LEAST_SPAN_S, span)
    part = span / 2**zoom
    if zoom:
        middle = ((around or start) - start).total_seconds()
        start += timedelta(seconds=min(max(0.0, middle - part / 4), span - part))
    return Axis(start, part / max(1, cells), max(1, cells), cut=zoom > 0)


def _next_span(seconds: float) -> float:
    step = next((step for step in _STEPS if seconds <= step * 12), _STEPS[-1])
    return math.ceil(max(seconds, 1.0) / step) * step


def ticks(axis: Axis, zone: tzinfo | None) -> list[tuple[int, str]]:
    """The labelled cells of the axis: round local times, far enough apart to be read."""
    span = axis.seconds_per_cell * _TICK_CELLS
    week = _STEPS[-1]
    step = next((step for step in _STEPS if step >= span), math.ceil(span / week) * week)
    form = "%H:%M:%S" if step < 60 else "%H:%M" if step < 86_400 else "%d %b"
    local = axis.start.astimezone(zone)
    offset = local.utcoffset() or timedelta()
    since_epoch = axis.start.timestamp() + offset.total_seconds()
    instant = axis.start + timedelta(seconds=math.ceil(since_epoch / step) * step - since_epoch)
    found = []
    while (cell := (instant - axis.start).total_seconds() / axis.seconds_per_cell) < axis.cells:
        found.append((int(cell), instant.astimezone(zone).strftime(form)))
        instant += timedelta(seconds=step)
    return found


def axis_lines(axis: Axis, zone: tzinfo | None) -> tuple[str, str]:
    """Labels above, ticks below."""
    labels = [" "] * axis.cells
    rule = ["─"] * axis.cells
    for cell, label in ticks(axis, zone):
        rule[cell] = "┼"
        if cell + len(label) <= axis.cells:
            labels[cell : cell + len(label)] = label
    rule[0] = "├"
    return "".join(labels), "".join(rule)


def task_bar(
    task: TaskRow, tasks: Mapping[str, TaskRow], occurrence: OccurrenceDetail, axis: Axis, now: datetime, *,
    dark: bool, before: Before = NOTHING_BEFORE,
) -> Text:  # fmt: skip
    """The bar of one task, over that of the run before."""
    lane = _Lane(axis, dark)
    _draw_before(lane, task, occurrence, before)
    if occurrence.row.finished_at is None:
        lane.put(now, "┆", "dim")
    ready = ready_at(task, tasks, occurrence)
    for attempt in task.attempts:
        _draw_attempt(lane, attempt, ready, now)
        ready = attempt.finished_at
    if task.status is TaskRunState.PENDING and ready is not None and not task.attempts:
        lane.span(ready, now, "·", PENDING)
    if not task.attempts and task.finished_at is not None:
        mark = mark_of(task.status)
        lane.put(task.finished_at, mark.glyph, mark.style(dark=dark))
    return lane.text()


def _draw_before(lane: _Lane, task: TaskRow, occurrence: OccurrenceDetail, before: Before) -> None:
    start = occurrence.row.started_at
    if start is not None and task.name in before.spans:
        begin, end = before.spans[task.name]
        lane.span(start + timedelta(seconds=begin), start + timedelta(seconds=end), "░", PENDING)


def _draw_attempt(lane: _Lane, attempt: AttemptRow, ready: datetime | None, now: datetime) -> None:
    begin = attempt.started_at
    waited_until = begin or now
    if ready is not None and ready < waited_until:
        is_retry = attempt.number > 1
        lane.span(ready, waited_until, "▒" if is_retry else "·", PENDING)
    if begin is None:
        return
    mark = mark_of(attempt.status)
    lane.span(begin, attempt.finished_at or now, "█", RUNNING if attempt.finished_at is None else mark)
    if attempt.finished_at is not None and attempt.status in _BAD:
        lane.put(attempt.finished_at, mark.glyph, mark.style(dark=lane.dark))


def ready_at(task: TaskRow, tasks: Mapping[str, TaskRow], occurrence: OccurrenceDetail) -> datetime | None:
    """When nothing but the machine stood in the way: the end of the last task it needs."""
    ends = [tasks[name].finished_at if name in tasks else None for name in task.needs]
    known = [end for end in ends if end is not None]
    if len(known) < len(task.needs):
        return None
    return max(known, default=occurrence.row.started_at)


class _Lane:
    def __init__(self, axis: Axis, dark: bool) -> None:
        self.axis = axis
        self.dark = dark
        self._cells: list[tuple[str, str]] = [(" ", "")] * axis.cells

    def put(self, instant: datetime, glyph: str, style: str) -> None:
        if self.axis.shows(instant, instant):
            self._cells[self.axis.cell(instant)] = (glyph, style)

    def span(self, begin: datetime, end: datetime, glyph: str, mark: Mark) -> None:
        last = max(begin, end - timedelta(microseconds=1))
        if not self.axis.shows(begin, last):
            return
        for cell in range(self.axis.cell(begin), self.axis.cell(last) + 1):
            self._cells[cell] = (glyph, mark.style(dark=self.dark))

    def text(self) -> Text:
        text = Text(no_wrap=True, end="")
        for glyph, style in self._cells:
            text.append(glyph, style)
        return text
