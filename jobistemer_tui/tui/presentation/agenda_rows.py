"""What is to come as a list: cells, notes, filter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Final

from rich.text import Text

from jobistemer_tui.domain.durations import duration_text
from jobistemer_tui.domain.instants import instant_json
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.operations.agenda import Agenda, AgendaRow
from jobistemer_tui.operations.control_words import upcoming_words

from .durations import short_duration, whole_duration
from .fitting import cleaned, shown
from .job_rows import Viewpoint, grouped
from .listing import Listing, Sort
from .moments import day_text
from .rows import Column, TableRow, cell, flexible
from .status_marks import MISSED, PAUSED, PENDING, SKIPPED, Mark


def agenda_columns(width: int) -> tuple[Column, ...]:
    """The columns that fit a table of `width` cells."""
    columns = [Column("state", "S", 1)]
    if width >= 76:
        columns.append(Column("day", "Day", 10))
    columns += [Column("when", "When", 5), Column("job", "Job", 28 if width >= 110 else 18)]
    if width >= 44:
        columns.insert(-1, Column("in", "In", 6))
    if width >= 70:
        columns.append(Column("expected", "Takes", 7))
    if width >= 110:
        columns.append(Column("group", "Group", 12))
    if width >= 60:
        columns.append(Column("notes", "Notes", 8))
    return flexible(columns, width - 2, flex="notes" if width >= 60 else "job", least=8)


def agenda_table_row(row: AgendaRow, columns: Sequence[Column], view: Viewpoint) -> TableRow:
    """One time to come as cells; what will not run is dim."""
    return TableRow(row_key(row), tuple(_cell(row, column, view, "" if row.runs else "dim") for column in columns))


def row_key(row: AgendaRow) -> str:
    """What tells the row from others: the job, and the instant of one that stands alone."""
    return row.job if row.more else f"{row.job}@{row.instant.isoformat()}"


def _cell(row: AgendaRow, column: Column, view: Viewpoint, dim: str) -> Text:
    width, zone = column.width, view.style.zone
    match column.key:
        case "state":
            return agenda_mark(row).text(dark=view.dark)
        case "day":
            return cell(day_word(row.instant, view.now, zone), width, "dim")
        case "when":
            return cell(f"{row.instant.astimezone(zone):%H:%M}", width, dim)
        case "in":
            return cell(whole_duration((row.instant - view.now).total_seconds()), width, "dim")
        case "job":
            return cell(shown(row.job, width), width, dim or "bold")
        case "expected":
            return cell("–" if row.expected_s is None else f"~{short_duration(row.expected_s)}", width, dim)
        case "group":
            return cell(shown(row.group or "–", width), width, "dim")
        case _:
            return notes_text(row, view, width)


def day_word(instant: datetime, now: datetime, zone: tzinfo | None) -> str:
    """`Today`, `Tomorrow`, `Sat 28 Nov`."""
    local, today = instant.astimezone(zone), now.astimezone(zone)
    named = {0: "Today", 1: "Tomorrow"}.get((local.date() - today.date()).days)
    return named or f"{local:%a} {local.day} {local:%b}"


def agenda_mark(row: AgendaRow) -> Mark:
    """The one mark of a time to come."""
    if row.paused:
        return PAUSED
    if not row.runs:
        return MISSED if row.entry is not None and row.entry.reason is Reason.DST else SKIPPED
    return MISSED if is_tight(row) else PENDING


def is_tight(row: AgendaRow) -> bool:
    """Whether a time needs a look: the clock changes over it, or it is expected to have to wait."""
    moved = row.entry is not None and row.entry.effect is not None
    return moved or overlaps_itself(row) or (row.group is not None and 0 < row.group_limit < row.wanted)


def overlaps_itself(row: AgendaRow) -> bool:
    """Whether a run is expected to last longer than up to the job's next time."""
    return row.every_s is not None and row.expected_s is not None and row.expected_s > row.every_s


