"""Shows the lines of a log: two million as easily as two, while it grows, however hostile their bytes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.filter import LineFilter
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from jobistemer_tui.operations.log_levels import Problems
from jobistemer_tui.operations.log_reader import LogReader
from jobistemer_tui.tui.ascii_only import AsciiOnly
from jobistemer_tui.tui.presentation.fitting import cleaned
from jobistemer_tui.tui.presentation.status_marks import ascii_text

from .log_marks import Marks
from .log_view_lines import PaintedLine, PaintedLines
from .log_view_paint import Look, Palette, TimeColumn, mark_note
from .log_view_rows import Found, Rows, Wanted
from .log_view_watch import LogWatch
from .log_view_window import Place, Window

_PALETTE = ("time", "bar", "stderr", "match", "error", "warning", "note", "cut", "mark")
_STATES = ("current", "selected")


class LogPane(ScrollView, can_focus=True, inherit_bindings=False):
    """The lines of a LogReader, and where one is in them; LogView adds what a person can do.

    All reading but that of the lines on the screen happens in a thread. `current` is the line that was gone to or
    clicked (None: none yet), `selection` the first and the last line of what is to be copied.
    """

    ALLOW_SELECT = False  # whole lines are selected, by LogView
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"log-view--{name}" for name in (*_PALETTE, *_STATES)}
    DEFAULT_CSS = """
    LogPane { background: $background; color: $foreground; overflow-x: hidden; overflow-y: auto;
        scrollbar-size-vertical: 1; }
    LogPane > .log-view--time { color: $foreground 60%; }
    LogPane > .log-view--bar { color: $foreground 40%; }
    LogPane > .log-view--stderr { color: $warning; text-style: bold; }
    LogPane > .log-view--match { background: $accent; color: $background; text-style: bold; }
    LogPane > .log-view--error { color: $error; text-style: bold; }
    LogPane > .log-view--warning { color: $warning; text-style: bold; }
    LogPane > .log-view--note { color: $foreground 70%; text-style: italic; }
    LogPane > .log-view--cut { color: $warning; text-style: italic; }
    LogPane > .log-view--mark { color: $accent; text-style: bold; }
    LogPane > .log-view--current { background: $block-cursor-blurred-background; }
    LogPane > .log-view--selected { background: $block-cursor-background; color: $block-cursor-foreground; }
    """

    empty_text: reactive[str] = reactive("")
    """What stands where there is no line; it may be known later than that there is none."""

    class Changed(Message):
        """Something that the rows around the log show has changed."""

    def __init__(self, *, zone: tzinfo | None = None, ascii_only: bool = False) -> None:
        super().__init__()
        self.reader: LogReader | None = None
        self.rows = Rows()
        self.marks = Marks()
        self.problems = Problems()
        self.wanted = Wanted()
        self.follow = False
        self.wrap = False
        self.time = TimeColumn.LOCAL
        self.numbered = False
        self.left = 0
        self.current: int | None = None
        self.selection: tuple[int, int] | None = None
        self._zone = zone
        self._ascii_only = ascii_only
        self._watch: LogWatch | None = None
        self._window = Window(self._height_of)
        self._places: list[Place] = []
        self._lines: PaintedLines | None = None
        self._look: Look | None = None
        self._seen_rows = 0
        self._is_placing = False
        self._goes_to_match = False

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Without the one for our glyphs: what a task wrote stays as it is."""
        return [one for one in super().get_line_filters() if not isinstance(one, AsciiOnly)]

    # What is shown

    def show(self, reader: LogReader, marks: Marks, *, follow: bool) -> None:
        """Show another log from its end; wrap, times, streams, level, search and filter stay as they are."""
        if self._watch is not None:
            self._watch.stop()
        self.reader, self.marks = reader, marks
        self.rows, self.problems = Rows(), Problems()
        self.follow = follow
        self.current = self.selection = None
        self.left = self._seen_rows = 0
        self._window.row_count = 0
        self._watch = LogWatch(reader, self._take, self._take_part, self._take_problems)
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

    @property
    def is_scanning(self) -> bool:
        """Whether errors and warnings are still being looked for."""
        return self._watch is not None and self._watch.is_scanning

    def want(self, wanted: Wanted) -> None:
        """Show what is wanted; a new search goes to its first match from the top of the screen on."""
        self._goes_to_match = wanted.search is not None and wanted.search != self.wanted.search
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
        changed = found.start + (self.wanted.line_filter.context if self.wanted.line_filter else 0)
        if not is_new and self.marks.forget_behind(changed):
            self.notify("the middle of the log was cut; marks in it are gone", severity="warning", markup=False)
        if self._look is None or self._look != self._new_look():
            self.repaint()
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

    def _take_problems(self, problems: Problems) -> None:
        self.problems = problems
        self.post_message(self.Changed())

    # How it looks

    def repaint(self) -> None:
        """Paint every line anew: size, theme or a setting has changed."""
        if self.reader is None or not self.is_attached:
            return
        self._look = self._new_look()
        self._lines = PaintedLines(self.reader, self._look, self._text_width if self.wrap else 0)
        self._window.height = max(self.size.height, 1)
        if self.follow:
            self._window.go_to_bottom()
        else:
            self._window.go(*self._window.top)
        self._place()

    def _new_look(self) -> Look:
        palette = Palette(*(self.get_component_rich_style(f"log-view--{name}", partial=True) for name in _PALETTE))
        digits = max(len(str(self.rows.line_count)), 4) if self.numbered else 0
        start = self._start() if self.time is TimeColumn.RELATIVE else None
        return Look(
            self.app.console, palette, self.time, self.zone, self.wanted.search, self._ascii_only, start, digits
        )

    def _start(self) -> datetime | None:
        try:
            return next((line.time for line in self.reader.lines(0, 1)), None) if self.reader is not None else None
        except OSError:
            return None

    @property
    def zone(self) -> tzinfo | None:
        """The zone of the times shown; None is that of this machine."""
        return UTC if self.time is TimeColumn.UTC else self._zone

    def on_resize(self, event: events.Resize) -> None:
        """Lines break elsewhere now."""
        self.repaint()

    def notify_style_update(self) -> None:
        """The theme has changed; the styles of its parts are made anew only after this call."""
        super().notify_style_update()
        if self.is_attached:
            self.call_later(self.repaint)

    @property
    def _text_width(self) -> int:
        gutter = self._look.gutter_width if self._look is not None else 0
        return max(self.scrollable_content_region.width - gutter, 1)

    def render_line(self, y: int) -> Strip:
        """One screen row."""
        width, base = self.scrollable_content_region.width, self.rich_style
        painted = None
        if self._lines is not None and y < len(self._places) and self._places[y].row < len(self.rows):
            painted = self._lines.get(self.rows.line(self._places[y].row))
        if self._lines is None or painted is None:
            words = f"  {self.empty_text}" if y == 1 and not len(self.rows) else ""
            return _framed([Strip([Segment(ascii_text(words) if self._ascii_only else words)])], width, base)
        return self._render_place(self._lines, painted, self._places[y], width, base)

    def _render_place(self, lines: PaintedLines, painted: PaintedLine, place: Place, width: int, base: Style) -> Strip:
        number = painted.line.number
        clock = self.marks.clock(number) if place.part == 0 else None
        above = self.rows.line(place.row - 1) if place.row and self.time is TimeColumn.DELTA else None
        gutter = lines.gutter(painted, first=place.part == 0, is_marked=clock is not None, above=above)
        text = painted.part(place.part) if self.wrap else painted.text.crop(self.left, self.left + self._text_width)
        base += self._state_style(number)
        if clock is None or self._look is None or width < gutter.cell_length + 30:
            return _framed([gutter, text], width, base)
        note = mark_note(clock, self._look).apply_style(base)
        return Strip.join([_framed([gutter, text], width - note.cell_length, base), note])

    def _state_style(self, line: int) -> Style:
        if self.selection is not None and self.selection[0] <= line <= self.selection[1]:
            return self.get_component_rich_style("log-view--selected", partial=True)
        if line == self.current:
            return self.get_component_rich_style("log-view--current", partial=True)
        return Style.null()

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
            self.go_to_top_row(row)

    def go_to_top_row(self, row: int) -> None:
        """Put a row at the top, or as near as the ends allow; upwards ends following."""
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
        """Make a line, or the next one that is shown, the current one, and bring it on the screen."""
        row = min(self.rows.row(line), len(self.rows) - 1)
        if row < 0:
            return
        self.follow = False
        self.current = self.rows.line(row)
        self._window.reveal(row)
        self._place()

    def _go_to_match(self, line: int, direction: int) -> None:
        found = self.rows.match_from(line, direction)
        if found is not None:
            self.go_to_line(found)
        elif self.wanted.search is None:
            self.notify("nothing is searched for; / does that", timeout=3, markup=False)
        elif not self.is_reading:
            self.notify(f"nothing matches {cleaned(self.wanted.search.text)[:100]}", timeout=3, markup=False)

    @property
    def current_line(self) -> int:
        """The current line if it is on the screen, else the last one while following, else the first one there."""
        if self.current is not None and any(self.rows.line(place.row) == self.current for place in self._places):
            return self.current
        return self.rows.line(len(self.rows) - 1) if self.follow and len(self.rows) else self._top_line()

    @property
    def shown_rows(self) -> tuple[int, int]:
        """The first row on the screen, and the one behind the last."""
        return (self._places[0].row, self._places[-1].row + 1) if self._places else (0, 0)

    @property
    def new_rows(self) -> int:
        """How many rows came since the end was on the screen."""
        return max(len(self.rows) - self._seen_rows, 0)

    @property
    def percent(self) -> int:
        """How much of what is shown lies above the lower edge of the screen."""
        return 100 * self.shown_rows[1] // max(len(self.rows), 1) if self._places else 100


def _framed(strips: list[Strip], width: int, base: Style) -> Strip:
    """Exactly `width` cells on the ground of the widget."""
    return Strip.join(strips).crop(0, width).extend_cell_length(width, base).apply_style(base)
