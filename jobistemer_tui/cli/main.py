"""The command line: which word calls which module."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

import click

from jobistemer_tui import __version__
from jobistemer_tui.cli.command_table import COMMANDS
from jobistemer_tui.cli.ending import exit_code_from
from jobistemer_tui.cli.exit_codes import ExitCode
from jobistemer_tui.cli.session import Session, global_options, window_options
from jobistemer_tui.errors import UsageError

_DEFAULT = "open_tui"


class LazyGroup(click.Group):
    """The first word is a command if it is one, else a path for the screen."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return load_command(COMMANDS[cmd_name][0]) if cmd_name in COMMANDS else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        command = self.get_command(ctx, args[0])
        return (args[0], command, args[1:]) if command else (_DEFAULT, load_command(_DEFAULT), args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """From the table: the help alone imports no command."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


def load_command(module: str) -> click.Command:
    """The command of a module under `cli.commands`, which is imported now."""
    command = import_module(f"jobistemer_tui.cli.commands.{module}").command
    assert isinstance(command, click.Command)
    return command


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    options_metavar="[OPTIONS]",
    subcommand_metavar="[PATH... | COMMAND ...]",
)
@global_options
@window_options
@click.version_option(__version__, prog_name="jobistemer", message="%(prog)s %(version)s")
@click.pass_context
def cli(context: click.Context) -> int | None:
    """A job manager for the terminal.

    Without a command the screen opens and runs the jobs of the files and folders PATH, by default those of the
    configuration's jobs folder. The first word is a command if it is one, else a path; ./run is always a path.
    """
    if context.invoked_subcommand is not None:
        _refuse_window_options(context.ensure_object(Session), context.invoked_subcommand)
        return None
    code: int | None = context.invoke(load_command(_DEFAULT), paths=())
    return code


def _refuse_window_options(session: Session, word: str) -> None:
    """`--read-only` before a command that shows no screen would promise what the command does not keep."""
    options = {"--read-only": session.read_only, "--attach": session.attach, "--theme": session.theme}
    option = next((name for name, given in options.items() if given), None)
    if option is not None and word in COMMANDS and word != "serve":
        raise UsageError(f"{option} is for the screen, not for {word}", hint="leave it away")


def run(arguments: Sequence[str]) -> int:
    """Run the program with these words; gives its exit code."""
    return exit_code_from(lambda: _invoke(arguments), as_json="--json" in arguments)


def _invoke(arguments: Sequence[str]) -> int:
    try:
        result = cli.main(list(arguments), prog_name="jobistemer", standalone_mode=False, obj=Session())
    except click.ClickException as error:
        raise _usage_error(error) from error
    except click.Abort as error:
        raise KeyboardInterrupt from error
    return result if isinstance(result, int) else ExitCode.DONE


def _usage_error(error: click.ClickException) -> UsageError:
    context = getattr(error, "ctx", None)
    hint = f"see {context.command_path} --help" if isinstance(context, click.Context) else ""
    return UsageError(error.format_message(), hint=hint)
