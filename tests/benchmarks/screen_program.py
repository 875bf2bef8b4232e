"""A program to be measured on a terminal: `python -m tests.benchmarks.screen_program KIND [ARGUMENTS]`.

`minimal N`: a Textual application with a table of N rows. `list N`: N lines drawn by the line API, and a cursor.
`lines FILE`: a file's lines drawn by the line API. `log FOLDER`: our attempt log over that folder.
`store FOLDER`: another process that changes the store a hundred times a second.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import ClassVar

from rich.segment import Segment
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import DataTable

CHANGES_A_SECOND = 100


class Minimal(App[None]):
    """A table, as small as such a program can be."""

    def __init__(self, rows: int) -> None:
        super().__init__()
        self._rows = rows

    def compose(self) -> ComposeResult:
        """The table alone."""
        yield DataTable[str](cursor_type="row")

    def on_mount(self) -> None:
        """So many rows, five columns."""
        table = self.query_one(DataTable)
        table.add_columns("S", "Job", "Schedule", "Next", "Last")
        table.add_rows([("+", f"row-{number:05}", "0 5 * * *", "in 5h", "1d ago") for number in range(self._rows)])


class Lines(ScrollView, can_focus=True):
    """Lines and a cursor, and nothing else."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "move(1)"),
        Binding("k", "move(-1)"),
        Binding("G", "move(9999999)"),
        Binding("g", "move(-9999999)"),
    ]

    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self._lines, self._at = lines, 0
        self.virtual_size = Size(200, len(lines))

    def action_move(self, step: int) -> None:
        """Move the cursor and keep it in sight."""
        self._at = min(max(self._at + step, 0), len(self._lines) - 1)
        top, height = int(self.scroll_y), max(1, self.size.height)
        if not top <= self._at < top + height:
            self.scroll_to(y=max(0, self._at - height // 2), animate=False, immediate=True)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line."""
        number = y + int(self.scroll_y)
        if number >= len(self._lines):
            return Strip.blank(self.size.width)
        mark = ">" if number == self._at else " "
        return Strip([Segment(f"{mark} {self._lines[number]}")]).adjust_cell_length(self.size.width)


class Bare(App[None]):
    """Lines over the whole screen."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self._shown = Lines(lines)

    def compose(self) -> ComposeResult:
        """The lines alone."""
        yield self._shown

    def on_mount(self) -> None:
        """The keys go to them."""
        self._shown.focus()


def main() -> None:
    """Be what the first argument says."""
    kind, *arguments = sys.argv[1:]
    match kind:
        case "minimal":
            Minimal(int(arguments[0])).run()
        case "list":
            Bare([f"row-{number:05}  0 5 * * *   in 5h   1d ago" for number in range(int(arguments[0]))]).run()
        case "lines":
            Bare(Path(arguments[0]).read_text().splitlines()).run()
        case "log":
            _log(Path(arguments[0]))
        case "store":
            _change(Path(arguments[0]))
        case _:
            sys.exit(f"no such program: {kind}")


def _log(folder: Path) -> None:
    from tests.tui.log.log_app import LogApp, LogOperations

    LogApp(LogOperations(folder)).run()


def _change(home: Path) -> None:
    """Pause and resume one job after another."""
    from jobistemer_tui.wiring import open_home

    opened = open_home(home, None, {}, actor_kind="benchmark")
    names = [row.name for row in opened.operations.jobs()][:100]
    print("changing", flush=True)
    begin, number = time.perf_counter(), 0
    while True:
        name = names[number // 2 % len(names)]
        (opened.operations.pause if number % 2 == 0 else opened.operations.resume)(name)
        number += 1
        time.sleep(max(0.0, begin + number / CHANGES_A_SECOND - time.perf_counter()))


main()
