"""`jobistemer check`"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import click

from jobistemer_tui.cli import output
from jobistemer_tui.cli.exit_codes import ExitCode
from jobistemer_tui.cli.session import PATHS, Session, existing, global_options, pass_session
from jobistemer_tui.operations.json_shapes import checked_json
from jobistemer_tui.operations.read_models import Checked, FileProblem
from jobistemer_tui.schedules.phrases import counted

_INDENT = "    "
_SEVERITIES = ("error", "warning")


@click.command("check")
@PATHS
@click.option("--strict", is_flag=True, help="Count warnings as errors.")
@global_options
@pass_session
def command(session: Session, paths: tuple[Path, ...], *, strict: bool) -> int:
    """Read job files, and the screen's settings, and list what is wrong with them; nothing is applied."""
    roots = existing(paths) or existing(
        [session.locations().jobs_dir], hint="make this folder, or name the files to check"
    )
    from jobistemer_tui.domain.clock import SystemClock
    from jobistemer_tui.operations.commands.check_files import check_files  # reading files costs pydantic
    from jobistemer_tui.operations.screen_settings import ScreenFiles
    from jobistemer_tui.tui.settings_check import checked_settings

    places = session.locations()
    checked = check_files(roots, SystemClock().now(), places.config_file)
    of_screen = checked_settings(ScreenFiles(places.config_file, places.data_dir, read_only=True).read())
    checked = replace(checked, problems=(*of_screen, *checked.problems))
    if session.as_json:
        output.as_json(checked_json(checked))
    else:
        print_problems(checked)
    bad = bool(checked.problems) if strict else not checked.ok
    return ExitCode.FAILED if bad else ExitCode.DONE


def print_problems(checked: Checked) -> None:
    """The problems of all files, and their number."""
    for problem in checked.problems:
        for parts in problem_parts(problem):
            output.styled(parts)
    severities = Counter(problem.severity for problem in checked.problems)
    numbers = (checked.files, "file"), (len(checked.jobs), "job"), *((severities[kind], kind) for kind in _SEVERITIES)
    output.talk(", ".join(counted(number, unit) for number, unit in numbers))
    if not checked.files:
        output.talk("job files end in .toml, .yaml, .yml or .py, and those in Python import from jobistemer_tui")


def problem_lines(problem: FileProblem) -> list[str]:
    """The place and what is wrong, the line with a caret under the column, and what to do."""
    return ["".join(text for text, _ in parts) for parts in problem_parts(problem)]


def problem_parts(problem: FileProblem) -> list[list[tuple[str, str]]]:
    """The same lines in parts, each with its style (`output.STYLES`)."""
    place = f"{problem.file}:{problem.line}:{problem.column}" if problem.line else problem.file
    lines = [[(f"{place}: ", "place"), (problem.severity, problem.severity), (f": {problem.message}", "")]]
    if problem.source_line.strip():
        lines.append([(_INDENT + problem.source_line, "")])
        lines.append([(_INDENT + " " * (problem.column - 1), ""), ("^", "caret")])
    if problem.hint:
        lines.append([(_INDENT + problem.hint, "hint")])
    return lines