def notes_text(row: AgendaRow, view: Viewpoint, width: int) -> Text:
    """What is out of the ordinary: overlap, group, clock, marks, and how many more a row stands for."""
    text = Text(no_wrap=True, end="")
    if row.bracket:
        text.append(f"{row.bracket} ", "dim")
    text.append(" · ".join(_notes(row, view)), MISSED.style(dark=view.dark) if is_tight(row) else "dim")
    text.truncate(width, overflow="ellipsis")
    return text


def _notes(row: AgendaRow, view: Viewpoint) -> list[str]:
    notes = [f"{row.beside} overlap"] if row.bracket == "┐" else []
    if row.entry is not None and (words := upcoming_words(row.entry, lambda at: _moment(at, view))):
        notes.append(cleaned(words))
    elif row.paused:
        notes.append("paused")
    if row.more:
        every = f"every {duration_text(row.every_s)}, " if row.every_s else ""
        least = "at least " if row.cut else ""
        notes.append(f"+ {every}{least}{grouped(row.more)} more")
    if overlaps_itself(row):
        notes.append("takes longer than that")
    if row.group is not None and 0 < row.group_limit < row.wanted:
        notes.append(f"group {cleaned(row.group)}: {row.wanted} want {row.group_limit}")
    return notes


def _moment(instant: datetime, view: Viewpoint) -> str:
    return day_text(instant, view.now, view.style.zone).removesuffix(":00")


def agenda_summary(agenda: Agenda, word: str, view: Viewpoint, *, hidden_shown: bool) -> Text:
    """`Next 24 h · 124 times · 9 jobs · 2 paused hidden (.)   < 14:32 → 14:32 >`."""
    ahead = agenda.start > view.now
    text = Text(" ", no_wrap=True, end="")
    text.append(f"{word} from {_moment(agenda.start, view)}" if ahead else f"Next {word}", "bold" if ahead else "")
    about = "about " if agenda.estimated else ""
    text.append(f" · {about}{grouped(agenda.times)} {'time' if agenda.times == 1 else 'times'}", "dim")
    text.append(f" · {grouped(agenda.jobs)} {'job' if agenda.jobs == 1 else 'jobs'}", "dim")
    if agenda.hidden:
        hidden = "shown" if hidden_shown else "hidden"
        text.append(f" · {grouped(agenda.hidden)} paused {hidden} (.)", PAUSED.style(dark=view.dark))
    if agenda.total > len(agenda.rows):
        text.append(f" · first {grouped(len(agenda.rows))} of {grouped(agenda.total)} rows", "bold")
    text.append("   < >", "dim")
    return text


def _record(row: AgendaRow) -> Mapping[str, object]:
    entry = row.entry
    return {
        "job": row.job,
        "at": instant_json(row.instant),
        "starts_at": None if not row.runs else instant_json(entry.starts_at if entry else row.instant),
        "reason": entry.reason.value if entry and entry.reason else ("paused" if row.paused else None),
        "expected_s": row.expected_s,
        "more": row.more,
        "last": instant_json(row.last),
        "every_s": row.every_s,
        "group": row.group,
        "overlapping": row.beside,
    }


AGENDA_LISTING: Final = Listing[AgendaRow](
    noun="row",
    key=row_key,
    texts=lambda row: (row.job, *row.tags),
    columns=agenda_columns,
    cells=agenda_table_row,
    record=_record,
    fields={
        "tag": lambda row, part: any(tag.lower().startswith(part) for tag in row.tags),
        "job": lambda row, part: row.job.lower().startswith(part),
        "group": lambda row, part: (row.group or "").lower().startswith(part),
    },
    is_problem=is_tight,
    is_hidden=lambda row: row.paused,
    sorts=(
        Sort("When"),
        Sort("Job", lambda row: row.job),
        Sort("Takes", lambda row: -(row.expected_s or 0.0)),
    ),
)
