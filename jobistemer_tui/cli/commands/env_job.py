"""`jobistemer env`"""

from __future__ import annotations

import click

from jobistemer_tui.cli import output
from jobistemer_tui.cli.env_text import environment_json, environment_lines
from jobistemer_tui.cli.session import Session, global_options, pass_session


@click.command("env")
@click.argument("job")
@click.option("--task", metavar="NAME", help="Of this task; default: the job's first.")
@click.option("--all", "everything", is_flag=True, help="List also what is the same, and what belongs to the terminal.")
@global_options
@pass_session
def command(session: Session, job: str, task: str | None, everything: bool) -> None:
    """Show how the environment of a scheduled job differs from this shell, and the lines that close the gap.

    Nothing is run, and the values of secrets are not looked up.
    """
    with session.opened() as opened:
        found = opened.operations.environment(job, task, session.environ)
    if session.as_json:
        output.as_json(environment_json(found))
        return
    for line in environment_lines(found, everything=everything):
        output.line(line)
    for problem in found.problems:
        output.talk(problem)
