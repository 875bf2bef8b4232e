"""The words around a log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from jobistemer_tui.domain.sizes import size_text
from jobistemer_tui.domain.states import OPEN_ATTEMPTS, AttemptState
from jobistemer_tui.operations.log_levels import Level
from jobistemer_tui.operations.log_reader import LogState
from jobistemer_tui.operations.read_models import AttemptRow, LogPlace
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.tui.presentation.durations import whole_duration
from jobistemer_tui.tui.presentation.fitting import cleaned, shown
from jobistemer_tui.tui.presentation.job_rows import Viewpoint, grouped
from jobistemer_tui.tui.presentation.status_marks import mark_of
from jobistemer_tui.tui.presentation.task_rows import attempt_words

from .log_view import LEVELS, LogView
from .log_view_paint import TimeColumn
from .log_view_rows import StreamChoice


def log_crumbs(place: LogPlace, zone: tzinfo | None, width: int) -> Text:
    """Row 1: `Jobistemer ▸ backup ▸ 2026-11-24 06:25 ▸ upload ▸ try 3`."""
    scheduled = place.occurrence.scheduled_at.astimezone(zone)
    names = ["Jobistemer", cleaned(place.job), f"{scheduled:%Y-%m-%d %H:%M}", cleaned(place.task),
             f"try {place.attempt.number}"]  # fmt: skip
    text = Text(" ", no_wrap=True, end="")
    names = [shown(name, max(width // 3, 8)) for name in names]
    while len(names) > 2 and sum(cell_len(name) + 3 for name in names) > width:
        names.pop(0)
    for index, name in enumerate(names):
        text.append(" ▸ " if index else "", "dim")
        text.append(name, "bold" if index == len(names) - 1 else "")
    return text


def log_status(place: LogPlace, tries: Sequence[AttemptRow], log: LogView, view: Viewpoint, width: int) -> Text:
    """Row 2: how the try goes or went, how long its log is, and the tries of the task."""
    attempt = place.attempt
    mark = mark_of(attempt.status)
    text = Text(" ", no_wrap=True, end="")
    text.append(f"{mark.glyph} {mark.label}", f"bold {mark.style(dark=view.dark)}")
    reader = log.reader
    facts = [attempt_words(attempt, view)]
    if reader is not None and reader.state is LogState.PRESENT:
        lines = "line" if log.rows.line_count == 1 else "lines"
        facts.append(f"{grouped(log.rows.line_count)} {lines} · {size_text(reader.size)}")
    text.append(" " + " · ".join(facts))
    tabs = _tries(attempt, tries, view)
    text.truncate(max(width - cell_len(tabs.plain) - 2, 10), overflow="ellipsis")
    text.append(" " * max(width - cell_len(text.plain) - cell_len(tabs.plain) - 1, 1))
    return text.append_text(tabs)


def _tries(current: AttemptRow, tries: Sequence[AttemptRow], view: Viewpoint) -> Text:
    text = Text("try ")
    for attempt in tries[-8:]:
        mark = mark_of(attempt.status)
        style = Style.parse(mark.style(dark=view.dark) + (" reverse" if attempt.id == current.id else ""))
        go = Style.from_meta({"@click": f"screen.go_to_try({attempt.number})"})
        text.append(f"‹{attempt.number}{mark.glyph}›", style + go)
        text.append(" ")
    text.rstrip()
    return text


def search_row(log: LogView, width: int) -> Text:
    """What is searched and filtered, with the figures; empty if nothing is."""
    wanted, rows = log.wanted, log.rows
    parts: list[tuple[str, str]] = []
    if wanted.search is not None:
        number = rows.match_number(log.current) if log.current is not None else 0
        count = (
            f"match {grouped(number)} of {grouped(rows.match_count)}"
            if number
            else f"{grouped(rows.match_count)} {'match' if rows.match_count == 1 else 'matches'}"
        )
        parts.append(
            (f"/{shown(wanted.search.text, max(width // 3, 10))}", "searching…" if log.is_reading else f"{count}   n N")
        )
    if wanted.line_filter is not None:
        count = f"{grouped(len(rows))} of {grouped(rows.line_count)} lines"
        parts.append((f"&{shown(wanted.line_filter.text, max(width // 3, 10))}",
                      "filtering…" if log.is_reading else count))  # fmt: skip
    text = Text("", no_wrap=True, end="")
    for typed, figures in parts:
        text.append(f" {typed}", "bold")
        text.append(f"  {figures} ", "dim")
    for query in (wanted.search, wanted.line_filter.query if wanted.line_filter is not None else None):
        if query is not None and query.problem:
            text.append(f" {shown(query.problem, width)}", "italic")
    return text


def toggles_row(log: LogView, width: int, *, zoomed: bool = False) -> Text:
    """Every setting in words; at the right what is new below and how far down one is. A click on one changes it.

    Where there is no room for all, those give way first that hide and change nothing.
    """
    right = Text(_selection_words(log), end="")
    right.append("reading… " if log.is_reading and log.wanted.search is None else "")
    if log.new_rows:
        right.append(f"+{grouped(log.new_rows)} new ▼ ", Style(bold=True, reverse=True) + _clickable("bottom"))
    right.append(f"  {log.percent}%")
    room = max(width - cell_len(right.plain) - 2, 8)
    toggles = _toggles(log, zoomed=zoomed)
    while len(plain := [one for one in toggles if one.is_plain]) and _toggles_width(toggles) > room:
        toggles.remove(plain[0])
    text = Text(" ", no_wrap=True, end="")
    for index, one in enumerate(toggles):
        text.append(" · " if index else "", "dim")
        text.append(one.words, _clickable(one.action) + Style(bold=True if one.words == "FOLLOW on" else None))
    text.truncate(room, overflow="ellipsis")
    text.append(" " * max(width - cell_len(text.plain) - cell_len(right.plain) - 1, 1))
    return text.append_text(right)


@dataclass(frozen=True, slots=True)
class _Toggle:
    """A setting; `is_plain`: as it is at first, and nothing of the log is hidden by it."""

    action: str
    words: str
    is_plain: bool = False


def _toggles(log: LogView, *, zoomed: bool) -> list[_Toggle]:
    wanted = log.wanted
    toggles = [
        _Toggle("follow", f"FOLLOW {'on' if log.follow else 'off'}"),
        _Toggle("wrap", f"wrap {'on' if log.wrap else 'off'}", not log.wrap),
        _Toggle("time_column", f"time {log.time}", log.time is TimeColumn.LOCAL),
        _Toggle("level", f"level {LEVELS[wanted.least]}", wanted.least is Level.NONE),
        _Toggle("streams", f"stream {wanted.streams}", wanted.streams is StreamChoice.BOTH),
    ]
    if zoomed:
        toggles.append(_Toggle("zoom", "zoom on"))
    if log.numbered:
        toggles.append(_Toggle("numbers", "numbers on"))
    return toggles


def _toggles_width(toggles: Sequence[_Toggle]) -> int:
    return 1 + sum(cell_len(one.words) for one in toggles) + 3 * (len(toggles) - 1)


def _clickable(action: str) -> Style:
    return Style.from_meta({"@click": f"screen.do('{action}')"})


def _selection_words(log: LogView) -> str:
    words = f"column {log.left + 1} " if log.left else ""
    if log.selection is not None:
        first, last = log.rows.row(log.selection[0]), log.rows.row(log.selection[1] + 1)
        words += f"{grouped(last - first)} selected "
    return words


@dataclass(frozen=True, slots=True)
class Emptiness:
    """Why there is nothing to read."""

    state: LogState
    error: str
    lines: int
    is_reading: bool


def empty_words(place: LogPlace, log: Emptiness, view: Viewpoint) -> str:
    """Why nothing is shown, and what would change that."""
    attempt = place.attempt
    if attempt.status is AttemptState.PLANNED:
        return "This try has not started."
    if attempt.status is AttemptState.NOT_STARTED:
        return "This try never started, so it wrote nothing."
    if log.state is LogState.UNREADABLE:
        return f"The log cannot be read: {cleaned(log.error)}"
    if log.state is LogState.EXPIRED:
        return "The log is gone from the disk."
    if log.is_reading:
        return "Reading…"
    if log.lines:
        return f"No line of {grouped(log.lines)} fits; `&`, `L` and `b` change what is shown."
    if attempt.status not in OPEN_ATTEMPTS:
        return "The task wrote nothing."
    since = (view.now - attempt.started_at).total_seconds() if attempt.started_at else 0.0
    return f"No output yet (started {whole_duration(since)} ago)."
