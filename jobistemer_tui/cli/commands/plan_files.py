"""`jobistemer plan`"""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from jobistemer_tui.cli import output
from jobistemer_tui.cli.commands.check_files import print_problems
from jobistemer_tui.cli.exit_codes import ExitCode
from jobistemer_tui.cli.session import PATHS, Session, existing, global_options, pass_session
from jobistemer_tui.operations.json_shapes import planned_files_json
from jobistemer_tui.operations.plan_words import past_words, plan_lines, summary_words
from jobistemer_tui.operations.read_models import PlannedFiles


@click.command("plan")
@PATHS
@global_options
@pass_session
def command(session: Session, paths: tuple[Path, ...]) -> int:
    """Say what publishing the present job files would do; nothing is applied.

    Without PATH: the files that the engine watches, if one is up. Exit code 0: no change, 2: changes, 1: errors.
    """
    with session.opened(make=False) as opened:
        planned = opened.operations.plan(existing(paths))
    if session.as_json:
        output.as_json(planned_files_json(planned))
    else:
        print_problems(planned.checked)
        print_plan(planned)
    if not planned.checked.ok:
        return ExitCode.FAILED
    return ExitCode.CHANGES if planned.plan else ExitCode.DONE


def print_plan(planned: PlannedFiles) -> None:
    """What would change, in words."""
    width = max(40, min(120, shutil.get_terminal_size().columns)) if output.is_terminal() else 120
    for line in plan_lines(planned.plan, width):
        output.line(" " * line.indent + line.text)
    output.talk(f"{summary_words(planned.plan)}; {past_words(planned.plan)}")
