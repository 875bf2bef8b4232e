"""`jobistemer completion`"""

from __future__ import annotations

import click

from jobistemer_tui.cli import output
from jobistemer_tui.cli.session import Session, global_options, pass_session

SHELLS = ("bash", "zsh", "fish")


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
@global_options
@pass_session
def command(session: Session, shell: str) -> None:
    """Print the script that lets a shell complete commands, options, and the names of jobs and runs.

    The guide says where to put it.
    """
    from jobistemer_tui.cli.command_table import COMMANDS
    from jobistemer_tui.cli.completion.bash import bash_script
    from jobistemer_tui.cli.completion.fish import fish_script
    from jobistemer_tui.cli.completion.words import words_of
    from jobistemer_tui.cli.completion.zsh import zsh_script
    from jobistemer_tui.cli.main import cli, load_command

    commands = [(name, line, load_command(module)) for name, (module, line) in COMMANDS.items()]
    script = {"bash": bash_script, "zsh": zsh_script, "fish": fish_script}[shell](words_of([("", "", cli), *commands]))
    if session.as_json:
        output.as_json({"shell": shell, "script": script})
    else:
        output.document(script)
