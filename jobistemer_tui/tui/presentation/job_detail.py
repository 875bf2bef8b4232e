"""The detail pane of a job: how it last ended, when it runs next, where it is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rich.text import Text

from jobistemer_tui.domain.durations import duration_text
from jobistemer_tui.domain.states import AttemptState
from jobistemer_tui.domain.upcoming import Upcoming
from jobistemer_tui.operations.control_words import upcoming_words
from jobistemer_tui.operations.zones import zone_or_none

from .durations import took
from .fitting import cleaned, fit_middle, shown
from .moments import TimeStyle, day_text, moment_text, with_distance
from .reasons import occurrence_words
from .status_marks import FAILED, MISSED, PAUSED, SKIPPED, mark_of
from .tail_lines import tail_lines
from .task_rows import attempt_words
from .wrapping import wrapped

if TYPE_CHECKING:
    from jobistemer_tui.domain.cascade import Effective
    from jobistemer_tui.domain.policies import SettingValue
    from jobistemer_tui.operations.read_models import AttemptRow, JobDetail, JobRow, OccurrenceDetail, TaskRow
    from jobistemer_tui.tui.read_values import JobRead

    from .job_rows import Viewpoint

_LABEL = 6
_SHOWN_SETTINGS = (
    ("overlap_policy", "overlap"),
    ("recovery_strategy", "recovery"),
    ("retry_policy.max_retries", "retries"),
    ("failure_strategy", "failure"),
    ("execution_timeout", "time limit"),
)


def job_lines(
    row: JobRow, known: JobRead | None, view: Viewpoint, width: int, *, brief: bool = False, tail: int = 0
) -> list[Text]:
    """The lines of the pane; `known` comes later than the row. `brief` leaves out what changes least."""
    detail, last = (known.detail, known.last) if known else (None, None)
    blocks: list[tuple[str, list[Text]]] = []
    if row.error:
        blocks.append(("Error", [Text(shown(row.error, 400), FAILED.style(dark=view.dark))]))
    if row.description:
        blocks.append(("About", [Text(shown(row.description, 120 if brief else 400))]))
    blocks.append(("Last", last_lines(row, last, view)))
    if known is not None and tail:
        blocks.append(("", [line[1:] for line in tail_lines(known.tail[-tail:], view, width - _LABEL - 1)]))
    blocks.append(("Next", next_lines(row, detail, view)))
    blocks.append(("When", [_schedule_line(row)]))
    notes = [] if detail is None else [note for note in (detail.zone_warning, *detail.hints) if note]
    warning = MISSED.style(dark=view.dark)
    blocks.append(("Note", [Text(shown(note, 300), warning) for note in notes[: 1 if brief else 5]]))
    if detail is not None and not brief:
        blocks.append(("Rules", [Text(policy_words(detail.settings), "dim")]))
        blocks.append(("Tasks", [Text(task_words(detail), "dim")]))
    blocks.append(("File", [file_line(row, detail, view, width - _LABEL - 2)]))
    return [line for label, lines in blocks for line in labelled(label, lines, width)]


def labelled(label: str, lines: Sequence[Text], width: int) -> list[Text]:
    """Lines behind a label, wrapped; the following ones are indented as far."""
    pieces = [piece for line in lines for piece in wrapped(line, width - _LABEL - 2)]
    return [
        Text.assemble((f" {label if index == 0 else '':<{_LABEL}}", "dim"), piece) for index, piece in enumerate(pieces)
    ]


def last_lines(row: JobRow, last: OccurrenceDetail | None, view: Viewpoint) -> list[Text]:
    """How the newest occurrence ended, with the try that failed."""
    if row.last is None:
        return [Text("never ran")]
    mark = mark_of(row.last.status)
    first = mark.text(dark=view.dark)
    first.append(f" {occurrence_words(row.last.status, row.last.reason)}", mark.style(dark=view.dark))
    when = row.last.finished_at or row.last.started_at or row.last.scheduled_at
    first.append(f" · {with_distance(when, view.now, view.style)}")
    if row.last.started_at is not None:
        first.append(f" · {took(row.last.started_at, row.last.finished_at, view.now)}")
    lines = [first]
    if last is not None and last.row.id == row.last.id and (failed := failed_try(last)):
        task, attempt = failed
        words = (
            f"{shown(task.name, 40)} · try {attempt.number} of {len(task.attempts)} · {attempt_words(attempt, view)}"
        )
        lines.append(Text(words))
    return lines


def failed_try(occurrence: OccurrenceDetail) -> tuple[TaskRow, AttemptRow] | None:
    """The last try of the first task that failed."""
    for task in occurrence.tasks:
        if task.attempts and task.attempts[-1].status in {
            AttemptState.FAILED,
            AttemptState.TIMEOUT,
            AttemptState.LOST,
        }:
            return task, task.attempts[-1]
    return None


_RECORDED = "run by something else; jobistemer exec records its runs"
_NOT_LOADED = "not loaded: its file is gone, refused or belongs to another home"


def next_lines(row: JobRow, detail: JobDetail | None, view: Viewpoint) -> list[Text]:
    """When it runs next, or why it does not."""
    if not row.loaded:
        return [Text(_RECORDED if row.external else _NOT_LOADED, "bold")]
    if not row.enabled:
        return [Text("its schedule is stopped; X starts it" if row.stopped else "disabled in its file")]
    if row.paused:
        words = "‖ paused"
        if row.paused_until:
            words += f" until {with_distance(row.paused_until, view.now, view.style)}"
        if row.pause_reason:
            words += f": {shown(row.pause_reason, 200)}"
        return [Text(words, PAUSED.style(dark=view.dark))]
    if row.next is None and row.follows:
        return [Text(shown(row.schedule_words, 200))]
    if row.next is None:
        return [Text("only when triggered" if row.schedule is None else "no further instant")]
    entries = [Upcoming(row.next, row.next, row.next_mark)] if detail is None else list(detail.coming)
    lines = [upcoming_text(entry, row.timezone, view) for entry in entries[:1]]
    if entries and (entries[0].starts_at is None or entries[0].effect is not None):
        # What is out of the ordinary has a line to itself, and so has the next one that starts.
        lines += [upcoming_text(entry, row.timezone, view) for entry in entries[1:2]]
    later = [entry.instant for entry in entries[len(lines) :] if entry.starts_at is not None]
    if later and lines:
        lines[-1].append(f" · then {_short_list(later[:3], view)}", "dim")
    return lines


def upcoming_text(entry: Upcoming, zone: str, view: Viewpoint) -> Text:
    """A time to come: ours, that of the job's zone where it differs, and what becomes of it."""
    mark = SKIPPED if entry.starts_at is None else None
    text = Text()
    if mark is not None:
        text.append(f"{mark.glyph} ", mark.style(dark=view.dark))
    text.append(with_distance(entry.instant, view.now, view.style), "dim" if mark else "")
    there = zone_text(entry.instant, zone, view.style)
    if there:
        text.append(f" = {there}", "dim")
    words = upcoming_words(entry, lambda instant: day_text(instant, view.now, view.style.zone))
    if words:
        text.append(f" · {shown(words, 300)}", "" if mark is None else "dim")
    return text


