"""A question with a few answers; the harmless one is the default, and Enter gives it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from jobistemer_tui.operations.read_models import LiveRuns
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.tui.presentation.fitting import cleaned
from jobistemer_tui.tui.veil import Veil


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer: its key, its words, and its value (empty: nothing happens)."""

    key: str
    label: str
    value: str


class ChoiceDialog(Veil, ModalScreen[str]):
    """Dismissed with the value of an answer; Esc gives the empty one.

    The key that opened the dialog answers nothing, so that a key that repeats cannot confirm itself.
    """

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l,down,j", "app.focus_next", "next answer", show=False),
        Binding("left,h,up,k", "app.focus_previous", "previous answer", show=False),
        Binding("escape", "nothing", "leave things as they are", show=False),
    ]

    def __init__(
        self, title: str, lines: Sequence[str], choices: Sequence[Choice], *, default: int, stacked: bool = False
    ) -> None:
        """`lines` may hold foreign text; it is cleaned here. `default` is the index of the answer under Enter."""
        super().__init__()
        self._title = cleaned(title)
        self._lines = [cleaned(line) for line in lines]
        self._choices = {choice.key: choice for choice in choices}
        self._default = choices[default].key
        self._stacked = stacked

    def compose(self) -> ComposeResult:
        """Title, effect, answers."""
        with Vertical(classes="box"):
            yield Static(Text(self._title, "bold"), classes="title")
            yield Static(Text("\n".join(self._lines)), classes="text")
            with Container(classes="stacked answers" if self._stacked else "answers"):
                for choice in self._choices.values():
                    yield Button(Text(choice.label).plain, id=f"answer-{choice.key}", compact=True)

    def on_mount(self) -> None:
        """Enter gives the harmless answer."""
        self.query_one(f"#answer-{self._default}", Button).focus()

    def on_resize(self) -> None:
        """The answer under Enter stays in sight, however small the terminal becomes."""
        if self.focused is not None:
            self.focused.call_after_refresh(self.focused.scroll_visible, animate=False)

    def on_key(self, event: events.Key) -> None:
        """The letters of the answers."""
        choice = self._choices.get(event.character or "")
        if choice is not None:
            event.stop()
            self.dismiss(choice.value)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Enter, or a click."""
        event.stop()
        self.dismiss(self._choices[(event.button.id or "").removeprefix("answer-")].value)

    def action_nothing(self) -> None:
        """Nothing happens."""
        self.dismiss("")


def confirm_dialog(title: str, lines: Sequence[str]) -> ChoiceDialog:
    """No (the default) or Yes; Yes gives `yes`."""
    choices = (Choice("n", "No", ""), Choice("y", "y  Yes", "yes"))
    return ChoiceDialog(title, lines, choices, default=0)


def quit_dialog(live: LiveRuns, *, ends_at_logout: bool = False) -> ChoiceDialog:
    """What becomes of the runs when the screen ends; the value is the `how` of `EngineHandle.stop`.

    `ends_at_logout`: what goes on in the background may not outlive the login.
    """
    figures = ((live.running, "running"), (live.pending, "pending"), (live.queued, "queued"))
    runs = ", ".join(f"{number} {state}" for number, state in figures if number)
    lines: tuple[str, ...] = (
        f"This window runs the engine: {runs}.",
        "Nothing new starts until an engine runs again.",
    )
    if live.running and ends_at_logout:
        lines += ("A logout may end what goes on; to keep it:", "  loginctl enable-linger")
    stay = Choice("s", "s  Stay", "")
    if not live.running:
        leave = Choice("b", "b  Leave: the next engine takes up what waits", "handover")
        return ChoiceDialog("Leave Jobistemer?", lines, (leave, stay), default=1, stacked=True)
    choices = (
        Choice("b", "b  Hand over: tasks go on in the background", "handover"),
        Choice("d", "d  Drain: wait for what runs, start no more", "drain"),
        Choice("a", "a  Cancel what runs: SIGTERM, later SIGKILL", "cancel"),
        stay,
    )
    return ChoiceDialog("Leave Jobistemer?", lines, choices, default=3, stacked=True)
