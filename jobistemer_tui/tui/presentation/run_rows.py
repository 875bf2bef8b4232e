"""The list of what runs, waits and ran last: cells, filter, and the pane of one run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from rich.text import Text

from jobistemer_tui.domain.states import OPEN_OCCURRENCES, OccurrenceState
from jobistemer_tui.operations.json_shapes import occurrence_json
from jobistemer_tui.operations.queries_waiting import waiting_words
from jobistemer_tui.operations.read_models import JobRow, OccurrenceDetail, RunRow

from .durations import short_duration, took
from .fitting import cleaned, shown
from .job_detail import labelled
from .job_rows import Viewpoint, grouped
from .listing import Listing, Sort
from .moments import ago_text, with_distance
from .occurrence_rows import why_words
from .reasons import STATE_WORDS, TRIGGER_WORDS
from .rows import Column, TableRow, cell, flexible, row_text
from .status_marks import MISSED, QUEUED, RUNNING, mark_of
from .task_rows import attempt_words, not_run_words, state_line, summary_line
from .wrapping import rule_text, wrapped

_O = OccurrenceState
_OWNED: Final = (_O.RUNNING, _O.CANCELING)
_PROBLEMS: Final = (_O.FAILED, _O.FAILED_STALE, _O.MISSED, _O.COMPLETED_WITH_ERRORS)
_BAR: Final = 5
_MOST_TASKS: Final = 12
_UNCUT: Final = 1_000


def run_columns(width: int) -> tuple[Column, ...]:
    """The columns that fit a table of `width` cells."""
    columns = [Column("state", "S", 6 if width >= 60 else 1), Column("job", "Job", 28 if width >= 110 else 18)]
    if width >= 52:
        columns.append(Column("when", "When", 10))
    columns.append(Column("took", "Took", 6))
    if width >= 70:
        columns.append(Column("progress", "Progress", 9))
    if width >= 110:
        columns += [Column("trigger", "Trigger", 11), Column("node", "Node", 10)]
    if width >= 60:
        columns.append(Column("step", "Step, or why", 8))
    return flexible(columns, width - 2, flex="step" if width >= 60 else "job", least=8)


def run_table_row(run: RunRow, columns: Sequence[Column], view: Viewpoint) -> TableRow:
    """One run as cells."""
    return TableRow(str(run.row.id), tuple(_run_cell(run, column, view) for column in columns))


def _run_cell(run: RunRow, column: Column, view: Viewpoint) -> Text:
    row, width = run.row, column.width
    match column.key:
        case "state":
            return mark_of(row.status).text(dark=view.dark, label=width > 1)
        case "job":
            return cell(shown(row.job, width), width, "bold" if row.status in OPEN_OCCURRENCES else "")
        case "when":
            return cell(ago_text(run_moment(run), view.now, view.style), width, "dim")
        case "took":
            return cell(took(row.started_at, row.finished_at, view.now), width)
        case "progress":
            return progress_text(run, view)
        case "trigger":
            return cell(TRIGGER_WORDS[row.trigger], width, "dim")
        case "node":
            return cell(shown(row.node or "–", width), width, "dim")
        case _:
            return cell(shown(step_words(run), width), width, "" if row.status in _OWNED else "dim")


def run_moment(run: RunRow) -> datetime:
    """The instant that a run is listed by: its end, else its start, else its scheduled time."""
    row = run.row
    return row.finished_at or row.started_at or row.scheduled_at


def progress_text(run: RunRow, view: Viewpoint) -> Text:
    """A bar of the time that it is expected to take, else of its tasks, and how many of those have ended."""
    text = Text(no_wrap=True, end="")
    fraction = progress(run, view.now)
    if fraction is None:
        return text
    filled = min(_BAR, int(fraction * _BAR))
    late = run.expected_s is not None and fraction > 1
    text.append("█" * filled, (MISSED if late else RUNNING).style(dark=view.dark))
    text.append("·" * (_BAR - filled), "dim")
    if run.tasks:
        text.append(f" {run.done}/{run.tasks}", "dim")
    text.truncate(9)
    return text


def progress(run: RunRow, now: datetime) -> float | None:
    """How far a running one is, 1.0 where it should have ended; None for others."""
    row = run.row
    if row.status not in _OWNED or row.started_at is None:
        return None
    if run.expected_s:
        return (now - row.started_at).total_seconds() / run.expected_s
    return run.done / run.tasks if run.tasks else 0.0


def step_words(run: RunRow) -> str:
    """The tasks that run or failed, and why it is not completed."""
    steps = ", ".join(cleaned(step) for step in run.steps)
    why = why_words(run.row)
    if run.row.status is _O.RUNNING:
        return steps
    return f"{steps}: {why}" if steps and why else steps or why


def runs_summary(runs: Sequence[RunRow], view: Viewpoint) -> Text:
    """`2 running · 1 waiting`, and of the ended ones how many need a look."""
    running = sum(run.row.status in _OWNED for run in runs)
    waiting = sum(run.row.status in OPEN_OCCURRENCES for run in runs) - running
    bad = sum(run.row.status in _PROBLEMS for run in runs)
    text = Text(" ", no_wrap=True, end="")
    text.append(f"{grouped(running)} running", RUNNING.style(dark=view.dark) if running else "dim")
    text.append(" · ", "dim")
    text.append(f"{grouped(waiting)} waiting", QUEUED.style(dark=view.dark))
    text.append(f" · newest {grouped(len(runs) - running - waiting)} ended, {grouped(bad)} with a problem", "dim")
    return text


def idle_words(runs: Sequence[RunRow], jobs: Sequence[JobRow], view: Viewpoint) -> str:
    """`Nothing is running. Last ended 12m ago. Next: backup-vm in 3m.`"""
    words = ["Nothing is running."]
    if ended := [run.row.finished_at for run in runs if run.row.finished_at is not None]:
        words.append(f"Last ended {with_distance(max(ended), view.now, view.style)}.")
    coming = [(job.next, job.name) for job in jobs if job.next and job.enabled and job.loaded and not job.paused]
    if coming:
        at, name = min(coming)
        words.append(f"Next: {shown(name, 40)} {with_distance(at, view.now, view.style)}.")
    return " ".join(words)


def run_lines(
    run: RunRow, known: OccurrenceDetail | None, view: Viewpoint, width: int, *, whole: bool = False
) -> list[Text]:
    """The pane of a run: how it stands, its tasks, and what it waits for; `whole` breaks what else would be cut."""
    cells = _UNCUT if whole else width
    heads = [state_line(run.row if known is None else known.row, view, cells)]
    heads += [] if known is None else [summary_line(known, view, cells)]
    lines = [line for head in heads for line in (_broken(head, width) if whole else [head])]
    if known is None:
        return lines
    if known.waiting is not None:
        lines += labelled("Waits", [Text(cleaned(waiting_words(known.waiting)))], width)
    if run.expected_s is not None:
        lines += labelled("Usual", [Text(f"{short_duration(run.expected_s)}, the median of its last runs")], width)
    if known.row.params:
        lines += labelled("Params", [Text(_params_words(known.row.params))], width)
    for task in known.tasks[:_MOST_TASKS]:
        text = mark_of(task.status).text(dark=view.dark)
        words = attempt_words(task.attempts[-1], view) if task.attempts else not_run_words(task, known)
        text.append(f" {shown(task.name, 24):<24} ").append(words, "dim")
        text.truncate(max(8, width - 2), overflow="ellipsis")
        lines.append(Text.assemble(" ", text))
    if len(known.tasks) > _MOST_TASKS:
        lines.append(Text(f" and {len(known.tasks) - _MOST_TASKS} more tasks", "dim"))
    return lines


def _params_words(params: Mapping[str, str]) -> str:
    return cleaned(", ".join(f"{name} {value}" for name, value in params.items()))


def _broken(line: Text, width: int) -> list[Text]:
    first, *rest = wrapped(line, width - 4)
    return [first, *(Text.assemble("   ", piece) for piece in rest)]


def run_list_lines(runs: Sequence[RunRow], view: Viewpoint, width: int, room: int) -> list[Text]:
    """At most `room` lines: the first of these runs under a title."""
    columns = run_columns(width)
    rows = [run_table_row(run, columns, view) for run in runs[: max(0, room - 1)]]
    lines = [Text.assemble(" ", row_text(row, columns)) for row in rows]
    return [rule_text("its runs", width), *lines] if lines else []


def _record(run: RunRow) -> Mapping[str, object]:
    record = occurrence_json(run.row, ())
    del record["tasks"]
    return {**record, "steps": list(run.steps), "expected_s": run.expected_s}


RUN_LISTING: Final = Listing[RunRow](
    noun="run",
    key=lambda run: str(run.row.id),
    texts=lambda run: (run.row.job, str(run.row.id), *run.steps, why_words(run.row)),
    columns=run_columns,
    cells=run_table_row,
    record=_record,
    fields={
        "status": lambda run, part: (
            mark_of(run.row.status).label.lower().startswith(part[:4]) or STATE_WORDS[run.row.status].startswith(part)
        ),
        "job": lambda run, part: run.row.job.lower().startswith(part),
        "by": lambda run, part: TRIGGER_WORDS[run.row.trigger].startswith(part) or run.row.trigger.startswith(part),
    },
    is_problem=lambda run: run.row.status in _PROBLEMS,
    sorts=(
        Sort("Live first"),
        Sort("When", lambda run: -run_moment(run).timestamp()),
        Sort("Job", lambda run: run.row.job),
        Sort("Took", lambda run: -_took(run)),
    ),
)


def _took(run: RunRow) -> float:
    row = run.row
    if row.started_at is None or row.finished_at is None:
        return 0.0
    return (row.finished_at - row.started_at).total_seconds()
