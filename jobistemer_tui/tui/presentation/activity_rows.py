"""The audit as a list: cells, filter, and the pane of one line with what was before and after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from rich.text import Text

from jobistemer_tui.domain.file_plan import FilePlan
from jobistemer_tui.domain.identity import short_id
from jobistemer_tui.domain.instants import instant_json
from jobistemer_tui.domain.sizes import size_text
from jobistemer_tui.operations.control_words import ACT_WORDS
from jobistemer_tui.operations.plan_words import RELOADED, summary_words
from jobistemer_tui.operations.queries_status import file_problem
from jobistemer_tui.operations.read_models import ActivityRow

from .activity_words import is_bad, what_happened
from .file_detail import problem_lines
from .fitting import cleaned, shown
from .job_detail import labelled
from .job_rows import Viewpoint, grouped
from .listing import Listing, Sort
from .moments import day_text, moment_text, with_distance
from .reasons import REASON_WORDS, When, detail_words, value_words
from .rows import Column, TableRow, cell, flexible, row_text
from .wrapping import rule_text, wrapped

_QUIET: Final = frozenset({"before", "after", "instant", "errors", "path", "batch", "marks", "by", "undoes", "status"})
_SIZES: Final = ("free", "min_free")
"""Details in bytes."""
_OF_JOBS: Final = frozenset({"job_paused", "job_resumed"})
"""Events whose state holds what a person gave as the reason."""
_LONGEST: Final = 2_000
_SAME: Final = 20


def activity_columns(width: int) -> tuple[Column, ...]:
    """The columns that fit a table of `width` cells."""
    columns = [Column("time", "Time", 13 if width >= 60 else 9)] if width >= 52 else []
    if width >= 60:
        columns.append(Column("who", "Who", 18 if width >= 110 else 11))
    columns += [Column("what", "What", 20), Column("target", "Target", 30 if width >= 110 else 17)]
    if width >= 70:
        columns.append(Column("detail", "Detail", 8))
    return flexible(columns, width - 2, flex="detail" if width >= 70 else "target", least=4)


def activity_table_row(row: ActivityRow, columns: Sequence[Column], view: Viewpoint) -> TableRow:
    """One line as cells."""
    return TableRow(str(row.sequence), tuple(_cell(row, column, view) for column in columns))


def _cell(row: ActivityRow, column: Column, view: Viewpoint) -> Text:
    width = column.width
    match column.key:
        case "time":
            return cell(moment_text(row.at, view.now, view.style.zone), width, "dim")
        case "who":
            who = row.actor if is_person(row) or width >= 18 else "engine"
            return cell(shown(who, width), width, "" if is_person(row) else "dim")
        case "what":
            mark, words = what_happened(row)
            text = mark.text(dark=view.dark)
            text.append(f" {words}", mark.style(dark=view.dark) if is_bad(row) else "")
            text.truncate(width, overflow="ellipsis")
            return text
        case "target":
            return cell(shown(target_words(row) if width >= 30 else short_target(row), width), width, "bold")
        case _:
            when = partial(moment_text, now=view.now, zone=view.style.zone)
            return cell(shown(brief_words(row, when), width), width, "dim")


def is_person(row: ActivityRow) -> bool:
    """Whether a person did it."""
    return not row.actor.startswith("engine")


def target_words(row: ActivityRow) -> str:
    """What it happened to: a job, with the run's id, or a file."""
    if row.job is not None:
        return row.job if row.occurrence_id is None else f"{row.job} #{short_id(row.occurrence_id)}"
    path = row.detail.get("path")
    return str(path).rpartition("/")[2] if path else ""


def short_target(row: ActivityRow) -> str:
    """The same without the run's id."""
    return row.job or target_words(row)


def brief_words(row: ActivityRow, when: When | None = None) -> str:
    """The reason and the detail in one line; `when` writes instants (None: in UTC)."""
    if row.kind == RELOADED:
        return summary_words(FilePlan.from_json(dict(row.detail)))
    if row.kind == "undone":
        return _undone(row)
    parts = [REASON_WORDS[row.reason] if row.reason else "", _first_error(row), _why(row)]
    parts += [_detail(detail, when) for detail in (_mark(row), _loud(row))]
    return " · ".join(part for part in parts if part)


def _undone(row: ActivityRow) -> str:
    kind = str(row.detail.get("kind", ""))
    return cleaned(ACT_WORDS.get(kind, kind))


def _loud(row: ActivityRow) -> Mapping[str, Any]:
    said = {*_QUIET, "why"} | ({"reason"} if row.kind in _OF_JOBS else set())
    return {name: value for name, value in row.detail.items() if name not in said}


def _mark(row: ActivityRow) -> Mapping[str, Any]:
    """What was written on a run, but who did it and why."""
    after = row.detail.get("after")
    mark = after.get("detail") if isinstance(after, Mapping) else None
    return (
        {name: value for name, value in mark.items() if name not in ("by", "why")} if isinstance(mark, Mapping) else {}
    )


def _detail(detail: Mapping[str, Any], when: When | None = None) -> str:
    sizes = {name: size_text(detail[name]) for name in _SIZES if isinstance(detail.get(name), int)}
    return detail_words({**detail, **sizes}, when)


def _why(row: ActivityRow) -> str:
    """What a person gave as the reason."""
    after = row.detail.get("after")
    kept = after if isinstance(after, Mapping) else {}
    marks = kept.get("detail")
    of_pause = kept.get("reason") if row.kind in _OF_JOBS else None  # of a run it is the word of its state's reason
    found = row.detail.get("why") or of_pause or (marks.get("why") if isinstance(marks, Mapping) else None)
    return cleaned(str(found)) if found and row.kind != "undone" else ""


