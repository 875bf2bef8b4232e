"""`jobistemer check`"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from jobistemer_tui.cli import output
from jobistemer_tui.cli.exit_codes import ExitCode
from jobistemer_tui.cli.session import PATHS, Session, existing, global_options, pass_session
from jobistemer_tui.operations.json_shapes import checked_json
from jobistemer_tui.operations.read_models import Checked, FileProblem

_INDENT = "    "


@click.command("check")
@PATHS
@global_options
@pass_session
def command(session: Session, paths: tuple[Path, ...]) -> int:
    """Read job files and list what is wrong with them; nothing is applied."""
    roots = existing(paths) or existing(
        [session.locations().jobs_dir], hint="make this folder, or name the files to check"
    )
    from jobistemer_tui.domain.clock import SystemClock
    from jobistemer_tui.operations.commands.check_files import check_files  # reading files costs pydantic

    checked = check_files(roots, SystemClock().now())
    if session.as_json:
        output.as_json(checked_json(checked))
    else:
        print_problems(checked)
    return ExitCode.DONE if checked.ok else ExitCode.FAILED


def print_problems(checked: Checked) -> None:
    """The problems of all files, and their number."""
    for problem in checked.problems:
        for text in problem_lines(problem):
            output.line(text)
    severities = Counter(problem.severity for problem in checked.problems)
    output.talk(
        f"{checked.files} files, {len(checked.jobs)} jobs, "
        f"{severities['error']} errors, {severities['warning']} warnings"
    )


def problem_lines(problem: FileProblem) -> list[str]:
    """The place and what is wrong, the line with a caret under the column, and what to do."""
    place = f"{problem.file}:{problem.line}:{problem.column}" if problem.line else problem.file
    lines = [f"{place}: {problem.severity}: {problem.message}"]
    if problem.source_line.strip():
        lines += [_INDENT + problem.source_line, _INDENT + " " * (problem.column - 1) + "^"]
    if problem.hint:
        lines.append(f"{_INDENT}{problem.hint}")
    return lines
