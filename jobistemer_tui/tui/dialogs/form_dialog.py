"""A few fields to fill in; Enter does what the title says, Esc leaves things as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label, Static

from jobistemer_tui.operations.reason_text import LONGEST
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.tui.presentation.fitting import cleaned
from jobistemer_tui.tui.veil import Veil

Values = dict[str, str]
Judge = Callable[[Mapping[str, str]], tuple[str, str] | None]
"""Gives the name of a field that cannot stay as it is, and why; None if all is well."""


@dataclass(frozen=True, slots=True)
class Field:
    """A line to fill in. `choices`: what it may be; the arrow keys go through them."""

    name: str
    label: str
    value: str = ""
    choices: tuple[str, ...] = ()


class FormDialog(Veil, ModalScreen[Values | None]):
    """Dismissed with the values by name, stripped; None if things stay as they are."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "nothing", "leave things as they are", show=False, priority=True),
        Binding("down", "step(1)", "next field or choice", show=False, priority=True),
        Binding("up", "step(-1)", "previous field or choice", show=False, priority=True),
    ]

    def __init__(
        self, title: str, lines: Sequence[str], fields: Sequence[Field], verb: str, *, judge: Judge | None = None
    ) -> None:
        """`lines` may hold foreign text; it is cleaned here. `verb` says in the last line what Enter does."""
        super().__init__()
        self._title, self._text = cleaned(title), "\n".join(cleaned(line) for line in lines)
        self._fields = {field.name: field for field in fields}
        self._judge = judge
        moves = "   ↑ ↓ choose" if any(field.choices for field in fields) else ""
        self._foot = f"enter {verb}   tab next{moves}   esc changes nothing"

    def compose(self) -> ComposeResult:
        """What it is about, the fields, what is wrong with them, and the keys."""
        with Vertical(classes="box"):
            yield Static(Text(self._title, "bold"), classes="title")
            yield Static(Text(self._text), classes="text")
            for field in self._fields.values():
                yield Label(cleaned(self._label(field)), markup=False)
                yield Input(cleaned(field.value), id=f"field-{field.name}", compact=True)
            yield Static("", id="fault", markup=False)
            yield Static(Text(self._foot, "dim"), classes="foot")

    def on_mount(self) -> None:
        """Begin with the first field; the cursor does not blink."""
        for field in self.query(Input):
            field.cursor_blink = False
        self.query(Input).first().focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter in any field."""
        event.stop()
        values = {name: self._input(name).value.strip() for name in self._fields}
        fault = self._first_fault(values)
        if fault is None:
            self.dismiss(values)
            return
        name, why = fault
        self.query_one("#fault", Static).update(Text(cleaned(why)))
        self._input(name).focus()

    def action_step(self, step: int) -> None:
        """Through the choices of a field; where it has none, to the next field."""
        focused = self.focused
        name = (focused.id or "").removeprefix("field-") if focused is not None else ""
        field = self._fields.get(name)
        if field is None or not field.choices or not isinstance(focused, Input):
            (self.focus_next if step > 0 else self.focus_previous)()
            return
        at = field.choices.index(focused.value) if focused.value in field.choices else -min(step, 0) - 1
        focused.value = field.choices[(at + step) % len(field.choices)]
        focused.cursor_position = len(focused.value)

    def action_nothing(self) -> None:
        """Nothing happens."""
        self.dismiss(None)

    def _first_fault(self, values: Mapping[str, str]) -> tuple[str, str] | None:
        for field in self._fields.values():
            if len(values[field.name]) > LONGEST:
                return field.name, f"{field.label}: at most {LONGEST:,} characters, not {len(values[field.name]):,}"
            if field.choices and values[field.name] not in field.choices:
                return field.name, f"it may be {', '.join(field.choices)}"
        return None if self._judge is None else self._judge(values)

    def _input(self, name: str) -> Input:
        return self.query_one(f"#field-{name}", Input)

    @staticmethod
    def _label(field: Field) -> str:
        return f"{field.label} ({', '.join(field.choices)})" if field.choices else field.label
