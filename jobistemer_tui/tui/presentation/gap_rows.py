"""The recovery inbox: the gaps of jobs as rows, and the pane of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rich.text import Text

from jobistemer_tui.domain.states import Reason
from jobistemer_tui.operations.gap_words import (
    away_words,
    hold_words,
    length_words,
    outcome_words,
    plan_words,
    runs_words,
)
from jobistemer_tui.operations.json_shapes import gap_json
from jobistemer_tui.operations.queries_gaps import GapRow

from .fitting import cleaned, shown
from .job_detail import labelled
from .job_rows import Viewpoint
from .listing import Listing, Sort
from .moments import day_text, moment_text
from .rows import Column, TableRow, cell, flexible

_AWAY: Final = {
    Reason.DOWNTIME: "no engine was running",
    Reason.ASLEEP: "the machine was asleep",
    Reason.CLOCK_SET: "the clock was set past it",
}


def gap_key(gap: GapRow) -> str:
    """What tells a gap from all others."""
    return f"{gap.job_id} {gap.begin_at.isoformat()}"


def gap_columns(width: int) -> tuple[Column, ...]:
    """The columns that fit a table of `width` cells."""
    columns = [Column("state", "S", 1), Column("job", "Job", 22 if width >= 110 else 14), Column("times", "Times", 5)]
    if width >= 64:
        columns.append(Column("away", "Away", 14))
    if width >= 150:
        columns.append(Column("when", "From", 14))
    columns.append(Column("plan", "Strategy", 25 if width >= 110 else 14))
    if width >= 76:
        columns.append(Column("left", "Waits for", 23 if width >= 110 else 11))
    if width >= 52:
        columns.append(Column("became", "Runs", 8))
    return flexible(columns, width - 2, flex="became" if width >= 52 else "job", least=8)


def gap_table_row(gap: GapRow, columns: Sequence[Column], view: Viewpoint) -> TableRow:
    """A gap as cells."""
    return TableRow(gap_key(gap), tuple(_cell(gap, column, view) for column in columns))


def _cell(gap: GapRow, column: Column, view: Viewpoint) -> Text:
    width, quiet = column.width, "" if gap.is_held else "dim"
    match column.key:
        case "state":
            return cell("↺" if gap.is_held else "·", width, "bold" if gap.is_held else "dim")
        case "job":
            return cell(shown(gap.job, width), width, "bold" if gap.is_held else "dim")
        case "times":
            return cell("?" if gap.instants is None else str(gap.instants), width, quiet)
        case "away":
            return cell(away_words(gap), width, quiet)
        case "when":
            return cell(moment_text(gap.begin_at, view.now, view.style.zone), width, quiet)
        case "plan":
            return cell(plan_words(gap), width, quiet)
        case "left":
            return cell(hold_words(gap, view.now), width, quiet)
        case _:
            return cell(runs_words(gap) if gap.is_held else outcome_words(gap), width, quiet)


def gap_lines(gap: GapRow, view: Viewpoint, width: int) -> list[Text]:
    """The pane of a gap: since when and why, which times, what becomes of them, who decided."""
    return [line for label, words in _facts(gap, view) for line in labelled(label, [Text(words)], width)]


def _facts(gap: GapRow, view: Viewpoint) -> Iterator[tuple[str, str]]:
    zone, now = view.style.zone, view.now
    since = gap.down_at or gap.begin_at
    length, why = length_words(since, gap.awake_at), _AWAY.get(gap.reason, gap.reason.value)
    yield "Away", f"{day_text(since, now, zone)} to {day_text(gap.awake_at, now, zone)} ({length}): {why}"
    times = "not counted yet" if gap.instants is None else f"{gap.instants}"
    last = "" if gap.end_at is None or gap.end_at == gap.begin_at else f" to {day_text(gap.end_at, now, zone)}"
    yield "Times", f"{times}, from {day_text(gap.begin_at, now, zone)}{last}"
    yield "Plan", plan_words(gap)
    if gap.is_held:
        yield "Runs", runs_words(gap)
        yield "Waits", _wait(gap, view)
    else:
        at = "" if gap.resolved_at is None else f", {day_text(gap.resolved_at, now, zone)}"
        yield "End", f"{outcome_words(gap)}{at}"
    if gap.by:
        yield "By", cleaned(gap.by) + (f': "{cleaned(gap.why)}"' if gap.why else "")


def _wait(gap: GapRow, view: Viewpoint) -> str:
    words = hold_words(gap, view.now)
    return f"{words}, then the strategy applies by itself" if gap.held_for is Reason.RECOVERY_HOLD else words


GAP_LISTING: Final = Listing[GapRow](
    noun="gap",
    key=gap_key,
    texts=lambda gap: (gap.job, away_words(gap), plan_words(gap)),
    columns=gap_columns,
    cells=gap_table_row,
    record=gap_json,
    fields={
        "state": lambda gap, part: ("held" if gap.is_held else "done").startswith(part),
        "why": lambda gap, part: gap.reason.value.startswith(part),
    },
    is_problem=lambda gap: gap.is_held,
    sorts=(
        Sort("Newest"),
        Sort("Job", lambda gap: gap.job),
        Sort("Times", lambda gap: -(gap.instants or 0)),
    ),
)
