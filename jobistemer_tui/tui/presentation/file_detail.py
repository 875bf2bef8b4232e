"""The pane of a job file: how it stands, what is wrong with it and where, and what its changes do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from jobistemer_tui.domain.file_plan import FilePlan
from jobistemer_tui.operations.plan_words import past_words, plan_lines, summary_words
from jobistemer_tui.operations.read_models import FileProblem, FileRow, FileStanding
from jobistemer_tui.tui.read_values import FilesRead

from .file_rows import file_mark
from .fitting import cleaned, fit_middle, shown
from .job_detail import labelled
from .job_rows import Viewpoint
from .moments import with_distance
from .status_marks import COMPLETED, FAILED, MISSED
from .wrapping import rule_text, wrapped

_MOST_PROBLEMS: Final = 30
_MOST_JOBS: Final = 20


def file_lines(row: FileRow, view: Viewpoint, width: int) -> list[Text]:
    """How a file stands, its jobs, and its problems with their lines."""
    mark = file_mark(row)
    head = Text(f" {mark.glyph} {standing_words(row)}", mark.style(dark=view.dark))
    lines = wrapped(head, width)
    lines += labelled("Read", [Text(with_distance(row.read_at, view.now, view.style))], width)
    lines += labelled("File", [Text(fit_middle(cleaned(row.path), width - 9))], width)
    if row.jobs:
        names = ", ".join(cleaned(name) for name in row.jobs[:_MOST_JOBS])
        more = f" and {len(row.jobs) - _MOST_JOBS} more" if len(row.jobs) > _MOST_JOBS else ""
        lines += labelled("Jobs", [Text(names + more)], width)
    for problem in row.problems[:_MOST_PROBLEMS]:
        lines += problem_lines(problem, view, width)
    if len(row.problems) > _MOST_PROBLEMS:
        lines.append(Text(f" and {len(row.problems) - _MOST_PROBLEMS} more; jobistemer check lists all", "dim"))
    return lines


def standing_words(row: FileRow) -> str:
    """How a file stands, and what that means for its jobs."""
    runs_on = "what was published runs on" if row.jobs else "nothing of it runs"
    match row.standing:
        case FileStanding.LIVE:
            return "live, with warnings" if row.problems else "live"
        case FileStanding.REFUSED:
            return f"refused: {runs_on}"
        case FileStanding.DENIED:
            return f"not read: {runs_on}"
        case FileStanding.UNWATCHED:
            return "not watched here: the engine reads other folders, and its jobs are not run"


def problem_lines(problem: FileProblem, view: Viewpoint, width: int) -> list[Text]:
    """What is wrong, the line with a caret below the column, and what to do about it."""
    style = (FAILED if problem.severity == "error" else MISSED).style(dark=view.dark)
    place = f"{problem.line}:{problem.column} " if problem.line else ""
    lines = wrapped(Text(f" {place}{problem.severity}: {cleaned(problem.message)}", style), width)
    if problem.line and problem.source_line.strip():
        lines += _source_lines(problem, width, style)
    if problem.hint:
        lines += [Text(f"   {piece.plain}", "dim") for piece in wrapped(Text(cleaned(problem.hint)), width - 3)]
    return lines


def _source_lines(problem: FileProblem, width: int, style: str) -> Iterator[Text]:
    """The line and its caret; a long line is cut on both sides of the caret."""
    gutter = f"{problem.line:>6} │ "
    room = max(8, width - len(gutter) - 1)
    begin = max(0, problem.column - 1 - room // 2) if len(problem.source_line) > room else 0
    part = shown(problem.source_line[begin:], room)
    # Wide characters before the caret take two cells each.
    before = cell_len(shown(problem.source_line[begin : max(begin, problem.column - 1)], room))
    yield Text.assemble((gutter, "dim"), part)
    yield Text.assemble((" " * 6 + " │ ", "dim"), " " * before, ("^", style))


def change_lines(title: str, plan: FilePlan, roots: Sequence[str], view: Viewpoint, width: int) -> list[Text]:
    """A rule with what a plan is, its summary, then what becomes of each job; files are named below their `roots`."""
    styles = {
        "added": COMPLETED.style(dark=view.dark),
        "removed": FAILED.dark if view.dark else FAILED.light,
        "changed": MISSED.dark if view.dark else MISSED.light,
        "warning": MISSED.style(dark=view.dark),
        "detail": "dim",
    }
    lines = [rule_text(title, width), *wrapped(Text(f" {summary_words(plan)} · {past_words(plan)}", "bold"), width)]
    for line in plan_lines(plan, width - 3, roots):
        style, pad = styles[line.kind], " " * (line.indent + 1)
        first, *rest = wrapped(Text(line.text, style), max(10, width - len(pad) - 2))
        lines += [Text.assemble(pad, first), *(Text.assemble(f"{pad}  ", piece) for piece in rest)]
    return lines


def changes_lines(read: FilesRead, view: Viewpoint, width: int) -> list[Text]:
    """What would happen now if an engine were up, and the newest change that did."""
    roots = list(dict.fromkeys(row.root for row in read.rows))
    lines: list[Text] = []
    if read.pending:
        lines += change_lines("pending: no engine is up to apply it", read.pending, roots, view, width)
    if last := read.last:
        lines += change_lines(f"last change · {with_distance(last.at, view.now, view.style)}", last, roots, view, width)
    return lines
