"""The tasks of an occurrence with their tries as numbers: the other form of the bars."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.text import Text

from jobistemer_tui.domain.sizes import size_text
from jobistemer_tui.operations.read_models import AttemptRow, OccurrenceDetail, TaskRow

from .durations import short_duration, took
from .fitting import shown
from .gantt import ready_at
from .job_rows import Viewpoint
from .rows import Column, TableRow, cell, flexible
from .status_marks import mark_of

_WIDEST = 140
"""Cells: figures stay near the names that they belong to."""


def number_columns(width: int) -> tuple[Column, ...]:
    """The columns that fit: what is asked for most first."""
    columns = [Column("state", "S", 6), Column("task", "Task", 12), Column("try", "Try", 3)]
    columns += [Column("wait", "Waited", 7), Column("took", "Took", 7), Column("exit", "Exit", 5)]
    if width >= 72:
        columns += [Column("share", "Share", 6), Column("begin", "Begin", 8)]
    if width >= 110:
        columns += [Column("cpu", "CPU", 7), Column("memory", "Memory", 8), Column("output", "Output", 8)]
    return flexible(columns, min(width - 2, _WIDEST), flex="task", least=8)


def number_rows(detail: OccurrenceDetail, columns: Sequence[Column], view: Viewpoint) -> list[TableRow]:
    """A row for each task; of one that was tried more than once a row for each try below it."""
    return [row for task in detail.tasks for row in _task_rows(task, detail, columns, view)]


def _task_rows(
    task: TaskRow, detail: OccurrenceDetail, columns: Sequence[Column], view: Viewpoint
) -> Iterator[TableRow]:
    words = _task_words(task, detail, view)
    mark = mark_of(task.status).text(dark=view.dark, label=True)
    yield TableRow(str(task.id), tuple(_cell(column, words, mark) for column in columns))
    if len(task.attempts) > 1:
        ends = [ready_at(task, {other.name: other for other in detail.tasks}, detail)]
        ends += [attempt.finished_at for attempt in task.attempts]
        for attempt, since in zip(task.attempts, ends, strict=False):
            words = _attempt_words(attempt, detail, view)
            if since is not None and attempt.started_at is not None:
                words["wait"] = short_duration((attempt.started_at - since).total_seconds())
            mark = mark_of(attempt.status).text(dark=view.dark, label=True)
            yield TableRow(str(attempt.id), tuple(_cell(column, words, mark) for column in columns))


def _cell(column: Column, words: dict[str, str], mark: Text) -> Text:
    if column.key == "state":
        return mark
    text = shown(words.get(column.key, "–"), column.width)
    is_name = column.key == "task"
    return cell(
        text if is_name else text.rjust(column.width), column.width, "bold" if is_name and words["task"] else ""
    )


def _task_words(task: TaskRow, detail: OccurrenceDetail, view: Viewpoint) -> dict[str, str]:
    last = task.attempts[-1] if task.attempts else None
    words = {"task": task.name, "took": took(task.started_at, task.finished_at, view.now)}
    if last is None:
        return words  # it has not run, or only in the run that this one repeats
    ready = ready_at(task, {other.name: other for other in detail.tasks}, detail)
    if ready is not None and task.started_at is not None:
        words["wait"] = short_duration((task.started_at - ready).total_seconds())
    return {
        **_attempt_words(last, detail, view),
        **words,
        "try": str(len(task.attempts)),
        "share": _share(task, detail, view),
        "begin": _begin(task.started_at, detail),
    }


def _attempt_words(attempt: AttemptRow, detail: OccurrenceDetail, view: Viewpoint) -> dict[str, str]:
    known = attempt.detail
    words = {
        "task": "",
        "try": str(attempt.number),
        "took": took(attempt.started_at, attempt.finished_at, view.now),
        "exit": exit_words(attempt),
        "begin": _begin(attempt.started_at, detail),
        "share": "",
    }
    if "user_s" in known or "system_s" in known:
        words["cpu"] = short_duration(float(known.get("user_s", 0)) + float(known.get("system_s", 0)))
    for key, name in (("memory", "max_rss_bytes"), ("output", "output_bytes")):
        if name in known:
            words[key] = size_text(int(known[name]))
    return words


def exit_words(attempt: AttemptRow) -> str:
    """`0`, `sig 9`, or nothing to tell."""
    if attempt.signal is not None:
        return f"sig {attempt.signal}"
    return "–" if attempt.exit_code is None else str(attempt.exit_code)


def _begin(started: datetime | None, detail: OccurrenceDetail) -> str:
    """How long after the run's own start."""
    if started is None:
        return "–"
    start = detail.row.started_at or detail.row.scheduled_at
    return f"+{short_duration((started - start).total_seconds())}"


def _share(task: TaskRow, detail: OccurrenceDetail, view: Viewpoint) -> str:
    """How much of the run's time the task was at work: parallel ones add up to more than all of it."""
    if task.started_at is None or detail.row.started_at is None:
        return "–"
    whole = ((detail.row.finished_at or view.now) - detail.row.started_at).total_seconds()
    part = ((task.finished_at or view.now) - task.started_at).total_seconds()
    return f"{min(1.0, part / whole):.0%}" if whole > 0 else "–"
