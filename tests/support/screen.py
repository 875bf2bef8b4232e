"""Driving the app on fake operations, and reading what it shows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from rich.style import Style
from textual.app import App
from textual.command import CommandList
from textual.events import Key
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.screen import Screen

from jobistemer_tui.operations.screen_settings import ScreenFiles
from jobistemer_tui.tui.app import JobistemerApp
from jobistemer_tui.tui.feed_worker import Feed
from jobistemer_tui.tui.first_read import FirstRead
from jobistemer_tui.tui.screens.feed_screen import FeedScreen

from .fake_operations import FakeEngine, FakeOperations
from .sample_jobs import Sample
from .settling import Settling, settling
from .wait_until import wait_until_async

UTF8 = {"LANG": "C.UTF-8", "EDITOR": "true"}


@dataclass(slots=True)
class Running:
    """A running app with everything a test looks at."""

    app: JobistemerApp
    pilot: Pilot[None]
    operations: FakeOperations
    engine: FakeEngine
    settling: Settling
    said: list[str]

    async def settle(self) -> None:
        """Until every question has been answered and every answer shown."""
        await self.settling.settled()

    async def press(self, *keys: str) -> None:
        """Press keys one after another, as a person who looks at the screen."""
        for key in keys:
            await self.pilot.press(key)
            await self.settle()

    async def type(self, text: str) -> None:
        """Type into the focused field."""
        await self.pilot.press(*text)
        await self.settle()

    async def type_ahead(self, *keys: str) -> None:
        """Press keys faster than anything can come of them."""
        post_keys(self.app, *keys)
        await self.settle()

    async def until_shown(self, text: str) -> None:
        """Wait until the screen shows a text."""
        await wait_until_async(lambda: text in self.text, what=f"{text!r} in\n{self.text}")

    async def until_gone(self, text: str) -> None:
        """Wait until the screen shows a text no more."""
        await wait_until_async(lambda: text not in self.text, what=f"{text!r} to go from\n{self.text}")

    async def until_first_command(self, text: str) -> None:
        """Wait until the first line of the palette has a text."""

        def is_first() -> bool:
            options = self.screen.query(CommandList).first().options
            return bool(options) and text in str(options[0].prompt)

        await wait_until_async(is_first, what=f"{text!r} to come first in\n{self.text}")

    async def until_called(self, *call: object) -> None:
        """Wait until the operations were asked for a change."""
        await wait_until_async(
            lambda: any(made[: len(call)] == call for made in self.operations.calls), what=f"{call} to be called"
        )
        await self.settle()

    async def until_called_times(self, count: int) -> None:
        """Wait until so many changes have been asked for."""
        await wait_until_async(lambda: len(self.operations.calls) == count, what=f"{count} calls")

    async def until_class(self, css: str) -> None:
        """Wait until the data screen has a class of its size."""
        await wait_until_async(lambda: self.feed_screen.has_class(css), what=css)

    async def until_told(self, text: str) -> None:
        """Wait until a notification says something."""
        await wait_until_async(lambda: text in self.told, what=f"to be told {text!r}, not {self.told!r}")

    @property
    def told(self) -> str:
        """All notifications, also those that have gone from the screen: some stay for two seconds only."""
        return "\n".join(self.said)

    @property
    def feed_screen(self) -> FeedScreen:
        """The data screen on top of the stack, under any dialog."""
        return next(screen for screen in reversed(self.app.screen_stack) if isinstance(screen, FeedScreen))

    @property
    def screen(self) -> Screen[object]:
        """The screen on top."""
        return self.app.screen

    @property
    def selected(self) -> str | None:
        """The key of the row under the cursor."""
        return self.feed_screen.table.selected_key

    @property
    def rows(self) -> list[str]:
        """What the terminal shows, row by row."""
        return screen_rows(self.app)

    @property
    def text(self) -> str:
        """What the terminal shows."""
        return "\n".join(self.rows)


def post_keys(app: App[Any], *keys: str) -> None:
    """Press keys without a turn of the event loop between them."""
    for key in keys:
        name = _character_to_key(key) if len(key) == 1 else key
        app.post_message(Key(name, key if len(key) == 1 else None))


def screen_rows(app: JobistemerApp) -> list[str]:
    """The rows of characters of the present screen. Only this and `painted` need Textual's compositor."""
    strips = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip).rstrip() for strip in strips]


def painted(app: JobistemerApp) -> list[tuple[str, Style]]:
    """The pieces of the present screen with the styles that reach the terminal."""
    strips = app.screen._compositor.render_strips()
    return [(segment.text, segment.style) for strip in strips for segment in strip if segment.style is not None]


def make_app(
    operations: FakeOperations,
    engine: FakeEngine,
    environ: dict[str, str] | None = None,
    *,
    read_only: bool = False,
    settings: ScreenFiles | None = None,
    theme: str | None = None,
) -> JobistemerApp:
    """The app as the tests use it."""
    return JobistemerApp(
        Feed(operations, FirstRead(operations)),
        engine,
        home_label="~/.config/jobistemer/jobs",
        log_file="~/.local/share/jobistemer/jobistemer.log",
        read_only=read_only,
        environ=UTF8 if environ is None else environ,
        settings=settings,
        theme=theme,
    )


@contextmanager
def remembered(app: App[Any]) -> Iterator[list[str]]:
    """What the app notifies of, kept."""
    said: list[str] = []
    notify = app.notify

    def noted(message: str, **options: Any) -> None:
        said.append(message)
        notify(message, **options)

    with mock.patch.object(app, "notify", noted):
        yield said


@asynccontextmanager
async def running(
    sample: Sample | None = None,
    *,
    size: tuple[int, int] = (80, 24),
    logs: Path | None = None,
    engine: FakeEngine | None = None,
    operations: FakeOperations | None = None,
    environ: dict[str, str] | None = None,
    notifications: bool = False,
    read_only: bool = False,
    settings: ScreenFiles | None = None,
    theme: str | None = None,
) -> AsyncIterator[Running]:
    """The app, settled on its first screen."""
    operations = operations or FakeOperations(sample, logs=logs)
    engine = engine or FakeEngine()
    app = make_app(operations, engine, environ, read_only=read_only, settings=settings, theme=theme)
    with remembered(app) as said:
        async with app.run_test(size=size, notifications=notifications) as pilot:
            with settling(app, lambda: app.feed.idle) as waits:
                run = Running(app, pilot, operations, engine, waits, said)
                await run.settle()
                yield run
