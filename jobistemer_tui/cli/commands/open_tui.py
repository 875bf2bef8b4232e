"""`jobistemer [PATH…]`: the screen."""

from __future__ import annotations

from pathlib import Path

import click

from jobistemer_tui.cli.screen import open_screen
from jobistemer_tui.cli.session import PATHS, Session, global_options, pass_session, window_options


@click.command("open")
@PATHS
@global_options
@window_options
@pass_session
def command(session: Session, paths: tuple[Path, ...]) -> int:
    """Open the screen over job files."""
    return open_screen(session, paths)
