"""A comparison in words, the same for the command line and the screen."""

from __future__ import annotations

from collections.abc import Iterator

from jobistemer_tui.operations.compare.line_diff import Kind
from jobistemer_tui.operations.compare.logs import END_LINES
from jobistemer_tui.operations.compare.model import Comparison, DiffLine, LogDifference, Side
from jobistemer_tui.operations.environment import MASK, Variable

SIGNS = {Kind.SAME: " ", Kind.REMOVED: "-", Kind.ADDED: "+"}


def title(found: Comparison) -> str:
    """What is compared: `backup, task upload: the last good run, and the first bad one after it`."""
    why = found.why or "two runs"
    if found.before.attempt.id != found.after.attempt.id and _same_task(found.before, found.after):
        return f"{found.after.occurrence.job}, task {found.after.task}: {why}"
    return f"{_name(found.before)} and {_name(found.after)}"


def _same_task(one: Side, other: Side) -> bool:
    return (one.occurrence.job_id, one.task) == (other.occurrence.job_id, other.task)


def _name(side: Side) -> str:
    return f"{side.occurrence.job}, task {side.task}, try {side.attempt.number}"


def variable_words(one: Variable) -> str:
    """How a variable differs, in a line."""
    if one.there is not None and one.here is not None:
        if one.secret:
            return f"{one.name}: {MASK} in both (a secret: whether its value is the same is not known)"
        return f"{one.name}: {one.there} → {one.here}"
    if one.here is not None:
        return f"{one.name}: only in the second: {one.here}"
    return f"{one.name}: only in the first: {one.there}"


ENVIRONMENT_NOTE = "of the job file; what else a task finds comes from the engine that started it, and is not stored"


def log_words(log: LogDifference) -> str:
    """How the logs differ, in a line."""
    counts = f"{log.before_lines} and {log.after_lines} lines"
    left_out = log.before_left_out + log.after_left_out
    cut = f"; only the first and last {END_LINES} of each compared" if left_out else ""
    if not log.removed and not log.added:
        return f"{counts}: the same, but for times, ids and the like{cut}"
    return f"{counts}: {log.removed} only in the first, {log.added} only in the second{cut}"


def place_words(hunk: tuple[DiffLine, ...]) -> str:
    """Where a stretch begins: `line 12 and line 14`."""
    before = next((line.before + 1 for line in hunk if line.before is not None), None)
    after = next((line.after + 1 for line in hunk if line.after is not None), None)
    parts = [f"line {before} of the first"] if before is not None else []
    parts += [f"line {after} of the second"] if after is not None else []
    return ", ".join(parts)


def difference_lines(log: LogDifference) -> Iterator[tuple[Kind | None, str]]:
    """The lines of the difference with their signs; those without a kind say where a stretch begins."""
    for hunk in log.hunks:
        yield None, place_words(hunk)
        for line in hunk:
            yield line.kind, f"{SIGNS[line.kind]} {line.text}"
