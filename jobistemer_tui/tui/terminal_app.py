"""What our programs in a terminal have in common."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from textual import events
from textual.app import App
from textual.command import CommandPalette
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.notifications import Notify
from textual.theme import Theme
from textual.worker import Worker

from .terminal_driver import TerminalDriver
from .typed_ahead import TypedAhead

STOPPED = "The scheduler stands still too: nothing is scheduled until `fg`.\n"
ReturnType = TypeVar("ReturnType")


class TerminalApp(App[ReturnType]):
    """Its keys have their effect in the order in which they were typed, and it draws on standard output."""

    def __init__(self) -> None:
        self._variables: tuple[Theme, dict[str, str]] | None = None  # Textual asks while it is made
        super().__init__()
        self.typed_ahead = TypedAhead(self, super().on_event)
        self.end: Callable[[], object] = self.exit
        """Leave at once and ask nothing."""

    def on_mount(self) -> None:
        """A screen that comes or goes may be what keys wait for; a terminal that is given back is painted anew."""
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))
        self.screen_change_signal.subscribe(self, lambda _: self.typed_ahead.look_again(), immediate=True)

    def get_css_variables(self) -> dict[str, str]:
        """The colours of a theme, computed once: until the first picture Textual asks for them five times."""
        theme = self.current_theme
        if self._variables is None or self._variables[0] is not theme:
            self._variables = theme, super().get_css_variables()
        return self._variables[1]

    def on_ready(self) -> None:
        """Updates are held back no longer: let the screen paint what was laid out meanwhile."""
        self.screen.check_idle()

    @property
    def terminal_is_gone(self) -> bool:
        """Whether nobody can see this program any more."""
        return isinstance(self._driver, TerminalDriver) and self._driver.is_gone

    def on_load(self) -> None:
        """From before the terminal is taken SIGTERM, SIGHUP and SIGINT end the program in order, which gives it back.

        Not SIGINT while another program has the terminal: Ctrl+C is for that one then, and the terminal tells us too.
        """
        if threading.current_thread() is not threading.main_thread():
            return  # only there can signals be taken
        loop, told = asyncio.get_running_loop(), partial(self.call_later, self.end)  # not before there is a screen
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, told)
        loop.add_signal_handler(signal.SIGINT, lambda: None if self._is_lent else told())

    @property
    def _is_lent(self) -> bool:
        return isinstance(self._driver, TerminalDriver) and self._driver.is_lent

    def get_driver_class(self) -> type[Driver]:
        """Ours instead of Textual's own; what the environment names stays."""
        found = super().get_driver_class()
        return TerminalDriver if found is LinuxDriver else found

    async def on_event(self, event: events.Event) -> None:
        """Keys and pasted text wait for their turn; the mouse points at what is shown now."""
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            await self.typed_ahead.take(event)
        elif self.screen_stack or not isinstance(event, events.Key):  # else it comes back from a screen that is gone
            await super().on_event(event)

    def on_notify(self, event: Notify) -> None:
        """What still stands there is not said a second time: a key that repeats would fill the screen with it."""
        if any(said.message == event.notification.message for said in self._notifications):
            event.prevent_default()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """What keys wait for may be done."""
        self.typed_ahead.look_again()

    def action_command_palette(self) -> None:
        """Open the palette."""
        if self.use_command_palette and not isinstance(self.screen, CommandPalette):
            from .palette import Palette

            self.push_screen(Palette())

    def _farewell(self) -> str:
        """What is said on the terminal while the program is put aside."""
        return ""

    def action_suspend_process(self) -> None:
        """Give the terminal back to the shell."""
        if isinstance(self._driver, TerminalDriver):
            self._driver.farewell = self._farewell()
            super().action_suspend_process()
        else:
            self.notify("there is no shell here to go to", timeout=3, markup=False)

    async def _shutdown(self) -> None:
        """End a search of the palette first: one that goes on while its list is taken down ends in an error."""
        for worker in list(self.workers):
            if isinstance(worker.node, CommandPalette):
                worker.cancel()
        await super()._shutdown()

    def on_unmount(self) -> None:
        """Nothing waits any more."""
        self.typed_ahead.close()
