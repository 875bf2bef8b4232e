"""`jobistemer [PATH…]`: the screen."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jobistemer_tui.cli.session import PATHS, Session, existing, global_options, pass_session
from jobistemer_tui.errors import UsageError

if TYPE_CHECKING:
    from jobistemer_tui.wiring import Opened


@click.command("open")
@PATHS
@global_options
@pass_session
def command(session: Session, paths: tuple[Path, ...]) -> int:
    """Open the screen over job files."""
    roots = existing(paths, hint=_hint(paths))
    with session.opened(actor_kind="screen") as opened:
        need_terminal("jobistemer run, or jobistemer --help")
        return show_screen(opened, roots or (opened.locations.jobs_dir,))


def need_terminal(otherwise: str) -> None:
    """Raise UsageError where nothing can be drawn on; `otherwise` is what to use instead."""
    if not (sys.stdin and sys.stdin.isatty() and sys.stdout and sys.stdout.isatty()):
        raise UsageError("the screen needs a terminal", hint=f"without one use: {otherwise}")


def show_screen(opened: Opened, roots: Sequence[Path]) -> int:
    """Show the screen, with an engine over job files, until it is left; gives the exit code."""
    from jobistemer_tui.operations.engine_worker import EngineWorker
    from jobistemer_tui.tui.app import JobistemerApp
    from jobistemer_tui.wiring import make_node

    worker = EngineWorker(lambda: make_node(opened, roots), opened.clock)
    app = JobistemerApp(opened.operations, worker, home_label=opened.locations.label)
    app.run()
    return app.return_code or 0


def _hint(paths: tuple[Path, ...]) -> str:
    """A mistyped command looks like a path that does not exist."""
    from jobistemer_tui.cli.main import COMMANDS

    word = next((path for path in paths if not os.path.lexists(path)), None)
    near = get_close_matches(str(word), COMMANDS, n=1)
    return f"did you mean the command {near[0]!r}?" if near else "see jobistemer --help for the commands"
