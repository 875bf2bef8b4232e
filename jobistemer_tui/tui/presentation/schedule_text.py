"""When a job runs: its schedule in words, what bounds it, and the times to come with what becomes of each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.text import Text

from jobistemer_tui.operations.read_models import JobDetail

from .fitting import cleaned
from .job_detail import coming_lines, next_lines
from .job_rows import Viewpoint
from .lines import Line, heading, labelled_lines
from .status_marks import MISSED

_BOUNDS = (
    ("start", "From"),
    ("end", "Until"),
    ("repetitions", "Times"),
    ("jitter", "Jitter"),
    ("exclude", "Excludes"),
    ("on", "After"),
)


def schedule_lines(detail: JobDetail, view: Viewpoint, width: int) -> list[Line]:
    """Expression, words, bounds, hints, then the times to come."""
    row = detail.row
    lines = [
        line for text in _expressions(detail.schedule) for line in labelled_lines("Written", [cleaned(text)], width)
    ]
    lines += labelled_lines("In words", [cleaned(row.schedule_words)], width)
    zone = f"{row.timezone} (data {detail.timezone_data})" if detail.timezone_data else row.timezone
    lines += labelled_lines("Zone", [cleaned(zone)], width)
    for name, words in _bounds(detail.schedule):
        lines += labelled_lines(name, [cleaned(words)], width)
    for note in (detail.zone_warning, *detail.hints):
        if note:
            lines += labelled_lines("Note", [Text(cleaned(note), MISSED.style(dark=view.dark))], width)
    lines += [Line(), heading(f"the next {len(detail.coming)} times" if detail.coming else "next", width)]
    if detail.coming:
        return [*lines, *(Line(text) for text in coming_lines(detail.coming, row.timezone, view, width))]
    return [*lines, *labelled_lines("", next_lines(row, detail, view), width, label_width=1)]


def _expressions(schedule: Any) -> Iterator[str]:
    """Each expression as its file has it."""
    for one in schedule if isinstance(schedule, list) else [schedule]:
        if isinstance(one, dict):
            kinds = [f"{kind} = {one[kind]}" for kind in one if kind not in dict(_BOUNDS) and kind != "timezone"]
            yield ", ".join(kinds)
        else:
            yield "no schedule: it runs only when triggered" if one is None else str(one)


def _bounds(schedule: Any) -> Iterator[tuple[str, str]]:
    """The window and what is left out, of each part of the schedule."""
    for one in schedule if isinstance(schedule, list) else [schedule]:
        if isinstance(one, dict):
            for key, name in _BOUNDS:
                value = one.get(key)
                for part in value if isinstance(value, list) else [value]:
                    if part not in (None, "", {}):
                        yield name, _bound_text(part)


def _bound_text(part: Any) -> str:
    if isinstance(part, dict):
        return ", ".join(f"{name} {value}" for name, value in part.items())
    return str(part)