def _first_error(row: ActivityRow) -> str:
    errors = row.detail.get("errors") or ()
    return cleaned(str(errors[0].get("message", ""))) if errors else ""


def activity_summary(rows: Iterable[ActivityRow], *, older: bool, newer: bool) -> Text:
    """Which page it is, and who did what: `newest 500 · people 3 · files 4 · engine 207`."""
    rows = list(rows)
    kinds = Counter(map(_source, rows))
    text = Text(" ", no_wrap=True, end="")
    text.append("older" if newer else "newest", "bold" if newer else "dim")
    text.append(f" {grouped(len(rows))} events", "dim")
    for kind in ("people", "files", "engine"):
        text.append(f" · {kind} {grouped(kinds[kind])}", "dim")
    ways = [way for way, there in (("> older", older), ("< newer", newer)) if there]
    text.append(f"   {'  '.join(ways)}" if ways else "", "")
    return text


def _source(row: ActivityRow) -> str:
    if is_person(row):
        return "people"
    return "files" if row.kind.startswith("file") else "engine"


def activity_lines(row: ActivityRow, view: Viewpoint, width: int) -> list[Text]:
    """The pane of a line: when, by whom, why, what was before and after."""
    mark, words = what_happened(row)
    when = partial(day_text, now=view.now, zone=view.style.zone)
    lines = [Text.assemble(" ", mark.text(dark=view.dark), (f" {words}", "bold"), f"  {cleaned(target_words(row))}")]
    lines += labelled("When", [Text(with_distance(row.at, view.now, view.style))], width)
    lines += labelled("By", [Text(f"{cleaned(row.actor)} · event {row.sequence}")], width)
    if why := _why(row):
        lines += labelled("Why", [Text(why)], width)
    if row.reason is not None:
        lines += labelled("Cause", [Text(f"{REASON_WORDS[row.reason]} ({row.reason})")], width)
    if row.occurrence_id is not None:
        lines += labelled("Run", [Text(str(row.occurrence_id))], width)
    for label, name in (("Was", "before"), ("Now", "after")):
        if name in row.detail:
            lines += labelled(label, [Text(_state_words(row.detail, name, when))], width)
    lines += _more(row, view, width, when)
    if row.act is not None:
        lines += wrapped(
            Text(" u takes it back, unless that has been done or what it changed has changed since", "dim"), width
        )
    return lines


def same_target_lines(
    row: ActivityRow, rows: Sequence[ActivityRow], view: Viewpoint, width: int, room: int
) -> list[Text]:
    """At most `room` lines: what else the page tells of the job or the file that a line is about."""
    target = short_target(row)
    others = [other for other in rows if target and short_target(other) == target]
    if len(others) < 2 or room < 3:
        return []
    columns = [Column("time", "", 13), Column("what", "", 20), Column("detail", "", width - 38)]
    shown_rows = [activity_table_row(other, columns, view) for other in others[: min(_SAME, room - 1)]]
    lines = [Text.assemble(" ", row_text(one, columns)) for one in shown_rows]
    return [rule_text(f"{target}: its newest events on this page", width), *lines]


def _state_words(detail: Mapping[str, Any], name: str, when: When) -> str:
    """The values before or after, only those that differ where both are known."""
    value, other = detail[name], detail.get("after" if name == "before" else "before")
    if not isinstance(value, Mapping):
        return cleaned(str(value))
    pairs = {key: item for key, item in value.items() if not isinstance(other, Mapping) or other.get(key) != item}
    words = ", ".join(f"{cleaned(key).replace('_', ' ')} {value_words(item, when)}" for key, item in pairs.items())
    return words or "the same"


def _more(row: ActivityRow, view: Viewpoint, width: int, when: When) -> list[Text]:
    if row.kind == RELOADED:
        return labelled("Did", [Text(summary_words(FilePlan.from_json(dict(row.detail))))], width)
    if row.kind == "undone":
        return labelled("Undid", [Text(f"{_undone(row)} · event {row.detail.get('undoes')}")], width)
    if errors := row.detail.get("errors"):
        problems = [file_problem(error, str(row.detail.get("path", ""))) for error in errors]
        return [line for problem in problems for line in problem_lines(problem, view, width)]
    rest = {name: value for name, value in row.detail.items() if name not in {"before", "after", "why", "marks"}}
    words = _detail(rest, when)[:_LONGEST]
    return labelled("More", [Text(words)], width) if words else []


def _record(row: ActivityRow) -> Mapping[str, object]:
    return {
        "sequence": row.sequence,
        "at": instant_json(row.at),
        "actor": row.actor,
        "kind": row.kind,
        "job": row.job,
        "occurrence": None if row.occurrence_id is None else str(row.occurrence_id),
        "reason": None if row.reason is None else row.reason.value,
        "detail": dict(row.detail),
    }


ACTIVITY_LISTING: Final = Listing[ActivityRow](
    noun="event",
    key=lambda row: str(row.sequence),
    texts=lambda row: (target_words(row), what_happened(row)[1], row.actor, brief_words(row), str(row.occurrence_id)),
    columns=activity_columns,
    cells=activity_table_row,
    record=_record,
    fields={
        "kind": lambda row, part: part in row.kind or part in what_happened(row)[1],
        "by": lambda row, part: part in row.actor.lower(),
        "job": lambda row, part: row.job is not None and row.job.lower().startswith(part),
    },
    is_problem=is_bad,
    sorts=(Sort("Time"), Sort("Who", lambda row: row.actor), Sort("Target", target_words)),
)
