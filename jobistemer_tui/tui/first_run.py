"""The first screen of somebody who has no settings and no jobs yet: three ways to begin, instead of an empty table."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from jobistemer_tui.settings.quick_dataclass import dataclass

from .presentation.fitting import cleaned
from .terminal_app import TerminalApp
from .themes import DARK
from .widgets.paged_list import PagedList

EXAMPLE, FOLDER, TOUR = "example", "folder", "tour"
_CHOICES: Final = (
    (EXAMPLE, "1  Write an example", "a job file to begin with, every key explained; it runs at once"),
    (FOLDER, "2  Choose a folder", "of job files that are there already; it becomes your jobs folder"),
    (TOUR, "3  Look around first", "a demonstration with a past, gone afterwards; changes nothing"),
)


@dataclass(frozen=True, slots=True)
class Beginning:
    """What was chosen: one of EXAMPLE, FOLDER and TOUR, and for a folder its path."""

    kind: str
    folder: str = ""


class FirstRunApp(TerminalApp[Beginning]):
    """Returns what was chosen; None if the person left."""

    CSS: ClassVar[str] = """
    FirstRunApp Screen { align: center middle; }
    FirstRunApp .box { width: 84; max-width: 100%; height: auto; max-height: 100%; padding: 1 2; overflow-y: auto; }
    FirstRunApp OptionList { height: auto; border: none; padding: 0; margin: 1 0; background: $background; }
    FirstRunApp OptionList:focus { border: none; }
    FirstRunApp Input { background: $panel; margin-bottom: 1; }
    FirstRunApp #fault { color: $error; height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1", f"choose('{EXAMPLE}')", "example", show=False),
        Binding("2", f"choose('{FOLDER}')", "folder", show=False),
        Binding("3", f"choose('{TOUR}')", "tour", show=False),
        Binding("escape", "choices", "back", show=False),
        Binding("q,ctrl+q,ctrl+c", "quit", "leave", show=False),
        Binding("j", "move(1)", "down", show=False),
        Binding("k", "move(-1)", "up", show=False),
    ]
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, jobs_dir: str, fault_of: Callable[[str], str]) -> None:
        """`jobs_dir` is where jobs would lie; `fault_of` says what is wrong with a typed folder (empty: nothing)."""
        super().__init__()
        self._jobs_dir, self._fault_of = cleaned(jobs_dir), fault_of
        self.register_theme(DARK)
        self.theme = DARK.name

    def compose(self) -> ComposeResult:
        """What this is, three choices, and a line for a folder."""
        with Vertical(classes="box"):
            yield Static(Text("Welcome to Jobistemer", "bold"))
            yield Static(Text(f"There are no jobs in {self._jobs_dir} yet. How do you want to begin?"))
            yield PagedList(
                *(Option(Text.assemble((name, "bold"), f"\n   {words}"), id=kind) for kind, name, words in _CHOICES)
            )
            yield Input(placeholder="the folder, such as ~/jobs", compact=True, id="folder")
            yield Static("", id="fault", markup=False)
            yield Static(Text("enter chooses   q leaves", "dim"))

    def on_mount(self) -> None:
        """The choices have the keys."""
        field = self.query_one(Input)
        field.display = field.cursor_blink = False
        self.query_one(OptionList).focus(scroll_visible=False)
        self.set_interval(1.0, self._look_at_terminal)

    def _look_at_terminal(self) -> None:
        if self.terminal_is_gone:
            self.end()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter, or a click."""
        self.action_choose(event.option.id or EXAMPLE)

    def action_choose(self, kind: str) -> None:
        """Be done, or ask for the folder."""
        if kind != FOLDER:
            self.exit(Beginning(kind))
            return
        field = self.query_one(Input)
        field.display = True
        field.focus(scroll_visible=False)  # it has no place yet to be scrolled to
        _show(field)

    def action_choices(self) -> None:
        """From the folder to the choices."""
        self.query_one(Input).display = False
        self.query_one("#fault", Static).update("")
        self.query_one(OptionList).focus()

    def action_move(self, step: int) -> None:
        """The choice above or below."""
        options = self.query_one(OptionList)
        (options.action_cursor_down if step > 0 else options.action_cursor_up)()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the folder, or say what is wrong with it."""
        fault = self._fault_of(event.value)
        if fault:
            shown = self.query_one("#fault", Static)
            shown.update(Text(cleaned(fault)))
            _show(shown)
        else:
            self.exit(Beginning(FOLDER, event.value))


def _show(widget: Widget) -> None:
    """Scroll to what has just been given a place, as soon as it has it; a small terminal shows a part of the box."""
    widget.call_after_refresh(widget.scroll_visible, animate=False, immediate=True)
