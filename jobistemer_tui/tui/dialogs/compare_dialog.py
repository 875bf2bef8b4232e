"""Two tries side by side: what `jobistemer compare` prints."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.binding import Binding, BindingType

from jobistemer_tui.errors import JobistemerError
from jobistemer_tui.operations.compare.words import title
from jobistemer_tui.operations.contract import Operations
from jobistemer_tui.tui.presentation.compare_text import compare_lines
from jobistemer_tui.tui.reading import read_in_thread

from .text_dialog import TextDialog

_MOST_CONTEXT = 1_000


class CompareDialog(TextDialog):
    """Compares `first` with `second`; see `Operations.compare` for what one word alone means."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "toggle_exact", "exact", show=False),
        Binding("plus", "context(2)", "more around", show=False),
        Binding("minus", "context(0.5)", "less around", show=False),
    ]
    KEYS = "enter go to  x exact  + - lines around  y copy  esc close"

    def __init__(
        self, operations: Operations, first: str, second: str | None, told: Callable[[str], str], *, dark: bool
    ) -> None:
        super().__init__(told)
        self._operations = operations
        self._words = (first, second)
        self._dark = dark
        self._exact = False
        self._around = 4

    def on_mount(self) -> None:
        """Compare."""
        self.show_title("Comparing…")
        self._compare()

    def _compare(self) -> None:
        self.run_worker(self._answer(), exclusive=True)

    async def _answer(self) -> None:
        first, second = self._words
        try:
            found = await read_in_thread(
                lambda: self._operations.compare(first, second, context=self._around, exact=self._exact)
            )
        except JobistemerError as error:
            self.show_title("Nothing to compare")
            self.show_problem(error.message, "= puts two runs side by side that are marked with space")
            return
        self.show_title(("Exactly: " if self._exact else "") + title(found))
        self.view.show(lambda width: compare_lines(found, width, dark=self._dark))

    def action_toggle_exact(self) -> None:
        """Compare also times, ids and paths in the logs, or not."""
        self._exact = not self._exact
        self._compare()

    def action_context(self, factor: float) -> None:
        """Show more, or fewer, lines around each change of the log."""
        self._around = max(1, min(_MOST_CONTEXT, int(self._around * factor)))
        self._compare()
