"""The command line: which word calls which module, and what becomes of errors."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

import click

from jobistemer_tui import __version__
from jobistemer_tui.cli import output
from jobistemer_tui.cli.errors_shown import show_error
from jobistemer_tui.cli.exit_codes import ExitCode, exit_code_of
from jobistemer_tui.cli.session import Session, global_options, window_options
from jobistemer_tui.errors import JobistemerError, UsageError, only_error

COMMANDS: dict[str, tuple[str, str]] = {
    "backfill": ("backfill_job", "Run a job for the times of a range of the past."),
    "cancel": ("cancel_run", "Stop a run, or cancel one that waits."),
    "check": ("check_files", "Read job files and list what is wrong with them."),
    "compare": ("compare_runs", "Put two runs side by side, the log too."),
    "completion": ("print_completion", "Print a shell's completion script."),
    "demo": ("show_demo", "Show the program at work, in a home of its own."),
    "docs": ("show_docs", "Show the guide."),
    "doctor": ("examine_all", "Look at this installation, and say what to do."),
    "edit": ("edit_job", "Open a job's file in the editor."),
    "env": ("env_job", "Show how a job's environment differs from this shell."),
    "exec": ("exec_command", "Run a command of another scheduler and record it."),
    "import": ("import_group", "Make a job file of crontabs or of systemd timers."),
    "jobs": ("list_jobs", "List the jobs."),
    "logs": ("show_logs", "Print what tasks wrote."),
    "new": ("new_file", "Write a job file to begin with."),
    "next": ("next_instants", "Say when jobs, or a schedule, fall due."),
    "nodes": ("nodes_group", "List the machines that work with the store."),
    "pause": ("pause_job", "Let a job's instants pass without running it."),
    "pin": ("pin_run", "Keep a run from being cleared away."),
    "plan": ("plan_files", "Say what the present job files would change."),
    "recovery": ("recovery_group", "Decide about what was missed while nothing was awake."),
    "replay": ("replay_run", "Run something again."),
    "resume": ("resume_job", "End a job's pause."),
    "run": ("run_headless", "Run the scheduler without a screen."),
    "runs": ("list_runs", "List runs, newest first."),
    "schema": ("print_schema", "Print the JSON Schema of job files, for editors."),
    "serve": ("serve_screen", "Show the screen in a browser of this machine."),
    "service": ("service_group", "Let the scheduler start by itself."),
    "show": ("show_one", "Show a job, a run or an attempt."),
    "simulate": ("simulate_jobs", "Forecast runs, queues and load, without running anything."),
    "skip": ("skip_run", "Skip a job's next run."),
    "snooze": ("snooze_run", "Put a job's next run off."),
    "start": ("start_job", "Let a stopped job's schedule go on."),
    "storage": ("storage_group", "Look after the database and the logs."),
    "stop": ("stop_job", "Stop a job's schedule."),
    "trigger": ("trigger_job", "Run a job now."),
    "undo": ("undo_act", "Take back the last act on a job's ticker."),
    "why": ("why_run", "Say why a job did, or did not, run."),
}
"""Command → its module under `cli.commands`, and its line in the help. A module is imported only when called."""

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
    output.prepare_streams()
    wants_json = "--json" in arguments
    try:
        code = _invoke(arguments)
        output.flush()
        return code
    except JobistemerError as error:
        show_error(error, as_json=wants_json)
        return exit_code_of(error)
    except ExceptionGroup as group:
        expected = only_error(group)
        if expected is None:
            raise
        show_error(expected, as_json=wants_json)
        return exit_code_of(expected)
    except (click.Abort, KeyboardInterrupt):
        return ExitCode.INTERRUPTED
    except output.ReaderGone:
        output.give_up_stdout()
        return ExitCode.DONE


def _invoke(arguments: Sequence[str]) -> int:
    try:
        result = cli.main(list(arguments), prog_name="jobistemer", standalone_mode=False, obj=Session())
    except click.ClickException as error:
        raise _usage_error(error) from error
    return result if isinstance(result, int) else ExitCode.DONE


def _usage_error(error: click.ClickException) -> UsageError:
    context = getattr(error, "ctx", None)
    hint = f"see {context.command_path} --help" if isinstance(context, click.Context) else ""
    return UsageError(error.format_message(), hint=hint)
