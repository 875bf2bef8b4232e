"""The log of an attempt with all that a person can do in it; the keys are in `log_actions.py`."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import ClassVar, Final

from textual.binding import BindingType

from jobistemer_tui.operations.log_levels import Level, next_problem
from jobistemer_tui.operations.log_reader import LogReader
from jobistemer_tui.tui.reading import read_in_thread

from .log_actions import log_bindings
from .log_moves import LogMoves
from .log_view_query import CONTEXT_LINES, LineFilter, Query
from .log_view_rows import StreamChoice
from .log_view_window import Place

LEVELS: Final = {Level.NONE: "all", Level.INFO: "info", Level.WARNING: "warn", Level.ERROR: "error"}
"""The least levels that can be asked for, by name."""


class LogView(LogMoves):
    """The log. `now` is the clock of marks, `zone` that of times (None: of this machine).

    `ask` is called at once, so that what is typed next is typed there: a person wants to type (`search`, `filter`,
    `goto`, `save`), the `pager`, or a `copy`.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*log_bindings()]

    def __init__(
        self,
        now: Callable[[], datetime],
        ask: Callable[[str], None],
        *,
        zone: tzinfo | None = None,
        ascii_only: bool = False,
    ) -> None:
        super().__init__(zone=zone, ascii_only=ascii_only)
        self._now = now
        self._ask = ask

    def set_search(self, query: Query | None) -> None:
        """Search; goes to the first match from the top of the screen on."""
        self.want(replace(self.wanted, search=query))

    def set_filter(self, line_filter: LineFilter | None) -> None:
        """Show the lines that fit (None: all)."""
        self.want(replace(self.wanted, line_filter=line_filter))

    def set_level(self, least: Level) -> None:
        """Show the lines of this level and above."""
        self.want(replace(self.wanted, least=least))

    def chosen_lines(self) -> array[int] | None:
        """The numbers of the selected lines that are shown, else of all shown; None if these are all there are."""
        if self.selection is None:
            return self.rows.copy()
        return self.rows.between(self.selection[0], self.selection[1] + 1)

    # Toggles

    def action_follow(self) -> None:
        """Stay at the end, or no longer."""
        self.follow = not self.follow
        if self.follow:
            self._window.go_to_bottom()
        self._place()

    def action_wrap(self) -> None:
        """Break long lines, or not."""
        self.wrap = not self.wrap
        self.left = 0
        self._window.top = Place(self._window.top.row, 0)
        self.repaint()

    def action_time_column(self) -> None:
        """Local, UTC, since the start, since the line above, none in turn."""
        self.time = self.time.next
        self.repaint()

    def action_numbers(self) -> None:
        """Number the lines, or not."""
        self.numbered = not self.numbered
        self.repaint()

    def action_streams(self) -> None:
        """Both, stdout, stderr in turn."""
        choices = list(StreamChoice)
        streams = choices[(choices.index(self.wanted.streams) + 1) % len(choices)]
        self.want(replace(self.wanted, streams=streams))

    def action_level(self) -> None:
        """All lines, from info, from warning, errors in turn."""
        levels = list(LEVELS)
        self.set_level(levels[(levels.index(self.wanted.least) + 1) % len(levels)])

    def action_context(self) -> None:
        """Two lines around each that the filter lets through, or none."""
        old = self.wanted.line_filter
        if old is None:
            self.notify("there is no filter; & sets one", timeout=3, markup=False)
        else:
            self.set_filter(replace(old, context=0 if old.context else CONTEXT_LINES))

    # Going from place to place

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
            found = await read_in_thread(next_problem, reader, found + direction, direction)
            if found is not None and found in self.rows:
                self.go_to_line(found)
                return
        self.notify("no more errors or warnings " + ("below" if direction > 0 else "above"), timeout=3, markup=False)

    def action_mark(self) -> None:
        """Mark the current line with the time of now, or take its mark away."""
        if len(self.rows):
            self.marks.toggle(self.current_line, self._now())
            self._place()

    def action_next_mark(self) -> None:
        """Down to the next mark, round the end to the first."""
        self._go_to_mark(1)

    def action_previous_mark(self) -> None:
        """Up to the mark before, round the beginning to the last."""
        self._go_to_mark(-1)

    def _go_to_mark(self, direction: int) -> None:
        found = self.marks.next_from(self.current_line, direction)
        if found is None:
            self.notify("no line is marked; m marks one", timeout=3, markup=False)
        else:
            self.go_to_line(found)

    # What needs words, or the screen

    def action_search(self) -> None:
        """Ask for a pattern."""
        self._ask("search")

    def action_filter(self) -> None:
        """Ask for a filter."""
        self._ask("filter")

    def action_goto(self) -> None:
        """Ask for a place."""
        self._ask("goto")

    def action_save(self) -> None:
        """Ask for a file."""
        self._ask("save")

    def action_pager(self) -> None:
        """Ask for the pager."""
        self._ask("pager")

    def action_copy_line(self) -> None:
        """Ask for the selected lines, or the current one, on the clipboard."""
        self._ask("copy")
