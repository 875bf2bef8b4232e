"""A file in a person's editor, and what became of it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from jobistemer_tui.cli import output
from jobistemer_tui.cli.commands.check_files import print_problems
from jobistemer_tui.cli.commands.plan_files import print_plan
from jobistemer_tui.cli.exit_codes import ExitCode
from jobistemer_tui.cli.session import Session
from jobistemer_tui.errors import JobistemerError, UsageError
from jobistemer_tui.operations.json_shapes import planned_files_json
from jobistemer_tui.settings.editor import editor_command


class EditorFailed(JobistemerError):
    """The editor cannot be started."""

    code = "editor"


def edit_file(session: Session, path: Path, line: int) -> ExitCode:
    """Open the file at a line, wait for the editor, then say what is wrong with the file and what it would change.

    The file stays as the editor left it. FAILED if it has an error. Raises UsageError, EditorFailed.
    """
    _open_editor(session, path, line)
    with session.opened(make=False) as opened:
        planned = opened.operations.plan([path])
    if session.as_json:
        output.as_json(planned_files_json(planned))
        return ExitCode.DONE if planned.checked.ok else ExitCode.FAILED
    print_problems(planned.checked)
    if not planned.checked.ok:
        output.talk(f"{path} is kept as it is; what ran before goes on")
        return ExitCode.FAILED
    print_plan(planned)
    return ExitCode.DONE


def _open_editor(session: Session, path: Path, line: int) -> None:
    try:
        command = editor_command(session.environ, str(path), line)
    except ValueError as error:
        raise UsageError(f"VISUAL or EDITOR cannot be understood: {error}", hint="set EDITOR to a program") from error
    try:
        code = subprocess.run(command, check=False).returncode
    except OSError as error:
        hint = f"set EDITOR to a program that is there; the file is {path}:{line}"
        raise EditorFailed(f"the editor {command[0]} cannot be started: {error.strerror}", hint=hint) from error
    if code:
        output.talk(f"the editor ended with exit code {code}")