def zone_text(instant: datetime, zone: str, style: TimeStyle) -> str:
    """The same instant on the clock of a zone: `Tue 02:00 EST`; empty where that shows the same time."""
    its_zone = zone_or_none(zone)
    if its_zone is None:
        return ""
    there = instant.astimezone(its_zone)
    same = there.utcoffset() == instant.astimezone(style.zone).utcoffset()
    return "" if same else f"{there:%a %H:%M %Z}"


def _short_list(instants: Sequence[datetime], view: Viewpoint) -> str:
    return ", ".join(moment_text(instant, view.now, view.style.zone) for instant in instants)


def _schedule_line(row: JobRow) -> Text:
    if row.schedule is None:
        return Text("only when triggered by hand")
    text = Text(shown(row.schedule, 80))
    if row.schedule_words:
        text.append(f" · {shown(row.schedule_words, 200)}", "dim")
    if row.timezone not in row.schedule_words:
        text.append(f" · {shown(row.timezone, 40)}", "dim")
    return text


def policy_words(settings: Mapping[str, Effective]) -> str:
    """The rules that decide most, each with its value."""
    return " · ".join(
        f"{words} {_setting_text(settings[name].value)}" for name, words in _SHOWN_SETTINGS if name in settings
    )


def _setting_text(value: SettingValue) -> str:
    """A number with a fraction is a length of time in seconds; None is a written-out `none`."""
    if value is None:
        return "none"
    return duration_text(value) if isinstance(value, float) else cleaned(str(value))


def task_words(detail: JobDetail) -> str:
    """The tasks with the ones they need: `dump, upload (needs dump)`."""
    parts = []
    for task in detail.tasks[:12]:
        needs = f" (needs {', '.join(cleaned(name) for name in task.needs)})" if task.needs else ""
        parts.append(f"{cleaned(task.name)}{needs}")
    if len(detail.tasks) > 12:
        parts.append(f"{len(detail.tasks) - 12} more")
    return ", ".join(parts)


def file_line(row: JobRow, detail: JobDetail | None, view: Viewpoint, width: int) -> Text:
    """Where the job is written, and since when that version holds."""
    since = ""
    if detail is not None:
        since = f" · version {detail.version} since {moment_text(detail.published_at, view.now, view.style.zone)}"
    place = f":{row.line}"
    text = Text(fit_middle(cleaned(row.file), max(20, width - len(place) - len(since))) + place)
    text.append(since, "dim")
    return text


def coming_lines(entries: Sequence[Upcoming], zone: str, view: Viewpoint, width: int) -> list[Text]:
    """The times to come, each on its line or, where that is too long, on two."""
    lines = []
    for entry in entries:
        text = upcoming_text(entry, zone, view)
        if entry.starts_at is not None:
            text = Text.assemble("  ", text)  # below the marks of those that do not run
        first, *rest = wrapped(text, width - 2)
        lines += [Text.assemble(" ", first), *(Text.assemble("   ", piece) for piece in rest)]
    return lines
