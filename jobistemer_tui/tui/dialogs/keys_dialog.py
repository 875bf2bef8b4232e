"""All keys of a screen, searchable; Enter does the action."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from jobistemer_tui.tui.actions import SECTIONS, Action, keys_text, section_of
from jobistemer_tui.tui.veil import Veil
from jobistemer_tui.tui.widgets.paged_list import PagedList


class KeysDialog(Veil, ModalScreen[str]):
    """Dismissed with the id of the chosen action, or an empty text."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "nothing", "close", show=False),
        Binding("down", "move(1)", "next", show=False),
        Binding("up", "move(-1)", "previous", show=False),
    ]

    def __init__(self, actions: Sequence[Action]) -> None:
        super().__init__()
        self._actions = actions

    def compose(self) -> ComposeResult:
        """A search line over the list."""
        with Vertical(classes="keys box"):
            yield Static(Text("Keys of this screen", "bold"), classes="title")
            yield Input(placeholder="search", compact=True)
            yield PagedList(compact=True, markup=False)
            yield Static(classes="whole")
            yield Static(Text("enter does it   esc closes", "dim"))

    def on_mount(self) -> None:
        """Show all; typing narrows."""
        field = self.query_one(Input)
        field.cursor_blink = False
        field.focus()
        self._fill("")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow the list."""
        event.stop()
        self._fill(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter does the highlighted action."""
        event.stop()
        options = self.query_one(OptionList)
        if options.highlighted is not None:
            self.dismiss(options.get_option_at_index(options.highlighted).id or "")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click does it too."""
        event.stop()
        self.dismiss(event.option.id or "")

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """What the highlighted key does, in full: the list has no room for long words in a narrow terminal."""
        event.stop()
        chosen = next((action for action in self._actions if action.id == event.option.id), None)
        self.query_one(".whole", Static).update(Text("" if chosen is None else chosen.tooltip))

    def action_move(self, step: int) -> None:
        """Move the highlight while the search line has the keys."""
        options = self.query_one(OptionList)
        (options.action_cursor_down if step > 0 else options.action_cursor_up)()

    def action_nothing(self) -> None:
        """Close."""
        self.dismiss("")

    def _fill(self, query: str) -> None:
        options = self.query_one(OptionList)
        options.clear_options()
        wanted = query.lower().split()
        for section in SECTIONS:
            found = [action for action in self._actions if section_of(action) == section and _fits(action, wanted)]
            if found:
                options.add_option(Option(Text(section, "dim"), disabled=True))
                options.add_options([Option(self._prompt(action), id=action.id) for action in found])
        options.highlighted = 1 if options.option_count else None
        if not options.option_count:
            self.query_one(".whole", Static).update("No key of this screen fits.")

    def _prompt(self, action: Action) -> Text:
        text = Text(f"  {keys_text(action):<14} ", "bold")
        text.append(f"{action.label:<14} ", "not bold")
        text.append(action.tooltip, "not bold dim")
        return text


def _fits(action: Action, words: Sequence[str]) -> bool:
    """Whether every word occurs in what is told of an action."""
    text = f"{keys_text(action)} {action.label} {action.tooltip} {section_of(action)}".lower()
    return all(word in text for word in words)
