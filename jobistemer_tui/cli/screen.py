"""Opening the screen over job files."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from jobistemer_tui.cli.collection import collected_later
from jobistemer_tui.cli.first_run import begin, is_first_run
from jobistemer_tui.cli.one_call import Session, existing
from jobistemer_tui.errors import UsageError

if TYPE_CHECKING:
    from jobistemer_tui.wiring import Opened


def open_screen(session: Session, paths: tuple[Path, ...]) -> int:
    """Show the screen over these files and folders, none: the configuration's jobs folder; gives the exit code."""
    roots = existing(paths, hint=_hint(paths))
    with collected_later() as collect, session.opened(actor_kind="screen") as opened:
        need_terminal("jobistemer run, or jobistemer --help")
        client = session.attach or session.read_only
        if not client and not paths and is_first_run(opened):
            collect()
            show = partial(_show_demo, theme=session.theme)
            if not begin(opened, session.environ, show):
                return 0
        roots = roots or (opened.locations.jobs_dir,)
        return show_screen(opened, None if client else roots, read_only=session.read_only, theme=session.theme)


def _show_demo(demo: Opened, *, theme: str | None) -> int:
    return show_screen(demo, (demo.locations.jobs_dir,), read_only=True, theme=theme)


def need_terminal(otherwise: str) -> None:
    """Raise UsageError where nothing can be drawn on; `otherwise` is what to use instead."""
    if "TEXTUAL_DRIVER" in os.environ:
        return  # somebody else draws: a browser, by way of `serve`
    if not (sys.stdin and sys.stdin.isatty() and sys.stdout and sys.stdout.isatty()):
        raise UsageError("the screen needs a terminal", hint=f"without one use: {otherwise}")
    if os.environ.get("TERM") == "dumb":
        raise UsageError("TERM is dumb: no screen can be drawn on that", hint=f"on such a terminal use: {otherwise}")


def show_screen(
    opened: Opened, roots: Sequence[Path] | None, *, read_only: bool = False, theme: str | None = None
) -> int:
    """Show the screen until it is left; gives the exit code. `roots`: the job files of its engine (None: no engine).

    Raises UsageError for a `theme` that there is not.
    """
    with collected_later() as collect:
        from jobistemer_tui.tui.first_read import FirstRead

        first = FirstRead(opened.operations)

        from jobistemer_tui.operations.engine_client import EngineClient
        from jobistemer_tui.operations.engine_worker import EngineWorker
        from jobistemer_tui.operations.screen_settings import ScreenFiles
        from jobistemer_tui.tui.app import JobistemerApp
        from jobistemer_tui.tui.feed_worker import Feed
        from jobistemer_tui.tui.themes import theme_names
        from jobistemer_tui.wiring import make_node

        engine = EngineClient() if roots is None else EngineWorker(lambda: make_node(opened, roots), opened.clock)
        locations = opened.locations
        if theme is not None and theme not in theme_names():
            raise UsageError(f"there is no theme {theme!r}", hint=f"known are {', '.join(theme_names())}")
        app = JobistemerApp(
            Feed(opened.operations, first), engine, home_label=locations.label, log_file=str(locations.log_file),
            read_only=read_only, settings=ScreenFiles(locations.config_file, locations.data_dir, read_only=read_only),
            theme=theme,
        )  # fmt: skip
        app.shell.begin.then(collect)
        app.run()
    return app.return_code or 0


def _hint(paths: tuple[Path, ...]) -> str:
    """A mistyped command looks like a path that does not exist."""
    word = next((path for path in paths if not os.path.lexists(path)), None)
    if word is None:
        return ""
    from jobistemer_tui.cli.command_table import COMMANDS
    from jobistemer_tui.settings.near_words import did_you_mean, nearest

    near = nearest(str(word), COMMANDS)
    return did_you_mean(near and f"jobistemer {near}", "see jobistemer --help for the commands")
