"""Where the engine was when it crashed."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from jobistemer_tui.operations.engine_crash import EngineCrash
from jobistemer_tui.tui.presentation.fitting import cleaned
from jobistemer_tui.tui.veil import Veil


class CrashDialog(Veil, ModalScreen[None]):
    """The newest crash with its traceback. `when` is its time in words, `log_file` where the same is kept."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q,E", "dismiss", "close", show=False),
        Binding("down,j", "scroll(1)", "down", show=False),
        Binding("up,k", "scroll(-1)", "up", show=False),
        Binding("y", "copy", "copy", show=False),
    ]

    def __init__(self, crash: EngineCrash, when: str, log_file: str) -> None:
        super().__init__()
        self._crash = crash
        times = "once" if crash.count == 1 else f"{crash.count} times in a row"
        lines = crash.traceback.rstrip().split("\n")
        self._title, self._lines = f"The engine crashed {times}, last {when}", [cleaned(line) for line in lines]
        self._kept = f"kept in {cleaned(log_file)}"

    def compose(self) -> ComposeResult:
        """The end of a traceback says most, so the window begins there."""
        with Vertical(classes="crash box"):
            yield Static(Text(self._title, "bold"), classes="title")
            with VerticalScroll(can_focus=False):
                yield Static(Text("\n".join(self._lines)))
            yield Static(Text(self._kept, "dim"))
            yield Static(Text("j k move   y copies   esc closes", "dim"))

    def on_mount(self) -> None:
        """To the error itself."""
        self.query_one(VerticalScroll).scroll_end(animate=False)

    def action_scroll(self, step: int) -> None:
        """A line up or down."""
        self.query_one(VerticalScroll).scroll_relative(y=step, animate=False)

    def action_copy(self) -> None:
        """For a report of the defect."""
        self.app.copy_to_clipboard(self._crash.traceback)
        self.notify("copied the traceback (OSC 52)", timeout=3, markup=False)
