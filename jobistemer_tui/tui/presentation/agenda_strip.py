"""How much begins when: bars over the window, the same as a table, and a lane for each job."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from rich.cells import set_cell_size
from rich.text import Text

from jobistemer_tui.operations.agenda import Agenda, AgendaRow, Part

from .fitting import shown
from .gantt import Axis
from .job_rows import Viewpoint, grouped
from .status_marks import MISSED, RUNNING

_BARS: Final = "▁▂▃▄▅▆▇█"
_LABEL: Final = 6
_GROUPS: Final = (1, 2, 3, 6, 12, 24)
_DAY: Final = timedelta(days=2)
_LANE_NAME: Final = 18
_TABLE_CELL: Final = 20


def load_lines(agenda: Agenda, view: Viewpoint, width: int) -> list[Text]:
    """Two lines: the hours (of a week the days), and a bar for what begins in each part."""
    parts = _grouped(agenda.parts, width - _LABEL - 1)
    most = max((part.times for part in parts), default=0)
    bars = Text(f" {'load':<{_LABEL - 1}}", "dim", no_wrap=True, end="")
    for part in parts:
        bars.append(_bar(part.times, most), RUNNING.style(dark=view.dark))
    ticks = Text(f" {'hour' if _is_day(agenda) else 'day':<{_LABEL - 1}}", "dim", no_wrap=True, end="")
    ticks.append(_ticks(parts, view, hours=_is_day(agenda)), "dim")
    return [ticks, bars]


def _is_day(agenda: Agenda) -> bool:
    return agenda.end - agenda.start < _DAY


def _grouped(parts: Sequence[Part], cells: int) -> list[Part]:
    """The parts, so many of them put together that they have room."""
    size = next((size for size in _GROUPS if math.ceil(len(parts) / size) <= cells), _GROUPS[-1])
    return [_together(parts[at : at + size]) for at in range(0, len(parts), size)]


def _together(parts: Sequence[Part]) -> Part:
    return Part(parts[0].at, sum(part.times for part in parts), max(part.jobs for part in parts))


def _bar(times: int, most: int) -> str:
    return _BARS[math.ceil(times / most * len(_BARS)) - 1] if times else " "


def _ticks(parts: Sequence[Part], view: Viewpoint, *, hours: bool) -> str:
    """The names of the hours or days at the cells in which they begin, as many as have room."""
    text, before = "", None
    for place, part in enumerate(parts):
        local = part.at.astimezone(view.style.zone)
        unit = local.hour if hours else local.date()
        name = f"{local:%H}" if hours else f"{local:%a}"
        if unit != before and (not text or len(text) < place):
            text = f"{text:<{place}}{name}"
        before = unit
    return text[: max(len(parts), 3)]


def load_table(agenda: Agenda, view: Viewpoint, width: int) -> list[Text]:
    """The same in numbers: what begins in each hour, or of a week on each quarter of a day."""
    size = max(1, len(agenda.parts) // (24 if _is_day(agenda) else 28))
    parts = [_together(agenda.parts[at : at + size]) for at in range(0, len(agenda.parts), size)]
    cells = [
        f"{part.at.astimezone(view.style.zone):{'%H:%M' if _is_day(agenda) else '%a %H:%M'}} {grouped(part.times):>6}"
        for part in parts
    ]
    columns = max(1, width // _TABLE_CELL)
    lines = math.ceil(len(cells) / columns)
    rows = [" " + "".join(f"{one:<{_TABLE_CELL}}" for one in cells[line::lines]) for line in range(lines)]
    return [Text(" what begins from each time on", "dim"), *(Text(row.rstrip()) for row in rows)]


def lane_lines(agenda: Agenda, rows: Sequence[AgendaRow], view: Viewpoint, width: int, room: int) -> list[Text]:
    """A line for each of the first jobs: when it runs, and for how long it is expected to."""
    cells = max(8, width - _LANE_NAME - 3)
    axis = Axis(agenda.start, (agenda.end - agenda.start).total_seconds() / cells, cells)
    lanes: dict[str, list[AgendaRow]] = {}
    for row in rows:
        if row.runs:
            lanes.setdefault(row.job, []).append(row)
    return [_lane(job, mine, axis, view) for job, mine in list(lanes.items())[: max(0, room)]]


def _lane(job: str, rows: Sequence[AgendaRow], axis: Axis, view: Viewpoint) -> Text:
    signs = [" "] * axis.cells
    for row in rows:
        first = axis.cell(row.instant)
        if row.last is not None:
            for place in range(first, axis.cell(row.last) + 1):
                signs[place] = "·"
        length = max(1, math.ceil((row.expected_s or 0.0) / axis.seconds_per_cell))
        for place in range(first, min(axis.cells, first + length)):
            signs[place] = "█"
    style = MISSED if any(row.bracket for row in rows) else RUNNING
    text = Text(f" {set_cell_size(shown(job, _LANE_NAME), _LANE_NAME)} ", no_wrap=True, end="")
    text.append("".join(signs), style.style(dark=view.dark))
    return text
