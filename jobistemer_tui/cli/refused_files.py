"""Telling a person who looks at jobs which job files are refused, and why."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from jobistemer_tui.cli import output

if TYPE_CHECKING:
    from jobistemer_tui.operations.contract import Operations
    from jobistemer_tui.operations.read_models import FileRow


def tell_refused(operations: Operations, job_file: str | None = None) -> None:
    """A line on standard error for each file, or folder, that is refused; of `job_file` alone, if given."""
    for row in operations.files():
        concerned = job_file is None or PurePath(job_file).is_relative_to(row.path)
        if concerned and row.watched and not row.loaded:
            output.alarm(refusal_line(row))


def refusal_line(row: FileRow) -> str:
    """The place, the first error, and what that means for the jobs of the file."""
    problem = next((problem for problem in row.problems if problem.severity == "error"), None)
    place = row.path if problem is None or not problem.line else f"{row.path}:{problem.line}:{problem.column}"
    why = "refused" if problem is None else problem.message
    hint = f" ({problem.hint})" if problem is not None and problem.hint else ""
    meaning = "what was published of it runs on" if row.jobs else "nothing of it runs"
    return f"{place}: refused: {why}{hint}; {meaning}"
