"""The options that say what `one_call.Session` holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from jobistemer_tui.cli.one_call import Session as Session
from jobistemer_tui.cli.one_call import existing as existing
from jobistemer_tui.errors import UsageError

Callback = TypeVar("Callback", bound=Callable[..., Any])


def global_options(callback: Callback) -> Callback:
    """Add the options that every command takes."""
    for option in reversed(_GLOBAL_OPTIONS):
        callback = option(callback)
    return callback


def window_options(callback: Callback) -> Callback:
    """Add the options of what shows the screen."""
    for option in reversed(_WINDOW_OPTIONS):
        callback = option(callback)
    return callback


def _keep(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    session = context.ensure_object(Session)
    match parameter.name, value:
        case "home", "":
            raise UsageError("--home names no folder", hint="write --home DIR")
        case "home", str():
            session.home = Path(value)
        case "store", str():
            session.store = value
        case "as_json", True:
            session.as_json = True
        case "read_only", True:
            session.read_only = True
        case "attach", True:
            session.attach = True
        case "theme", str():
            session.theme = value
        case _:
            pass


_GLOBAL_OPTIONS = (
    click.option(
        "--home", type=click.Path(), metavar="DIR", expose_value=False, callback=_keep,
        help="Keep everything under this folder.",
    ),
    click.option(
        "--store", metavar="URL", expose_value=False, callback=_keep,
        help="The store: sqlite:PATH, lmdb:PATH, postgresql:// or memory:.",
    ),
    click.option(
        "--json", "as_json", is_flag=True, expose_value=False, callback=_keep, help="Write JSON for programs.",
    ),
)  # fmt: skip

_WINDOW_OPTIONS = (
    click.option(
        "--read-only", is_flag=True, expose_value=False, callback=_keep,
        help="Only look: no scheduler in this window, and nothing is changed.",
    ),
    click.option(
        "--attach", is_flag=True, expose_value=False, callback=_keep, help="Never run the scheduler in this window.",
    ),
    click.option(
        "--theme", expose_value=False, callback=_keep, metavar="NAME",
        help="The colours to begin with: jobistemer-dark, -light, -high-contrast, or a theme of Textual.",
    ),
)  # fmt: skip

pass_session = click.make_pass_decorator(Session, ensure=True)
PATHS = click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
