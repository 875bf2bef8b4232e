"""The log of one try of a task, with the tries before and after it a key away."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from datetime import tzinfo
from typing import ClassVar
from uuid import UUID

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal

from jobistemer_tui.domain.states import OPEN_ATTEMPTS
from jobistemer_tui.errors import JobistemerError
from jobistemer_tui.operations.contract import Operations
from jobistemer_tui.operations.log_reader import LogReader
from jobistemer_tui.operations.read_models import AttemptRow, LogPlace
from jobistemer_tui.settings.screen_options import DEFAULTS, ScreenOptions
from jobistemer_tui.tui.actions import roomy_on
from jobistemer_tui.tui.dialogs.keys_dialog import KeysDialog
from jobistemer_tui.tui.elsewhere import elsewhere_words
from jobistemer_tui.tui.key_map import LOG_PREFIX, UNCHANGED, Keymap
from jobistemer_tui.tui.presentation.fitting import cleaned
from jobistemer_tui.tui.presentation.job_rows import Viewpoint
from jobistemer_tui.tui.presentation.moments import TimeStyle
from jobistemer_tui.tui.reading import read_in_thread
from jobistemer_tui.tui.terminal_app import TerminalApp
from jobistemer_tui.tui.widgets.action_footer import ActionFooter
from jobistemer_tui.tui.widgets.drawn import Drawn
from jobistemer_tui.tui.widgets.log_actions import LOG, LOG_ACTIONS, LOG_SCREEN_ACTIONS, log_screen_bindings
from jobistemer_tui.tui.widgets.log_facts import facts_text
from jobistemer_tui.tui.widgets.log_marks import Marks
from jobistemer_tui.tui.widgets.log_minimap import LogMinimap
from jobistemer_tui.tui.widgets.log_pane import LogPane
from jobistemer_tui.tui.widgets.log_places import LogPlaces
from jobistemer_tui.tui.widgets.log_view_paint import TimeColumn
from jobistemer_tui.tui.widgets.log_view_texts import (
    Emptiness,
    empty_words,
    log_crumbs,
    log_status,
    search_row,
    toggles_row,
)

from .log_doing import LogDoing

WIDE = 160
HORIZONTAL = [(0, "-tiny"), (60, "-narrow"), (100, "-normal"), (WIDE, "-wide")]
VERTICAL = [(0, "-low"), (11, "-high")]
_LOOK_S = 1.0
_KEPT_READERS = 8
ROOMY = roomy_on(LOG, (*LOG_ACTIONS, *LOG_SCREEN_ACTIONS))


class AttemptLogScreen(LogDoing):
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
        options: ScreenOptions = DEFAULTS,
        keymap: Keymap = UNCHANGED,
    ) -> None:
        super().__init__(operations, os.environ if environ is None else environ, zone=zone, ascii_only=ascii_only)
        self.log_view.time = TimeColumn(options.log_time)
        self.log_view.wrap = options.log_wrap
        self._keymap = keymap
        self.attempt_id = attempt_id
        self.tries: tuple[AttemptRow, ...] = ()
        self._operations = operations
        self._zone = zone
        self._failure = ""
        self._readers: dict[UUID, LogReader] = {}
        self._marks: dict[UUID, Marks] = {}
        self._detail: bool | None = None
        self._was_wide = False
        self._crumbs = Drawn(classes="crumbs")
        self._status = Drawn(classes="status")
        self._searching = Drawn(classes="searching")
        self._toggles = Drawn(classes="toggles")
        self._minimap = LogMinimap(self.log_view, ascii_only=ascii_only)
        self._places = LogPlaces()

    def compose(self) -> ComposeResult:
        """Path, state, the log, what is searched or typed, the settings, the keys."""
        yield self._crumbs
        yield self._status
        with Horizontal(classes="body"):
            yield self.log_view
            yield self._minimap
            yield self._places
        yield self._searching
        yield self._prompt
        yield self._toggles
        yield ActionFooter(ROOMY, gap=1)

    def on_key(self, event: events.Key) -> None:
        """Say why a key that has a meaning elsewhere has none here."""
        if event.key in ("tab", "shift+tab") and not (self._places.display or self._prompt.is_open):
            self.notify("there is no other pane to go to; d shows one", timeout=3, markup=False)
        words = elsewhere_words(LOG, event.key, self._keymap)
        if words and event.key not in self.active_bindings:
            self.notify(words, timeout=3, markup=False)

    def on_mount(self) -> None:
        """Begin with the keys in the log."""
        self.log_view.focus()
        self._open(self.attempt_id)

    # What the store says

    def takes(self, event: events.Event | None) -> bool:
        """Whether there is a log for the keys that were typed ahead."""
        return self.place is not None or bool(self._failure)

    def _open(self, attempt_id: UUID) -> None:
        self.attempt_id = attempt_id
        self.run_worker(self._keep_reading(attempt_id), group="place", exclusive=True)

    async def _keep_reading(self, attempt_id: UUID) -> None:
        """Read where the log lies and how the tries stand; again when the store has changed."""
        token: int | None = None
        while self.is_attached:
            try:
                newest = await read_in_thread(self._operations.change_token)
                if newest != token:
                    place, tries = await read_in_thread(self._read, attempt_id)
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
        if is_other or reader is None or reader.folder != place.folder:  # its output may come from elsewhere by now
            self._show(place, is_live=is_live)
        elif reader.ended is is_live:
            reader.ended = not is_live
            self.log_view.look_again()

    def _show(self, place: LogPlace, *, is_live: bool) -> None:
        """A log that was shown before is not read again, and keeps its marks."""
        id = place.attempt.id
        reader = self._readers.pop(id, None)
        if reader is None or reader.ended is is_live or reader.folder != place.folder:
            reader = LogReader(place.folder, ended=not is_live)
        self._readers[id] = reader
        if len(self._readers) > _KEPT_READERS:
            del self._readers[next(iter(self._readers))]
        self.log_view.show(reader, self._marks.setdefault(id, Marks()), follow=is_live)

    # What is drawn

    def repaint(self) -> None:
        """Draw the rows around the log."""
        if not self.is_attached:
            return
        if isinstance(self.app, TerminalApp):
            self.app.typed_ahead.look_again()
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
        self._toggles.show(lambda width: toggles_row(log, width, zoomed=self.has_class("-zoomed")))
        self._minimap.refresh()
        if self._places.display:
            self._places.show(lambda width: facts_text(place, view, log.zone, width), log)

    def _view(self) -> Viewpoint:
        return Viewpoint(self._operations.now(), TimeStyle.LOCAL, self.app.current_theme.dark)

    def _empty_words(self, place: LogPlace, view: Viewpoint) -> str:
        reader = self.log_view.reader
        if reader is None or self._failure:
            return cleaned(self._failure)
        found = Emptiness(reader.state, reader.error, self.log_view.rows.line_count, self.log_view.is_reading)
        return empty_words(place, found, view)

    def on_resize(self) -> None:
        """Where there is room the lines have numbers, and facts stand beside them; a person may want it otherwise."""
        is_wide = self.size.width >= WIDE
        if is_wide is not self._was_wide:
            self._was_wide = is_wide
            self._show_detail(is_wide if self._detail is None else self._detail)
            if self.log_view.numbered is not is_wide:
                self.log_view.action_numbers()

    def _show_detail(self, shown: bool) -> None:
        self.set_class(shown, "-detail")
        if not shown:
            self.log_view.focus()
        self.call_after_refresh(self.repaint)

    def on_log_places_chosen(self, message: LogPlaces.Chosen) -> None:
        """Go to a line of the list."""
        message.stop()
        self.log_view.go_to_line(message.line)
        self.log_view.focus()

    def on_log_pane_changed(self, message: LogPane.Changed) -> None:
        """Counts and settings stand around the log."""
        message.stop()
        self.repaint()

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

    def action_go_to_try(self, number: int) -> None:
        """A try by its number."""
        self.attempt_id = next((attempt.id for attempt in self.tries if attempt.number == number), self.attempt_id)
        self._open(self.attempt_id)

    async def action_do(self, action: str) -> None:
        """What a click on a word around the log does."""
        await (self if action == "zoom" else self.log_view).run_action(action)

    def action_zoom(self) -> None:
        """The log alone, or with what stands around it."""
        self.toggle_class("-zoomed")
        self.call_after_refresh(self.repaint)

    def action_toggle_detail(self) -> None:
        """Show or hide facts, marks and errors."""
        self._detail = self.has_class("-zoomed") or not self.has_class("-detail")
        self.remove_class("-zoomed")
        self._show_detail(self._detail)

    def action_leave(self) -> None:
        """Stop typing, leave the list, drop the selection; else go back."""
        if self._prompt.is_open:
            self.close_prompt()
        elif self._places.has_focus_within:
            self.log_view.focus()
        elif not self.log_view.drop_selection():
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
        actions = self._keymap.applied((*LOG_ACTIONS, *LOG_SCREEN_ACTIONS), prefix=LOG_PREFIX)
        self.app.push_screen(KeysDialog(actions), callback=self._do_chosen)

    def _do_chosen(self, action: str | None) -> None:
        if action:
            target = self if action in {one.id for one in LOG_SCREEN_ACTIONS} else self.log_view
            self.call_later(target.run_action, action)
