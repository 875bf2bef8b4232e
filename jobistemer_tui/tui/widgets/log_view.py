"""The log of an attempt: two million lines as easily as two, while it grows, however hostile its bytes."""

from __future__ import annotations

import asyncio
from datetime import UTC, tzinfo
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from jobistemer_tui.operations.log_reader import LogReader
from jobistemer_tui.operations.log_search import PROBLEM

from .log_actions import log_bindings
from .log_view_lines import PaintedLines
from .log_view_paint import LINE_CELLS, Look, Palette, TimeColumn, gutter_width
from .log_view_query import LineFilter, Query
from .log_view_rows import Found, Rows, StreamChoice, Wanted
from .log_view_watch import LogWatch
from .log_view_window import Place, Window

_STEP_CELLS = 10
_WHEEL_ROWS = 3
_PALETTE = ("time", "bar", "stderr", "match", "error", "warning", "note", "cut")


class LogView(ScrollView, can_focus=True, inherit_bindings=False):
    """Shows the lines of a LogReader. All reading but that of the lines on the screen happens in a thread."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [*log_bindings()]
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"log-view--{name}" for name in (*_PALETTE, "marked")}
    DEFAULT_CSS = """
    LogView { background: $background; color: $foreground; overflow-x: hidden; overflow-y: auto;
        scrollbar-size-vertical: 1; }
    LogView > .log-view--time { color: $foreground 60%; }
    LogView > .log-view--bar { color: $foreground 40%; }
    LogView > .log-view--stderr { color: $warning; text-style: bold; }
    LogView > .log-view--match { background: $accent; color: $background; text-style: bold; }
    LogView > .log-view--error { color: $error; text-style: bold; }
    LogView > .log-view--warning { color: $warning; text-style: bold; }
    LogView > .log-view--note { color: $foreground 70%; text-style: italic; }
    LogView > .log-view--cut { color: $warning; text-style: italic; }
    LogView > .log-view--marked { background: $block-cursor-blurred-background; }
    """

    class Changed(Message):
        """Something that the rows around the log show has changed."""

    class Asked(Message):
        """A person wants to type (`search`, `filter`, `goto`, `save`) or to read on in the `pager`."""

        def __init__(self, kind: str) -> None:
            super().__init__()
            self.kind = kind

    def __init__(self, *, zone: tzinfo | None = None, ascii_only: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self.reader: LogReader | None = None
        self.rows = Rows()
        self.wanted = Wanted()
        self.follow = False
        self.wrap = False
        self.time = TimeColumn.LOCAL
        self.left = 0
        self.marked: int | None = None
        self.empty_text = ""
        self._zone = zone
        self._ascii_only = ascii_only
        self._watch: LogWatch | None = None
        self._window = Window(self._height_of)
        self._places: list[Place] = []
        self._lines: PaintedLines | None = None
        self._seen_rows = 0
        self._is_placing = False
        self._goes_to_match = False

    # What is shown

    def show(self, reader: LogReader, *, follow: bool) -> None:
        """Show another log from its end; wrap, times, streams, search and filter stay as they are."""
        if self._watch is not None:
            self._watch.stop()
        self.reader = reader
        self.rows = Rows()
        self.follow = follow
        self.marked = None
        self.left = self._seen_rows = 0
        self._window.row_count = 0
        self._watch = LogWatch(reader, self._take, self._take_part)
        self._watch.want(self.wanted)
        self.repaint()
        self.run_worker(self._watch.run(), group="log", exclusive=True)

    def on_unmount(self) -> None:
        """Let the thread end."""
        if self._watch is not None:
            self._watch.stop()

    @property
    def is_reading(self) -> bool:
        """Whether rows, matches and counts are not complete yet."""
        return self._watch is not None and self._watch.is_reading

    def set_search(self, query: Query | None) -> None:
        """Search; goes to the first match from the top of the screen on."""
        self._goes_to_match = query is not None
        self._want(Wanted(self.wanted.line_filter, self.wanted.streams, query))

    def set_filter(self, line_filter: LineFilter | None) -> None:
        """Show the lines that fit (None: all)."""
        self._want(Wanted(line_filter, self.wanted.streams, self.wanted.search))

    def _want(self, wanted: Wanted) -> None:
        self.wanted = wanted
        if self._watch is not None:
            self._watch.want(wanted)
        self.repaint()

    def look_again(self) -> None:
        """The attempt has ended: look once more."""
        if self._watch is not None:
            self._watch.look()

    def _take(self, found: Found, is_new: bool) -> None:
        was_empty, anchor = not len(self.rows), self._top_line()
        self.rows.take(found)
        if self._lines is not None:
            self._lines.forget(found.start)
        self._window.row_count = len(self.rows)
        if self.follow or was_empty:
            self._window.go_to_bottom()
        elif is_new:
            self._window.go(self.rows.row(anchor))
        if is_new:
            self._seen_rows = len(self.rows)
        self._place()
        if is_new and self._goes_to_match:
            self._goes_to_match = False
            self._go_to_match(anchor - 1, 1)

    def _take_part(self) -> None:
        """While a long log is being indexed: what there is."""
        if self.reader is not None and self.wanted == Wanted() and self.reader.line_count > self.rows.line_count:
            self._take(Found(self.rows.line_count, self.reader.line_count, None, None), False)

    # How it looks

    def repaint(self) -> None:
        """Paint every line anew: size, theme or a setting has changed."""
        if self.reader is None or not self.is_attached:
            return
        palette = Palette(*(self.get_component_rich_style(f"log-view--{name}", partial=True) for name in _PALETTE))
        look = Look(self.app.console, palette, self.time, self.zone, self.wanted.search, self._ascii_only)
        self._lines = PaintedLines(self.reader, look, self._text_width if self.wrap else 0)
        self._window.height = max(self.size.height, 1)
        if self.follow:
            self._window.go_to_bottom()
        else:
            self._window.go(*self._window.top)
        self._place()

    @property
    def zone(self) -> tzinfo | None:
        """The zone of the times shown; None is that of this machine."""
        return UTC if self.time is TimeColumn.UTC else self._zone

    def on_resize(self, event: events.Resize) -> None:
        """Lines break elsewhere now."""
        self.repaint()

    def notify_style_update(self) -> None:
        """The theme has changed."""
        super().notify_style_update()
        self.repaint()

    @property
    def _text_width(self) -> int:
        return max(self.scrollable_content_region.width - gutter_width(self.time), 1)

    def render_line(self, y: int) -> Strip:
        """One screen row."""
        width, base = self.scrollable_content_region.width, self.rich_style
        painted = None
        if self._lines is not None and y < len(self._places) and self._places[y].row < len(self.rows):
            painted = self._lines.get(self.rows.line(self._places[y].row))
        if self._lines is None or painted is None:
            words = f"  {self.empty_text}" if y == 1 and not len(self.rows) else ""
            return _framed([Strip([Segment(words)])], width, base)
        part = self._places[y].part
        text = painted.part(part) if self.wrap else painted.text.crop(self.left, self.left + self._text_width)
        if painted.line.number == self.marked:
            base += self.get_component_rich_style("log-view--marked", partial=True)
        return _framed([self._lines.gutter(painted, first=part == 0), text], width, base)

    # Where one is

    def _height_of(self, row: int) -> int:
        if not self.wrap or self._lines is None:
            return 1
        painted = self._lines.get(self.rows.line(row))
        return 1 if painted is None else len(painted.cuts) + 1

    def _top_line(self) -> int:
        row = self._window.top.row
        return self.rows.line(row) if row < len(self.rows) else 0

    def _place(self) -> None:
        """Bring the scrollbar to where the window is, and repaint once."""
        self._places = self._window.visible()
        if self._window.at_bottom():
            self._seen_rows = len(self.rows)
        spare = self._window.height - 1 if self.wrap else 0  # in rows of the log even the last can be the top one
        self._is_placing = True
        self.virtual_size = Size(self.scrollable_content_region.width, len(self.rows) + spare)
        self.scroll_to(y=self._window.top.row, animate=False, force=True)  # there may be no scrollbar yet
        self.vertical_scrollbar.position = self._window.top.row
        self._is_placing = False
        self.refresh()
        self.post_message(self.Changed())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The scrollbar was moved, unless we did that."""
        super().watch_scroll_y(old_value, new_value)
        row = round(new_value)
        if not self._is_placing and row != self._window.top.row:
            self._end_follow(row - self._window.top.row)
            self._window.go(row)
            self._place()

    def _end_follow(self, direction: int) -> None:
        self.follow = self.follow and direction >= 0

    def move(self, screen_rows: int) -> None:
        """Scroll by so many rows; upwards (below zero) ends following."""
        self._end_follow(screen_rows)
        self._window.move(screen_rows)
        self._place()

    def go_to_line(self, line: int) -> None:
        """Mark a line, or the next one that is shown, and bring it on the screen."""
        row = min(self.rows.row(line), len(self.rows) - 1)
        if row < 0:
            return
        self.follow = False
        self.marked = self.rows.line(row)
        self._window.reveal(row)
        self._place()

    def _go_to_match(self, line: int, direction: int) -> None:
        found = self.rows.match_from(line, direction)
        if found is not None:
            self.go_to_line(found)
        elif self.wanted.search is not None and not self.is_reading:
            self.notify(f"nothing matches {self.wanted.search.text[:100]}", timeout=3, markup=False)

    @property
    def current_line(self) -> int:
        """The marked line if it is on the screen, else the first one there."""
        if self.marked is not None and any(self.rows.line(place.row) == self.marked for place in self._places):
            return self.marked
        return self._top_line()

    @property
    def new_rows(self) -> int:
        """How many rows came since the end was on the screen."""
        return max(len(self.rows) - self._seen_rows, 0)

    @property
    def percent(self) -> int:
        """How much of what is shown lies above the lower edge of the screen."""
        return 100 * (self._places[-1].row + 1) // max(len(self.rows), 1) if self._places else 100

    # Keys and mouse

    def _on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        event.prevent_default()
        self.move(_WHEEL_ROWS)

    def _on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        event.prevent_default()
        self.move(-_WHEEL_ROWS)

    def on_click(self, event: events.Click) -> None:
        """Mark the line under the pointer."""
        if event.y < len(self._places):
            self.marked = self.rows.line(self._places[event.y].row)
            self._place()

    def action_line_down(self) -> None:
        """One row down."""
        self.move(1)

    def action_line_up(self) -> None:
        """One row up."""
        self.move(-1)

    def action_half_page_down(self) -> None:
        """Half a page down."""
        self.move(max(self._window.height // 2, 1))

    def action_half_page_up(self) -> None:
        """Half a page up."""
        self.move(-max(self._window.height // 2, 1))

    def action_page_down(self) -> None:
        """One page down."""
        self.move(self._window.height)

    def action_page_up(self) -> None:
        """One page up."""
        self.move(-self._window.height)

    def action_top(self) -> None:
        """The first line."""
        self.follow = False
        self._window.go(0)
        self._place()

    def action_bottom(self) -> None:
        """The last line, and on with those that come."""
        self.follow = self.reader is not None and not self.reader.ended
        self._window.go_to_bottom()
        self._place()

    def action_follow(self) -> None:
        """Stay at the end, or no longer."""
        self.follow = not self.follow
        if self.follow:
            self._window.go_to_bottom()
        self._place()

    def action_left(self) -> None:
        """Towards the beginning of the lines."""
        self.left = max(self.left - _STEP_CELLS, 0)
        self._place()

    def action_right(self) -> None:
        """Towards the end of the lines."""
        if not self.wrap:
            self.left = min(self.left + _STEP_CELLS, LINE_CELLS)
            self._place()

    def action_wrap(self) -> None:
        """Break long lines, or not."""
        self.wrap = not self.wrap
        self.left = 0
        self._window.top = Place(self._window.top.row, 0)
        self.repaint()

    def action_time_column(self) -> None:
        """Local, UTC, none in turn."""
        self.time = self.time.next
        self.repaint()

    def action_streams(self) -> None:
        """Both, stdout, stderr in turn."""
        choices = list(StreamChoice)
        streams = choices[(choices.index(self.wanted.streams) + 1) % len(choices)]
        self._want(Wanted(self.wanted.line_filter, streams, self.wanted.search))

    def action_next_match(self) -> None:
        """Down to the next match, round the end to the first."""
        self._go_to_match(self.current_line, 1)

    def action_previous_match(self) -> None:
        """Up to the match before, round the beginning to the last."""
        self._go_to_match(self.current_line, -1)

    def action_next_problem(self) -> None:
        """Down to the next error or warning."""
        self._seek_problem(1)

    def action_previous_problem(self) -> None:
        """Up to the error or warning before."""
        self._seek_problem(-1)

    def _seek_problem(self, direction: int) -> None:
        if self.reader is not None and len(self.rows):
            self.run_worker(self._problem_from(self.reader, self.current_line, direction), group="seek", exclusive=True)

    async def _problem_from(self, reader: LogReader, line: int, direction: int) -> None:
        found: int | None = line
        while found is not None:
            found = await asyncio.to_thread(reader.search, PROBLEM, found + direction, direction)
            if found is not None and found in self.rows:
                self.go_to_line(found)
                return
        self.notify("no more errors or warnings " + ("below" if direction > 0 else "above"), timeout=3, markup=False)

    def action_search(self) -> None:
        """Ask for a pattern."""
        self.post_message(self.Asked("search"))

    def action_filter(self) -> None:
        """Ask for a filter."""
        self.post_message(self.Asked("filter"))

    def action_goto(self) -> None:
        """Ask for a place."""
        self.post_message(self.Asked("goto"))

    def action_save(self) -> None:
        """Ask for a file."""
        self.post_message(self.Asked("save"))

    def action_pager(self) -> None:
        """Ask for the pager."""
        self.post_message(self.Asked("pager"))

    def action_copy_line(self) -> None:
        """Ask for the current line on the clipboard."""
        self.post_message(self.Asked("copy"))


def _framed(strips: list[Strip], width: int, base: Style) -> Strip:
    """Exactly `width` cells on the ground of the widget."""
    return Strip.join(strips).crop(0, width).extend_cell_length(width, base).apply_style(base)
