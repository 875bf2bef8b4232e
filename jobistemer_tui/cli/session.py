"""What the global options say, and the home they open."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from jobistemer_tui.errors import NotFound, StoreUnavailable, UsageError, only_error
from jobistemer_tui.settings.locations import Locations, find_locations

if TYPE_CHECKING:
    from jobistemer_tui.wiring import Opened

Callback = TypeVar("Callback", bound=Callable[..., Any])


@dataclass(slots=True)
class Session:
    """One call of the program."""

    home: Path | None = None
    store: str | None = None
    as_json: bool = False
    read_only: bool = False
    attach: bool = False
    theme: str | None = None
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)

    @contextmanager
    def opened(self, *, actor_kind: str = "cli", make: bool = True) -> Iterator[Opened]:
        """The home, with its store open as long as the block runs; not `make`: see `wiring.open_home`."""
        from jobistemer_tui.wiring import open_home

        opened = open_home(
            self.home, self.store, self.environ, actor_kind=actor_kind, make=make, read_only=self.read_only
        )
        try:
            yield opened
        except StoreUnavailable as error:
            raise self._naming_the_store(error) from error
        except ExceptionGroup as group:
            single = only_error(group)
            if not isinstance(single, StoreUnavailable):
                raise
            raise self._naming_the_store(single) from group
        finally:
            opened.close()

    def _naming_the_store(self, error: StoreUnavailable) -> StoreUnavailable:
        """The error with the file that it is about: what fails in the middle of the work does not say it."""
        database = self.locations().database
        if database is None or str(database) in error.message:
            return error
        return type(error)(f"{database}: {error.message}", hint=error.hint)

    def locations(self) -> Locations:
        """Where everything lies; nothing is made or opened."""
        return find_locations(self.home, self.store, self.environ)


def existing(paths: Sequence[Path], *, hint: str = "") -> tuple[Path, ...]:
    """The same paths. Raises NotFound for the first that does not exist."""
    for path in paths:
        if not os.path.lexists(path):
            raise NotFound(f"there is no file or folder {path}", hint=hint)
    return tuple(paths)


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
