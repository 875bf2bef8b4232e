"""What is known of a task and its selected try, and what happened to the run: the pane beside the log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from jobistemer_tui.domain.sizes import size_text
from jobistemer_tui.operations.read_models import AttemptRow, OccurrenceDetail, TaskRow
from jobistemer_tui.operations.why_answer import Fact

from .durations import short_duration
from .fitting import cleaned
from .job_rows import Viewpoint
from .lines import Line, heading, labelled_lines
from .moments import moment_text
from .task_table import exit_words

_LABEL, _WHEN = 9, 14
_MOST_EVENTS = 40


def fact_lines(
    task: TaskRow, attempt: AttemptRow | None, detail: OccurrenceDetail, story: Sequence[Fact], view: Viewpoint,
    width: int,
) -> list[Line]:  # fmt: skip
    """Command, folder, names of variables, how it ended, what it used; then the story of the run."""
    lines = [line for label, text in _facts(task, attempt, detail) for line in _labelled(label, text, width)]
    if story:
        lines.append(heading("what happened", width))
    for fact in story[:_MOST_EVENTS]:
        when = "" if fact.at is None else moment_text(fact.at, view.now, view.style.zone)
        lines += labelled_lines(when, [Text(cleaned(fact.text))], width, label_width=_WHEN)
    return lines


def _labelled(label: str, text: str, width: int) -> Iterator[Line]:
    return labelled_lines(label, [Text(text)], width, label_width=_LABEL)


def _facts(task: TaskRow, attempt: AttemptRow | None, detail: OccurrenceDetail) -> Iterator[tuple[str, str]]:
    if task.what:
        yield "Runs", cleaned(task.what)
    if task.cwd:
        yield "In", cleaned(task.cwd)
    if task.variables:
        yield "With", cleaned(", ".join(task.variables))
    if task.needs:
        yield "Needs", cleaned(", ".join(task.needs))
    if detail.row.params:
        yield "Params", cleaned(", ".join(f"{name}={value}" for name, value in detail.row.params.items()))
    if attempt is not None:
        yield from _attempt_facts(attempt)
    if task.outputs:
        yield "Outputs", cleaned(", ".join(f"{name}={value}" for name, value in task.outputs.items()))


def _attempt_facts(attempt: AttemptRow) -> Iterator[tuple[str, str]]:
    known = attempt.detail
    if attempt.finished_at is not None:
        yield "Exit", exit_words(attempt)
    if "pid" in known:
        yield "Process", str(known["pid"])
    if "user_s" in known or "system_s" in known:
        times = (short_duration(float(known.get(name, 0))) for name in ("user_s", "system_s"))
        yield "CPU", " user, ".join(times) + " system"
    if "max_rss_bytes" in known:
        yield "Memory", f"{size_text(int(known['max_rss_bytes']))} at most"
    if "output_bytes" in known:
        dropped = f", {size_text(int(known['dropped_bytes']))} of it not kept" if known.get("dropped_bytes") else ""
        yield "Output", size_text(int(known["output_bytes"])) + dropped
    if known.get("leftovers_killed"):
        yield "Left", f"{known['leftovers_killed']} processes outlived it and were killed"
    if known.get("error"):
        yield "Error", cleaned(str(known["error"]))
