"""`jobistemer import …`"""

from __future__ import annotations

import sys
from collections import Counter
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jobistemer_tui.cli import output
from jobistemer_tui.cli.exit_codes import ExitCode
from jobistemer_tui.cli.session import Session, global_options, pass_session
from jobistemer_tui.domain.clock import SystemClock
from jobistemer_tui.errors import UsageError

if TYPE_CHECKING:
    from jobistemer_tui.operations.commands.import_jobs import ImportedFile

_OUTPUT = click.option(
    "-o", "--output", "target", type=click.Path(path_type=Path), metavar="FILE", help="Write the job file here."
)
_FORCE = click.option("--force", is_flag=True, help="Replace a file that is there.")


@click.group("import")
@global_options
def command() -> None:
    """Make a job file of what another scheduler runs; nothing is applied."""


@command.command("crontab")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE | -]...")
@click.option("--system", is_flag=True, help="The sixth field names the user, as in /etc/crontab.")
@_OUTPUT
@_FORCE
@global_options
@pass_session
def crontab(session: Session, paths: tuple[Path, ...], system: bool, target: Path | None, force: bool) -> int:
    """Import crontabs: files, folders of them, - for standard input; without FILE your own (`crontab -l`).

    The job file goes to standard output or to --output, the report to standard error. The exit code is 1 if a
    line could not be carried over.
    """
    from jobistemer_tui.operations.commands.import_jobs import import_crontabs  # reading files costs pydantic

    files = [path for path in paths if str(path) != "-"]
    stdin = sys.stdin.buffer.read() if len(files) < len(paths) else None
    return _deliver(session, import_crontabs(files, stdin, system=system, now=SystemClock().now()), target, force)


@command.command("systemd")
@click.argument("words", nargs=-1, metavar="[UNIT | DIR]...")
@click.option("--system", is_flag=True, help="Units of the system, not of your user manager.")
@_OUTPUT
@_FORCE
@global_options
@pass_session
def systemd(session: Session, words: tuple[str, ...], system: bool, target: Path | None, force: bool) -> int:
    """Import timers with their services: units by name, unit files, folders; without any all of your own.

    The job file goes to standard output or to --output, the report to standard error. The exit code is 1 if
    something could not be carried over.
    """
    from jobistemer_tui.operations.commands.import_systemd import import_systemd  # reading files costs pydantic

    return _deliver(session, import_systemd(words, system=system), target, force)


def _deliver(session: Session, made: ImportedFile, target: Path | None, force: bool) -> int:
    from jobistemer_tui.operations.written_file import write_new

    if session.as_json:
        if target is not None:
            raise UsageError("--json only looks: it writes no file", hint="leave --output or --json away")
        output.as_json(made.json())
        return _code(made)
    if target is not None:
        write_new(target, made.text, force=force, hint="name another file, or say --force to replace it")
    else:
        output.document(made.text)
    _report(made)
    if target is not None:
        output.talk(f"written to {target}; see what it would do: jobistemer check {target}")
    return _code(made)


def _code(made: ImportedFile) -> ExitCode:
    return ExitCode.DONE if made.complete else ExitCode.FAILED


_FATES = {"carried": "carried over", "changed": "changed", "lost": "not carried over"}


def _report(made: ImportedFile) -> None:
    """Each line with what became of it."""
    for (file, line, text), notes in groupby(made.imported.notes, key=attrgetter("file", "line", "text")):
        output.talk(f"{file}:{line}: {text.strip()}" if line else f"{file}: {text}".rstrip(": "))
        for note in notes:
            name = f" as {note.job}" if note.job and not note.message else ""
            output.talk(f"    {_FATES[note.fate]}{name}" + (f": {note.message}" if note.message else ""))
    counts = Counter(note.fate.value for note in made.imported.notes)
    output.talk(f"{len(made.imported.jobs)} jobs; {counts['changed']} remarks, {counts['lost']} not carried over")
