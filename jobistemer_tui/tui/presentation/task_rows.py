"""The tasks of an occurrence as rows with bars, and the words above and below them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING

from rich.text import Text

from jobistemer_tui.domain.states import Reason, TaskRunState
from jobistemer_tui.operations.critical_path import critical_path
from jobistemer_tui.operations.queries_waiting import waiting_words

from .durations import took
from .fitting import cleaned, shown
from .gantt import NOTHING_BEFORE, Axis, Before, axis_lines, task_bar
from .moments import day_text, with_distance
from .occurrence_rows import late_words, why_words
from .reasons import REASON_WORDS, STATE_WORDS, TASK_WORDS, TRIGGER_WORDS
from .rows import Column, TableRow, cell
from .status_marks import mark_of

if TYPE_CHECKING:
    from jobistemer_tui.operations.read_models import AttemptRow, OccurrenceDetail, OccurrenceRow, TaskRow

    from .job_rows import Viewpoint


def task_columns(width: int, names: Sequence[str]) -> tuple[Column, ...]:
    """The columns that fit: the name as wide as the longest, the bars get what is left."""
    room = max(8, min(width // 4, max((len(name) for name in names), default=8), 32))
    columns = [Column("state", "", 1), Column("task", "Task", room), Column("label", "St", 4)]
    if width >= 44:
        columns.append(Column("tries", "Try", 3))
    if width >= 60:
        columns.append(Column("bar", "", width - 2 - (room + 1) - 2 - 5 - 4 - 8 - 1))
    columns.append(Column("took", "Took", 7))
    return tuple(columns)


def bar_width(columns: Sequence[Column]) -> int:
    """How many cells the bars have; 1 where there is no column for them."""
    return next((column.width for column in columns if column.key == "bar"), 1)


def axis_text(columns: Sequence[Column], axis: Axis, zone: tzinfo | None) -> Text:
    """Two lines over the table: the names of the columns with the times, and the ticks."""
    labels, rule = axis_lines(axis, zone)
    first, second = Text("  "), Text("  ")
    for column in columns:
        is_bar = column.key == "bar"
        head = column.label.rjust(column.width) if column.key == "took" else column.label.ljust(column.width)
        first.append(f"{labels if is_bar else head} ")
        second.append(f"{rule if is_bar else ' ' * column.width} ")
    return Text("\n").join([first, second])


def task_table_row(
    task: TaskRow, detail: OccurrenceDetail, columns: Sequence[Column], axis: Axis, view: Viewpoint,
    before: Before = NOTHING_BEFORE,
) -> TableRow:  # fmt: skip
    """One task as cells; `before` is drawn dim behind its bar."""
    tasks = {other.name: other for other in detail.tasks}
    cells = []
    for column in columns:
        if column.key == "bar":
            cells.append(_bar_cell(task, tasks, detail, axis, view, before))
        else:
            cells.append(_task_cell(task, column, view))
    return TableRow(str(task.id), tuple(cells))


def _bar_cell(
    task: TaskRow, tasks: dict[str, TaskRow], detail: OccurrenceDetail, axis: Axis, view: Viewpoint, before: Before
) -> Text:
    bar = task_bar(task, tasks, detail, axis, view.now, dark=view.dark, before=before)
    if task.attempts:
        return bar
    words = f"({not_run_words(task, detail)})"
    used = len(bar.plain.rstrip())
    if used + 1 + len(words) > axis.cells:
        return cell(shown(words, axis.cells), axis.cells, "dim")
    bar.truncate(used + 1)
    bar.append(words, "dim")
    return bar


def _task_cell(task: TaskRow, column: Column, view: Viewpoint) -> Text:
    mark = mark_of(task.status)
    match column.key:
        case "state":
            return mark.text(dark=view.dark)
        case "task":
            return cell(shown(task.name, column.width), column.width, "bold")
        case "label":
            return Text(mark.label, f"{mark.label_cue} {mark.style(dark=view.dark)}".strip(), no_wrap=True, end="")
        case "tries":
            return cell(str(len(task.attempts)) if task.attempts else "–", column.width, "dim")
        case _:
            return cell(took(task.started_at, task.finished_at, view.now).rjust(column.width), column.width)


def not_run_words(task: TaskRow, detail: OccurrenceDetail) -> str:
    """Why a task has not run (yet)."""
    if task.status is TaskRunState.PENDING:
        states = {other.name: other.status for other in detail.tasks}
        waits = [name for name in task.needs if states.get(name) is not TaskRunState.SUCCESS]
        if waits:
            return f"waits for {shown(', '.join(waits), 60)}"
    if task.reason is not None:
        return REASON_WORDS[task.reason]
    return TASK_WORDS[task.status]


def state_line(row: OccurrenceRow, view: Viewpoint, width: int) -> Text:
    """The first line of an occurrence: state, times, trigger, node."""
    text = Text(" ", no_wrap=True, end="")
    mark = mark_of(row.status)
    text.append(f"{mark.glyph} ", mark.style(dark=view.dark))
    text.append(STATE_WORDS[row.status].upper(), f"bold {mark.style(dark=view.dark)}")
    facts = [f"scheduled {day_text(row.scheduled_at, view.now, view.style.zone)}"]
    if row.started_at:
        facts.append(f"started {late_words(row)}")
        verb = "ran" if row.finished_at else "running"
        facts.append(f"{verb} {took(row.started_at, row.finished_at, view.now)}")
    facts.append(f"trigger {TRIGGER_WORDS[row.trigger]}")
    if row.node and width >= 100:
        facts.append(f"on {shown(row.node, 20)}")
    if width >= 100:
        facts.append(f"version {row.version}")
    for fact in facts:
        text.append(f"  {fact}")
    text.truncate(width, overflow="ellipsis")
    return text


def summary_line(detail: OccurrenceDetail, view: Viewpoint, width: int) -> Text:
    """The second line: how the tasks stand, how many tries, when time is up, and the reason of the state."""
    text = Text(f" Tasks {len(detail.tasks)}", no_wrap=True, end="")
    counted = Counter(task.status for task in detail.tasks)
    for index, status in enumerate(state for state in TaskRunState if counted[state]):
        mark = mark_of(status)
        text.append(": " if index == 0 else " ")
        text.append(f"{mark.glyph}{counted[status]}", mark.style(dark=view.dark))
    tries = sum(len(task.attempts) for task in detail.tasks)
    text.append(f"   tries {tries}", "dim")
    if detail.waiting is not None:
        text.append(f"   waiting: {cleaned(waiting_words(detail.waiting))}", "bold")
    elif why := why_words(detail.row):
        text.append(f"   {why}")
    ended = detail.row.finished_at is not None
    path = [cleaned(task.name) for task in critical_path(detail.tasks)] if ended else []
    if len(path) > 1:
        text.append(f"   critical path {' → '.join(path)}", "dim")
    if detail.deadline_at is not None and detail.row.finished_at is None and width >= 100:
        text.append(f"   must end by {with_distance(detail.deadline_at, view.now, view.style)}", "dim")
    text.truncate(width, overflow="ellipsis")
    return text


def attempt_words(attempt: AttemptRow, view: Viewpoint) -> str:
    """How a try ended, or how it goes: `exit 23 · 5m02s · pid 48112`."""
    parts = []
    if attempt.exit_code is not None:
        parts.append(f"exit {attempt.exit_code}")
    if attempt.signal is not None:
        parts.append(f"signal {attempt.signal}")
    if attempt.exit_code is None and attempt.signal is None:
        parts.append(str(attempt.status).replace("_", " "))
    if attempt.reason not in (None, Reason.TASK_FAILED):  # which the exit says already
        parts.append(REASON_WORDS[attempt.reason])
    if attempt.started_at is None and attempt.not_before is not None:
        parts.append(f"next try {with_distance(attempt.not_before, view.now, view.style)}")
    else:
        parts.append(took(attempt.started_at, attempt.finished_at, view.now))
    if pid := attempt.detail.get("pid"):
        parts.append(f"pid {shown(str(pid), 12)}")
    if error := attempt.detail.get("error"):
        parts.append(shown(str(error), 200))
    return " · ".join(parts)
