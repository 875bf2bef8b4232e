"""A text over the screen: it scrolls, can be copied, and leads to what it names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widget import Widget

from jobistemer_tui.tui.presentation.fitting import fit, shown
from jobistemer_tui.tui.presentation.lines import Line, Target, paragraph
from jobistemer_tui.tui.widgets.drawn import Drawn
from jobistemer_tui.tui.widgets.line_view import LineView


class TextDialog(ModalScreen[Target | None]):
    """Dismissed with what the line under the cursor leads to, or None."""

    CSS_PATH = "text_dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "down", show=False),
        Binding("up,k", "move(-1)", "up", show=False),
        Binding("pagedown,space,ctrl+d", "page(1)", "page down", show=False),
        Binding("pageup,ctrl+u", "page(-1)", "page up", show=False),
        Binding("home,g", "move(-1000000)", "top", show=False),
        Binding("end,G", "move(1000000)", "bottom", show=False),
        Binding("enter,l,right", "go", "go to", show=False),
        Binding("y", "copy", "copy", show=False),
        Binding("escape,q,h,left", "close", "close", show=False),
    ]
    KEYS: ClassVar[str] = "enter go to  y copy  esc close"

    def __init__(self, told: Callable[[str], str]) -> None:
        """`told` puts what the engine says as the screen does; it gives clean text."""
        super().__init__()
        self._told = told
        self.view = LineView()
        self._title = Drawn(classes="title")
        self._keys = Drawn(classes="keys")

    def compose(self) -> ComposeResult:
        """Title, text, what the keys do."""
        with Vertical(classes="box"):
            yield self._title
            yield self.view
            yield from self.below()
            yield self._keys

    def below(self) -> Sequence[Widget]:
        """What stands between the text and the keys."""
        return ()

    def on_mount(self) -> None:
        """The keys belong to the text."""
        self.view.focus()
        self._keys.show(lambda width: Text(fit(self.KEYS, width), "dim"))

    def show_title(self, title: str) -> None:
        """Name what is shown; foreign text is cleaned here."""
        self._title.show(lambda width: Text(shown(title, width), "bold"))

    def show_problem(self, message: str, hint: str) -> None:
        """Say why there is nothing to show."""
        words = [fit(self._told(text), 2_000) for text in (message, hint)]
        self.view.show(lambda width: [line for text in words if text for line in paragraph(text, width)], cursor=0)

    def action_move(self, rows: int) -> None:
        """Move the cursor."""
        self.view.move_by(rows)

    def action_page(self, pages: int) -> None:
        """Move by pages."""
        self.view.move_by(pages * self.view.page)

    def action_go(self) -> None:
        """Go to what the line names."""
        line: Line | None = self.view.selected
        if line is not None and line.target is not None:
            self.dismiss(line.target)
        else:
            self.notify("this line names nothing to go to", timeout=3, markup=False)

    def on_line_view_opened(self) -> None:
        """A click on the line under the cursor."""
        self.action_go()

    def action_copy(self) -> None:
        """Copy the whole text by OSC 52, which some terminals ignore, so say what was sent."""
        self.app.copy_to_clipboard(self.view.plain)
        self.notify(f"copied {len(self.view.lines)} lines (OSC 52)", timeout=3, markup=False)

    def action_close(self) -> None:
        """Back to where one was."""
        self.dismiss(None)
