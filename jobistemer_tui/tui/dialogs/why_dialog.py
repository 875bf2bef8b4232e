"""Why did it (not) run? The answer of `jobistemer why`, for a run, a job, or a job at any time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from jobistemer_tui.errors import JobistemerError
from jobistemer_tui.operations.contract import Operations
from jobistemer_tui.operations.why_answer import Answer
from jobistemer_tui.tui.presentation.why_text import why_lines
from jobistemer_tui.tui.reading import read_in_thread

from .text_dialog import TextDialog


class WhyDialog(TextDialog):
    """Asks about `what`, a job's name or the id of a run; `@` asks about the job at another time."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("at", "ask_time", "another time", show=False)]
    KEYS = "enter go to  @ another time  y copy  esc close"

    def __init__(self, operations: Operations, what: str, job: str, told: Callable[[str], str], *, dark: bool) -> None:
        super().__init__(told)
        self._operations = operations
        self._what = what
        self._job = job
        self._time: str | None = None
        self._dark = dark
        self._field = Input(placeholder="02:30 · yesterday · 2026-03-29 · 2026-03-29T02:30", compact=True)
        self._field.cursor_blink = False

    def below(self) -> Sequence[Widget]:
        """Where a time is typed."""
        return (self._field,)

    def on_mount(self) -> None:
        """Ask."""
        self.show_title(f"Why? {self._job}")
        self._ask()

    def _ask(self) -> None:
        self.run_worker(self._answer(), exclusive=True)

    async def _answer(self) -> None:
        try:
            answer = await read_in_thread(self._operations.why, self._what, self._time)
        except JobistemerError as error:
            self.show_problem(error.message, error.hint)
            return
        self._show(answer)

    def _show(self, answer: Answer) -> None:
        self.show_title(f"Why? {answer.job}, {answer.asked}")
        self.view.show(lambda width: why_lines(answer, width, dark=self._dark), cursor=0)

    def action_ask_time(self) -> None:
        """Type a time, on the clock of the job's zone."""
        self._field.add_class("-shown")
        self._field.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Ask about that time; an empty one means the latest run and the next."""
        event.stop()
        self._what, self._time = self._job, event.value.strip() or None
        self._hide_field()
        self._ask()

    def action_close(self) -> None:
        """Leave the field, then the dialog."""
        if self._field.has_focus:
            self._hide_field()
        else:
            super().action_close()

    def _hide_field(self) -> None:
        self._field.remove_class("-shown")
        self.view.focus()
