"""What the runs of a job add up to, as figures, a chart, and the same in tables."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from jobistemer_tui.domain.states import OccurrenceState
from jobistemer_tui.operations.statistics import BAD, GOOD, Spread, Statistics

from .durations import short_duration
from .job_rows import Viewpoint
from .lines import Line, Target, columns_line, heading, labelled_lines
from .moments import moment_text
from .reasons import STATE_WORDS
from .sparklines import duration_chart, share_bar
from .status_marks import FAILED, mark_of

_CHART_ROWS = 6
_BAR = 24
_NEWEST = 30


def stats_lines(found: Statistics, view: Viewpoint, width: int) -> list[Line]:
    """Figures, chart, the days, the newest runs."""
    lines = [*_figures(found, view, width), Line()]
    if any(run.seconds for run in found.runs):
        lines.append(heading("how long the runs took, oldest to newest", width))
        lines += [Line(text) for text in duration_chart(found.runs, width, _CHART_ROWS, dark=view.dark)]
        lines.append(Line())
    if not found.runs:
        return lines
    lines += [heading("by day", width), *_days(found, view), Line()]
    return [*lines, heading(f"newest {min(_NEWEST, len(found.runs))} runs", width), *_runs(found, view)]


def _figures(found: Statistics, view: Viewpoint, width: int) -> Iterator[Line]:
    looked = f"the newest {len(found.runs)} of {found.total} stored runs"
    every = f"all {found.total} stored runs" if found.total else "no run is stored yet"
    yield from labelled_lines("Of", [every if found.total == len(found.runs) else looked], width)
    yield from labelled_lines("Success", [_success(found, view)], width)
    yield from labelled_lines("Took", [_spread_words(found.seconds, "nothing has ended yet")], width)
    yield from labelled_lines("Late", [_spread_words(found.late, "nothing has started yet")], width)
    yield from labelled_lines("Retries", [_retries(found)], width)
    if others := _others(found):
        yield from labelled_lines("Others", [others], width)
    if found.ever:
        ever = ", ".join(f"{count} {_state_words(name)}" for name, count in sorted(found.ever.items()))
        yield from labelled_lines("Ever", [f"{ever} (with what was cleared away)"], width)


def _state_words(name: str) -> str:
    return STATE_WORDS[OccurrenceState(name)] if name in set(OccurrenceState) else name


def _success(found: Statistics, view: Viewpoint) -> Text:
    if found.rate is None:
        return Text("no run has succeeded or failed yet")
    text = Text.assemble((f"{found.rate:.1%} ", "bold"))  # as its own style it would be that of all behind it
    text.append_text(share_bar(found.rate, _BAR, dark=view.dark))
    text.append(f" {found.good} good, {found.bad} bad")
    if abs(found.streak) > 1:
        text.append(f" · the last {abs(found.streak)} were {'good' if found.streak > 0 else 'bad'}")
    elif found.streak == -1:
        text.append(" · the last one was bad", FAILED.dark if view.dark else FAILED.light)
    return text


def _spread_words(found: Spread | None, nothing: str) -> str:
    if found is None:
        return nothing
    figures = (("median", found.median), ("p95", found.p95), ("most", found.most), ("least", found.least))
    return " · ".join(f"{name} {short_duration(value)}" for name, value in figures)


def _retries(found: Statistics) -> str:
    if not found.retries:
        return "none"
    return f"{found.retries} tries beyond the first, in {found.retried} of {len(found.runs)} runs"


def _others(found: Statistics) -> str:
    states = [state for state in OccurrenceState if found.counts.get(state) and state not in GOOD | BAD]
    return ", ".join(f"{found.counts[state]} {STATE_WORDS[state]}" for state in states)


_DAY_COLUMNS = (("Day", 12), ("Runs", -5), ("Good", -5), ("Bad", -5), ("Other", -6), ("Median", -8))


def _days(found: Statistics, view: Viewpoint) -> Iterator[Line]:
    yield columns_line([(name, width, "dim") for name, width in _DAY_COLUMNS])
    for day in reversed(found.days):
        good = sum(day.counts.get(state, 0) for state in GOOD)
        bad = sum(day.counts.get(state, 0) for state in BAD)
        everything = sum(day.counts.values())
        values = [f"{day.day.astimezone(view.style.zone):%a %d %b}", everything, good, bad, everything - good - bad]
        values.append("–" if day.seconds is None else short_duration(day.seconds))
        styles = ["", "", "", FAILED.style(dark=view.dark) if bad else "", "", ""]
        yield columns_line(
            [(str(value), width, style) for value, (_, width), style in zip(values, _DAY_COLUMNS, styles, strict=True)]
        )


_RUN_COLUMNS = (("S", 6), ("Scheduled", 15), ("Took", -8), ("Late", -8), ("Retries", -8))


def _runs(found: Statistics, view: Viewpoint) -> Iterator[Line]:
    yield columns_line([(name, width, "dim") for name, width in _RUN_COLUMNS])
    for run in list(reversed(found.runs))[:_NEWEST]:
        mark = mark_of(run.status)
        values = [
            (f"{mark.glyph} {mark.label}", mark.style(dark=view.dark)),
            (moment_text(run.at, view.now, view.style.zone), ""),
            ("–" if run.seconds is None else short_duration(run.seconds), ""),
            ("–" if run.late is None else short_duration(run.late), "dim"),
            (str(run.retries or "–"), "dim"),
        ]
        cells = [(text, width, style) for (text, style), (_, width) in zip(values, _RUN_COLUMNS, strict=True)]
        yield columns_line(cells, target=Target("occurrence", str(run.id)))
