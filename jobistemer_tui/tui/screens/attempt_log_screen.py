"""The log of one try of a task, with the tries before and after it a key away."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from datetime import tzinfo
from functools import partial
from pathlib import Path
from typing import ClassVar
from uuid import UUID

from rich.text import Text
from textual.app import ComposeResult, SuspendNotSupported
from textual.binding import BindingType
from textual.screen import Screen
from textual.widgets import Footer

from jobistemer_tui.domain.states import OPEN_ATTEMPTS
from jobistemer_tui.errors import JobistemerError
from jobistemer_tui.operations.contract import Operations
from jobistemer_tui.operations.log_reader import LogReader
from jobistemer_tui.operations.log_text import plain_line
from jobistemer_tui.operations.read_models import AttemptRow, LogPlace
from jobistemer_tui.tui.dialogs.keys_dialog import KeysDialog
from jobistemer_tui.tui.lent_terminal import lent_terminal
from jobistemer_tui.tui.presentation.fitting import cleaned
from jobistemer_tui.tui.presentation.job_rows import Viewpoint
from jobistemer_tui.tui.presentation.moments import TimeStyle
from jobistemer_tui.tui.widgets.drawn import Drawn
from jobistemer_tui.tui.widgets.log_actions import LOG_ACTIONS, LOG_SCREEN_ACTIONS, log_screen_bindings
from jobistemer_tui.tui.widgets.log_view import LogView
from jobistemer_tui.tui.widgets.log_view_export import file_name, save_text
from jobistemer_tui.tui.widgets.log_view_pager import open_pager
from jobistemer_tui.tui.widgets.log_view_place import find_place
from jobistemer_tui.tui.widgets.log_view_prompt import LogPrompt
from jobistemer_tui.tui.widgets.log_view_query import parse_filter, parse_query
from jobistemer_tui.tui.widgets.log_view_texts import (
    Emptiness,
    empty_words,
    log_crumbs,
    log_status,
    search_row,
    toggles_row,
)

HORIZONTAL = [(0, "-tiny"), (60, "-normal")]
VERTICAL = [(0, "-low"), (11, "-high")]
_LOOK_S = 1.0


class AttemptLogScreen(Screen[None]):
    """Shows `attempt_id`'s log. `zone` None means the zone of this machine, `environ` None that of this process."""

    CSS_PATH = "attempt_log_screen.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*log_screen_bindings()]
    HORIZONTAL_BREAKPOINTS = HORIZONTAL
    VERTICAL_BREAKPOINTS = VERTICAL

    def __init__(
        self,
        operations: Operations,
        attempt_id: UUID,
        *,
        zone: tzinfo | None = None,
        ascii_only: bool = False,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__()
        self.attempt_id = attempt_id
        self.place: LogPlace | None = None
        self.tries: tuple[AttemptRow, ...] = ()
        self._ascii_only = ascii_only
        self.log_view = LogView(zone=zone, ascii_only=ascii_only)
        self._operations = operations
        self._zone = zone
        self._environ = os.environ if environ is None else environ
        self._failure = ""
        self._crumbs = Drawn(ascii_only=ascii_only, classes="crumbs")
        self._status = Drawn(ascii_only=ascii_only, classes="status")
        self._searching = Drawn(ascii_only=ascii_only, classes="searching")
        self._toggles = Drawn(ascii_only=ascii_only, classes="toggles")
        self._prompt = LogPrompt()

    def compose(self) -> ComposeResult:
        """Path, state, the log, what is searched or typed, the settings, the keys."""
        yield self._crumbs
        yield self._status
        yield self.log_view
        yield self._searching
        yield self._prompt
        yield self._toggles
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Begin with the keys in the log."""
        self.log_view.focus()
        self._open(self.attempt_id)

    # What the store says

    def _open(self, attempt_id: UUID) -> None:
        self.attempt_id = attempt_id
        self.run_worker(self._keep_reading(attempt_id), group="place", exclusive=True)

    async def _keep_reading(self, attempt_id: UUID) -> None:
        """Read where the log lies and how the tries stand; again when the store has changed."""
        token: int | None = None
        while self.is_attached:
            try:
                newest = await asyncio.to_thread(self._operations.change_token)
                if newest != token:
                    place, tries = await asyncio.to_thread(self._read, attempt_id)
                    self._take(place, tries)
                    token = newest
                self._failure = ""
            except JobistemerError as error:
                self._failure = error.message
            self.repaint()
            await asyncio.sleep(_LOOK_S)

    def _read(self, attempt_id: UUID) -> tuple[LogPlace, tuple[AttemptRow, ...]]:
        place = self._operations.log(attempt_id)
        tasks = self._operations.occurrence(place.occurrence.id).tasks
        return place, next((task.attempts for task in tasks if task.name == place.task), (place.attempt,))

    def _take(self, place: LogPlace, tries: tuple[AttemptRow, ...]) -> None:
        is_other = self.place is None or self.place.attempt.id != place.attempt.id
        self.place, self.tries = place, tries
        is_live = place.attempt.status in OPEN_ATTEMPTS
        reader = self.log_view.reader
        if is_other or reader is None:
            self.log_view.show(LogReader(place.folder, ended=not is_live), follow=is_live)
        elif reader.ended is is_live:
            reader.ended = not is_live
            self.log_view.look_again()

    # What is drawn

    def repaint(self) -> None:
        """Draw the rows around the log."""
        if not self.is_attached:
            return
        place, tries, log, view, zone = self.place, self.tries, self.log_view, self._view(), self._zone
        if place is None:
            words = f" {cleaned(self._failure)}" if self._failure else " reading…"
            self._status.show(lambda width: Text(words))
            return
        log.empty_text = self._empty_words(place, view)
        self._crumbs.show(lambda width: log_crumbs(place, zone, width))
        self._status.show(lambda width: log_status(place, tries, log, view, width))
        self._searching.set_class(bool(search_row(log, 80).plain) and not self._prompt.is_open, "-shown")
        self._searching.show(lambda width: search_row(log, width))
        self._toggles.show(lambda width: toggles_row(log, width))

    def _view(self) -> Viewpoint:
        return Viewpoint(self._operations.now(), TimeStyle.LOCAL, self.app.current_theme.dark)

    def _empty_words(self, place: LogPlace, view: Viewpoint) -> str:
        reader = self.log_view.reader
        if reader is None or self._failure:
            return cleaned(self._failure)
        found = Emptiness(reader.state, reader.error, self.log_view.rows.line_count, self.log_view.is_reading)
        return empty_words(place, found, view)

    def on_log_view_changed(self, message: LogView.Changed) -> None:
        """Counts and settings stand around the log."""
        message.stop()
        self.repaint()

    # What is typed

    def on_log_view_asked(self, message: LogView.Asked) -> None:
        """Let the person type, or do at once what needs no words."""
        message.stop()
        if message.kind == "copy":
            self._copy_line()
        elif message.kind == "pager":
            self.run_worker(self._page(), group="pager", exclusive=True)
        else:
            self._prompt.open(message.kind, self._first_text(message.kind))
            self.repaint()

    def _first_text(self, kind: str) -> str:
        wanted = self.log_view.wanted
        if kind == "search":
            return wanted.search.text if wanted.search else ""
        if kind == "filter":
            return wanted.line_filter.text if wanted.line_filter else ""
        if kind == "save" and self.place is not None:
            return str(Path.cwd() / file_name(self.place.job, self.place.task, self.place.attempt.number))
        return ""

    def on_log_prompt_entered(self, message: LogPrompt.Entered) -> None:
        """Do what was typed; what makes no sense may be typed again."""
        message.stop()
        try:
            self._enter(message.kind, message.text)
        except ValueError as error:
            self.notify(cleaned(str(error)), severity="error", markup=False)
            return
        self._close_prompt()

    def _enter(self, kind: str, text: str) -> None:
        log = self.log_view
        if kind == "search":
            log.set_search(parse_query(text))
        elif kind == "filter":
            log.set_filter(parse_filter(text))
        elif kind == "goto" and log.reader is not None:
            log.go_to_line(find_place(text, log.reader, log.zone))
        elif kind == "save":
            self.run_worker(self._save(Path(text).expanduser()), group="save")

    def _close_prompt(self) -> None:
        self._prompt.close()
        self.log_view.focus()
        self.repaint()

    async def _save(self, path: Path) -> None:
        reader = self.log_view.reader
        if reader is None:
            return
        try:
            await asyncio.to_thread(save_text, reader, self.log_view.rows.copy(), path)
        except FileExistsError:
            self._complain(f"{path} exists already: choose another name")
        except OSError as error:
            self._complain(f"cannot save {path}: {error.strerror or error}")
        else:
            self.notify(f"saved {cleaned(str(path))}", markup=False)

    async def _page(self) -> None:
        reader = self.log_view.reader
        if reader is None:
            return
        try:
            await open_pager(partial(lent_terminal, self.app), self._environ, reader, self.log_view.rows.copy())
        except SuspendNotSupported:
            self._complain("this terminal cannot be lent to a pager; save the log instead (s)")
        except (OSError, ValueError) as error:
            self._complain(f"cannot start the pager ($PAGER): {error}")

    def _complain(self, words: str) -> None:
        self.notify(cleaned(words), severity="error", markup=False)

    def _copy_line(self) -> None:
        """By OSC 52, which some terminals ignore, so say what was sent."""
        reader, number = self.log_view.reader, self.log_view.current_line
        lines = reader.lines(number, number + 1) if reader is not None else []
        for line in lines:
            self.app.copy_to_clipboard(plain_line(line.text, line.hidden_bytes))
            self.notify(f"copied line {number + 1} (OSC 52)", timeout=3, markup=False)

    # Where one goes

    def action_previous_attempt(self) -> None:
        """The try before."""
        self._go_sideways(-1)

    def action_next_attempt(self) -> None:
        """The try after."""
        self._go_sideways(1)

    def _go_sideways(self, step: int) -> None:
        ids = [attempt.id for attempt in self.tries]
        if self.attempt_id not in ids:
            return
        position = ids.index(self.attempt_id) + step
        if 0 <= position < len(ids):
            self._open(ids[position])
        else:
            self.notify("there is no " + ("earlier" if step < 0 else "later") + " try", timeout=2, markup=False)

    def action_leave(self) -> None:
        """Stop typing, or go back."""
        if self._prompt.is_open:
            self._close_prompt()
        else:
            self.action_out()

    def action_out(self) -> None:
        """Go back."""
        if len(self.app.screen_stack) > 1:
            self.dismiss()

    async def action_palette(self) -> None:
        """All commands by name."""
        await self.app.run_action("app.command_palette")

    async def action_keys_help(self) -> None:
        """All keys of this screen; the chosen action is done here, or by the log view."""
        dialog = KeysDialog((*LOG_ACTIONS, *LOG_SCREEN_ACTIONS), ascii_only=self._ascii_only)
        self.app.push_screen(dialog, callback=self._do_chosen)

    def _do_chosen(self, action: str | None) -> None:
        if action:
            target = self if action in {one.id for one in LOG_SCREEN_ACTIONS} else self.log_view
            self.call_later(target.run_action, action)
