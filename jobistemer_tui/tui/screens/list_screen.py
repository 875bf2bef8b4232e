"""A view that is one list: filter, problems only, hidden rows, order, export, and the pane of the selected row."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from rich.text import Text
from textual.containers import Vertical
from textual.widget import Widget

from jobistemer_tui.settings.deferred import deferred
from jobistemer_tui.tui.presentation.fitting import cleaned, shown
from jobistemer_tui.tui.presentation.listing import Arrangement, Listing, arranged, figures
from jobistemer_tui.tui.presentation.rows import LazyRows, without
from jobistemer_tui.tui.presentation.wrapping import rule_text
from jobistemer_tui.tui.widgets.drawn import Drawn, show_late
from jobistemer_tui.tui.widgets.filter_bar import FilterBar
from jobistemer_tui.tui.widgets.side_pane import SidePane

from .acting_screen import ActingScreen

if TYPE_CHECKING:
    from jobistemer_tui.tui import export
    from jobistemer_tui.tui.dialogs import export_dialog
    from jobistemer_tui.tui.feed_worker import Read
    from jobistemer_tui.tui.shell import Shell

    from .table_keys import Pane
else:
    export_dialog = deferred("jobistemer_tui.tui.dialogs.export_dialog")
    export = deferred("jobistemer_tui.tui.export")

Row = TypeVar("Row")


class ListScreen(ActingScreen, Generic[Row]):
    """The rows of `all_rows` as `listing` says. A subclass calls `rearrange` when it has taken new rows, and
    has `pane_asked` among its questions.

    `SIDE_WIDTH` are the cells of the pane where it stands at the right, as in the screen's style sheet; `ACTED_ON` is
    the question of the pane without whose answer the keys have nothing to act on.
    """

    SIDE_WIDTH: ClassVar[int]
    ACTED_ON: ClassVar[str] = ""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self.chosen = Arrangement()
        self._filtered_by = ("", False)
        self.seen: list[Row] = []
        self._seen_keys: list[str] = []
        self._pane_height = 0
        self.pane_asked: Mapping[str, Read] = {}
        self.filter_bar = FilterBar(self.listing.filter_words)
        self.empty = Drawn(classes="empty")
        self.rule = Drawn(classes="rule")
        self.pane = Drawn(classes="pane")
        self.side_pane = SidePane(self.pane)
        self.side = Vertical(self.rule, self.side_pane, classes="side")

    def body(self) -> list[Widget]:
        """The list with its filter; the pane below, or at the right where there is room."""
        return [Vertical(*self.above(), self.table, classes="main"), self.side]

    @property
    def panes(self) -> Sequence[Pane]:
        """The list, and the pane of the selected row."""
        return (self.table, self.side_pane) if self.side.display else (self.table,)

    def enter_pane(self, pane: Pane) -> None:
        """Give it the keys; those that move in the pane of a row wait for what is in it."""
        if pane is self.side_pane:
            self.await_rows(*self.pane_asked)
        super().enter_pane(pane)

    @property
    def pane_alone(self) -> bool:
        """Whether the pane of the selected row has the whole screen."""
        return self.zoomed and self.mover is self.side_pane and bool(self.seen)

    def above(self) -> list[Widget]:
        """What stands between the filter and the table."""
        return []

    @property
    @abstractmethod
    def listing(self) -> Listing[Row]:
        """What the rows are."""

    @property
    @abstractmethod
    def all_rows(self) -> Sequence[Row] | None:
        """The rows as read; None before the first answer."""

    @abstractmethod
    def none_text(self, width: int) -> Text:
        """What to say where there is no row at all: why, and what would appear."""

    @abstractmethod
    def pane_title(self, row: Row) -> str:
        """What the pane of a row is called."""

    @abstractmethod
    def pane_text(self, row: Row, width: int) -> Text:
        """The pane of a row."""

    @abstractmethod
    def copied(self, row: Row) -> tuple[str, str]:
        """What is copied of a row, and what that is."""

    def pane_questions(self, row: Row) -> Mapping[str, Read]:
        """What the pane of a row needs, by name; questions that ask the same are equal."""
        return {}

    def is_known(self, row: Row) -> bool:
        """Whether what the pane needs has been read."""
        return True

    def summary(self) -> Text | None:
        """What stands above the list at the left; None: the row is only there when it has something to say."""
        return None

    @property
    def selected_row(self) -> Row | None:
        """The row under the cursor."""
        number = self.table.cursor_row
        row = self.seen[number] if number < len(self.seen) else None
        return row if row is not None and self.listing.key(row) == self.table.selected_key else None

    @property
    def acting_rows(self) -> Sequence[Row]:
        """The marked rows, else the selected one."""
        marked = set(self.table.marked_keys)
        if marked:
            return [row for row in self.seen if self.listing.key(row) in marked]
        return [] if self.selected_row is None else [self.selected_row]

    def filter_changed(self) -> None:
        """Another filter, or problems only: a screen that reads only what fits asks anew."""

    def rearrange(self) -> None:
        """Choose and order the rows anew."""
        self.chosen.query = self.filter_bar.text
        wanted = (self.chosen.query, self.chosen.problems_only)
        if wanted != self._filtered_by:
            self._filtered_by = wanted
            self.filter_changed()
        self.seen = arranged(self.all_rows or (), self.listing, self.chosen)
        self._seen_keys = [self.listing.key(row) for row in self.seen]

    def repaint(self) -> None:
        """The table, then the pane of the selected row."""
        alone = self.pane_alone
        self.set_class(alone, "-pane-alone")
        self.side.display = alone or (self.shows_detail and self.has_side_room and bool(self.seen))
        all_columns = self.listing.columns(self.table_width(self.side, self.SIDE_WIDTH))
        columns = without(all_columns, self.shell.options.hide_columns)
        view, seen = self.shell.view, self.seen
        rows = LazyRows(self._seen_keys, lambda number: self.listing.cells(seen[number], columns, view))
        self.table.show(columns, rows)
        self.table.display = bool(seen)
        show_late(self.empty, not seen, lambda: self.mount(self.empty, after=self.table))
        if not seen:
            self.empty.show(self._empty_text)
        self._paint_bar()
        self.paint_pane()

    def _paint_bar(self) -> None:
        is_hidden, hidden_shown = self.listing.is_hidden, self.chosen.hidden_shown
        total = sum(hidden_shown or not is_hidden(row) for row in self.all_rows or ())
        summary = self.summary() if self.all_rows else None
        narrowed = len(self.seen) != total or self.chosen != Arrangement()
        shown = self.filter_bar.is_open or narrowed or (summary is not None and self.has_side_room)
        self._show_bar(shown)
        if shown:
            words = figures(len(self.seen), total, self.listing, self.chosen)
            self.filter_bar.show(summary, words if narrowed or summary is None else "")

    def _show_bar(self, shown: bool) -> None:
        show_late(self.filter_bar, shown, lambda: self.query_one(".main").mount(self.filter_bar, before=0))

    def _empty_text(self, width: int) -> Text:
        if self.all_rows is None:
            return Text("Reading…")
        if not self.all_rows:
            return self.none_text(width)
        noun, query = self.listing.noun, shown(self.chosen.query, max(20, width - 20))
        if query:
            return Text(f"No {noun} fits “{query}”.\n\nesc clears the filter.")
        if self.chosen.problems_only:
            return Text(f"No {noun} has a problem.\n\n! shows all {len(self.all_rows)}.")
        return Text(f"All {len(self.all_rows)} {noun}s are hidden.\n\n. shows them.")

    def paint_pane(self) -> None:
        """The pane of the selected row."""
        row = self.selected_row
        self._ask_for_pane({} if row is None else self.pane_questions(row))
        if row is None:
            return
        self.rule.show(lambda width: rule_text(cleaned(self.pane_title(row)), width))
        self.pane.show(lambda width: self._steady(row, self.pane_text(row, width)))

    def _ask_for_pane(self, asked: Mapping[str, Read]) -> None:
        before, self.pane_asked = self.pane_asked, asked
        for name in {**before, **self.pane_asked}:
            if before.get(name) != (read := self.pane_asked.get(name)):
                self.ask(name, read)
                if name == self.ACTED_ON and read is not None:
                    self.await_to_act(name)

    def _steady(self, row: Row, text: Text) -> Text:
        """As high as the pane before until all is read: the list beside it is not to jump with every move."""
        height = text.plain.count("\n") + 1
        if self.is_known(row):
            self._pane_height = height
            return text
        return text.append("\n" * (self._pane_height - height))

    def on_data_table_row_highlighted(self) -> None:
        """The cursor moved."""
        self.paint_pane()

    def on_data_table_row_selected(self) -> None:
        """A click on the row under the cursor opens it."""
        self.call_later(self.run_action, "open_row")

    def on_filter_bar_changed(self, event: FilterBar.Changed) -> None:
        """Filter while typing."""
        self._chosen_anew()

    def on_filter_bar_left(self, event: FilterBar.Left) -> None:
        """Back to the table."""
        self.table.focus()
        self.repaint()

    def _chosen_anew(self) -> None:
        self.rearrange()
        self.repaint()

    def action_filter(self) -> None:
        """Type a filter."""
        self._show_bar(shown=True)
        self.filter_bar.open()
        self._paint_bar()

    def action_leave(self) -> None:
        """Out of the pane; else forget the marks; else clear the filter and show all again; else back."""
        if self.leave_pane() or self.clear_marks():
            return
        if not (self.filter_bar.is_open or self.chosen.problems_only):
            super().action_leave()
            return
        if self.filter_bar.is_open:
            self.filter_bar.clear()
            self.table.focus()
        self.chosen.problems_only = False
        self._chosen_anew()

    def action_problems_only(self) -> None:
        """Only what needs a look, or all."""
        self.chosen.problems_only = not self.chosen.problems_only
        self._chosen_anew()

    def action_sort_column(self) -> None:
        """The next order."""
        self.chosen.sort = (self.chosen.sort + 1) % len(self.listing.sorts)
        self._chosen_anew()

    def action_sort_direction(self) -> None:
        """Turn the order round."""
        self.chosen.turned = not self.chosen.turned
        self._chosen_anew()

    def action_copy_id(self) -> None:
        """Copy what commands call the row."""
        if (row := self.selected_row) is not None:
            self.copy(*self.copied(row))

    def action_export(self) -> None:
        """Write the rows that are seen into a file."""
        self.act(self._export())

    async def _export(self) -> None:
        name = export.default_name(self.NAME, self.shell.view)
        path = await self.app.push_screen_wait(
            export_dialog.ExportDialog(f"{len(self.seen)} {self.listing.noun}s", name)
        )
        if path is None:
            return
        rows, listing, view = list(self.seen), self.listing, self.shell.view
        if await self.change(lambda: export.write_export(path, rows, listing, view)) is not None:
            self.tell(f"{len(rows)} {listing.noun}s are in {path}")
