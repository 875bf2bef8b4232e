"""Beside a log: facts of the attempt, and its marks, errors and warnings as a list; Enter goes there."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from jobistemer_tui.operations.log_levels import Level
from jobistemer_tui.operations.log_text import plain_line
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.tui.presentation.job_rows import grouped

from .drawn import Draw, Drawn
from .log_pane import LogPane
from .paged_list import PagedList

_MOST = 100
_TEXT_BYTES = 300
_MARKED = 100  # how a mark is told from the levels


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the list; `kind` is a level or, for a mark, _MARKED."""

    line: int
    kind: int


class LogPlaces(Vertical):
    """The newest errors and warnings, and all marks, in the order of the log."""

    DEFAULT_CSS = """
    LogPlaces { width: 27; background: $surface; padding: 0 0 0 1; }
    LogPlaces .facts { height: auto; max-height: 50%; margin-bottom: 1; }
    LogPlaces .heading { height: auto; color: $foreground 60%; }
    LogPlaces OptionList { height: 1fr; background: $surface; border: none; padding: 0; scrollbar-size-vertical: 1;
        text-wrap: nowrap; text-overflow: ellipsis; }
    LogPlaces OptionList:focus { border: none; }
    """

    class Chosen(Message):
        """A person wants to go to a line."""

        def __init__(self, line: int) -> None:
            super().__init__()
            self.line = line

    def __init__(self) -> None:
        super().__init__()
        self._facts = Drawn(classes="facts")
        self._heading = Drawn(classes="heading")
        self._list = PlaceList(compact=True, markup=False)
        self._shown: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        """Facts over the list."""
        yield self._facts
        yield self._heading
        yield self._list

    def show(self, facts: Draw, log: LogPane) -> None:
        """Show facts, and the places of a log if they have changed."""
        self._facts.show(facts)
        words = _heading(log)
        self._heading.show(lambda width: Text(words))
        places = _places(log)
        if self._shown != (log.reader, *places):
            self._shown = (log.reader, *places)
            highlighted = self._list.highlighted
            chosen = self._list.get_option_at_index(highlighted).id if highlighted is not None else None
            self._list.clear_options()
            self._list.add_options([Option(self._prompt(place, log), id=str(place.line)) for place in places])
            ids = [str(place.line) for place in places]
            self._list.highlighted = ids.index(chosen) if chosen in ids else None

    def _prompt(self, place: Place, log: LogPane) -> Text:
        sign = "◆" if place.kind == _MARKED else "✗" if place.kind == Level.ERROR else "△"
        text = Text(f"{sign} {place.line + 1} ", end="", no_wrap=True)
        clock = log.marks.clock(place.line)
        if clock is not None:
            text.append(f"{clock.astimezone(log.zone):%H:%M:%S} ")
        try:
            lines = log.reader.lines(place.line, place.line + 1) if log.reader is not None else []
        except OSError:
            lines = []
        for line in lines:
            text.append(plain_line(line.text[:_TEXT_BYTES])[:80], "dim")
        return text

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter, or a click."""
        event.stop()
        self.post_message(self.Chosen(int(event.option.id or 0)))


class PlaceList(PagedList):
    """An option list with the keys of the other lists."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", "down", show=False),
        Binding("k", "cursor_up", "up", show=False),
        Binding("g", "first", "top", show=False),
        Binding("G", "last", "bottom", show=False),
    ]


def _places(log: LogPane) -> list[Place]:
    newest = range(max(len(log.problems.lines) - _MOST, 0), len(log.problems.lines))
    found = {log.problems.lines[index]: log.problems.levels[index] for index in newest}
    marks = list(log.marks)[-_MOST:]
    kinds = found | dict.fromkeys(marks, _MARKED)
    return [Place(line, kinds[line]) for line in sorted(kinds)]


def _heading(log: LogPane) -> str:
    """How many there are, and how many of them are listed."""
    total, marks = len(log.problems.lines), len(log.marks)
    words = f"{grouped(total)} errors and warnings"
    if total > _MOST:
        words += f"\nthe last {_MOST}; {{ }} reach all"
    if log.is_scanning:
        words += "\nstill looking…"
    return words + (f"\n{marks} marked" if marks else "")
