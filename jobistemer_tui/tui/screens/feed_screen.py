"""What the data screens have in common: header, bars, footer, live answers, and the keys that mean the same on all."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Container
from textual.geometry import Size
from textual.widget import Widget

from jobistemer_tui.settings.deferred import deferred
from jobistemer_tui.tui.actions import BY_ID, MOVES, roomy_on
from jobistemer_tui.tui.first_values import Gone, ShellRead
from jobistemer_tui.tui.presentation.fitting import cleaned
from jobistemer_tui.tui.presentation.moments import day_text
from jobistemer_tui.tui.presentation.reasons import told_words
from jobistemer_tui.tui.widgets.action_footer import ActionFooter
from jobistemer_tui.tui.widgets.row_table import RowTable
from jobistemer_tui.tui.widgets.view_header import ViewHeader

from .table_keys import TableKeys

if TYPE_CHECKING:
    from jobistemer_tui.operations import queries_gaps
    from jobistemer_tui.operations.contract import Operations
    from jobistemer_tui.tui import elsewhere
    from jobistemer_tui.tui.dialogs import crash_dialog
    from jobistemer_tui.tui.feed_worker import Read
    from jobistemer_tui.tui.held import Held
    from jobistemer_tui.tui.messages import Answer, EngineMoved, ReadingFailed, Tick
    from jobistemer_tui.tui.read_values import ReadValue
    from jobistemer_tui.tui.shell import Shell
else:
    queries_gaps = deferred("jobistemer_tui.operations.queries_gaps")
    crash_dialog = deferred("jobistemer_tui.tui.dialogs.crash_dialog")
    elsewhere = deferred("jobistemer_tui.tui.elsewhere")

NARROW, WIDE = 60, 160
HIGH, ROOMY = 11, 30
HORIZONTAL = [(0, "-tiny"), (NARROW, "-narrow"), (100, "-normal"), (WIDE, "-wide")]
VERTICAL = [(0, "-low"), (HIGH, "-high")]
_PATIENCE_TICKS = 3
"""Keys wait two to three seconds for the first rows: the first tick may come at once."""


class FeedScreen(TableKeys):
    """A screen that shows one table and what belongs to the selected row.

    `questions` says what it needs of the store; answers arrive through `take`, and `repaint` shows them.
    """

    HORIZONTAL_BREAKPOINTS = HORIZONTAL
    VERTICAL_BREAKPOINTS = VERTICAL
    AUTO_FOCUS = ""  # else the first widget of all gets the keys, which may be the hidden line of a filter
    NAME: ClassVar[str]

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self.shell = shell
        self.gone: dict[str, str] = {}
        self.held: Held | None = None
        self.zoomed = False
        self._answers: dict[str, ReadValue] = {}
        self._awaited: set[str] = set()
        self._acted_on: set[str] = set()
        self._ticks = 0
        self._was_shown = False
        self.header = ViewHeader(shell)
        self.table = RowTable(show_header=self.shows_header)
        self.add_class(*_classes_for(self.app.size))

    shows_header: ClassVar[bool] = True

    def compose(self) -> ComposeResult:
        """Header, the screen's own part, footer."""
        yield self.header
        yield Container(*self.body(), classes="body")
        yield ActionFooter(roomy_on(self.NAME))

    @abstractmethod
    def body(self) -> list[Widget]:
        """The widgets between header and footer; the table among them."""

    @abstractmethod
    def questions(self) -> Mapping[str, Read]:
        """What to read, by name, while this screen is shown."""

    @abstractmethod
    def take(self, value: ReadValue) -> None:
        """Keep an answer."""

    @abstractmethod
    def repaint(self) -> None:
        """Show what is known; called after every answer, tick and resize."""

    @property
    @abstractmethod
    def crumbs(self) -> tuple[str, ...]:
        """The path from the root to what is shown."""

    @property
    def growing(self) -> tuple[str, ...]:
        """The questions whose answers hold the log of something that runs."""
        return ()

    def on_mount(self) -> None:
        """Begin with the keys in the table."""
        self._await_all()
        self.set_focus(self.mover)  # not by its `focus`, which comes after the first picture and has it painted again
        self._paint()

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """Ask for everything anew: it may have changed while another screen was shown.

        Where the terminal lost its focus before that screen came, nothing here has the keys any more.
        """
        event.refresh_styles &= self._was_shown  # at first all widgets have just got theirs
        self._was_shown = True
        if self.focused is None:
            self.mover.focus()
        self._watch()
        self._paint()

    def begin_anew(self) -> None:
        """The screen shows something else from now on: forget what was known, and ask for that."""
        self._answers.clear()
        self.held = None
        self._await_all()
        self._watch()

    def _watch(self) -> None:
        self.shell.feed.watch(self, {**self.questions(), "shell": read_shell})

    def _compositor_refresh(self) -> None:
        """Not while updates are held back: Textual would draw everything, and then show nothing of it."""
        if self.app._batch_count:
            self.refresh()
            return
        super()._compositor_refresh()
        if self.shell.begin.is_due:
            self.app.call_later(self.shell.begin)  # once the thread that writes the picture has had its turn

    def on_resize(self) -> None:
        """Columns depend on the width."""
        self.call_after_refresh(self._paint)

    def on_answer(self, message: Answer) -> None:
        """Take an answer of the feed, unless the display is held; only what it changes is painted."""
        if not (self.table.is_attached and self.shell.feed.still_asks(message.question, message.read)):
            return  # the screen is being taken down, or asks something else by now
        if self.held and not isinstance(message.value, ShellRead) and self.held.keeps(message):
            self._paint_header()
            return
        self.shell.begin.answered()
        self._answers[message.question] = message.value
        self._await_no_longer(message.question)
        was_gone = self.gone.pop(message.question, None)
        match message.value:
            case ShellRead():
                self.shell.read = message.value
            case Gone():
                self.gone[message.question] = message.value.words
            case _:
                self.take(message.value)
                with self.app.batch_update():
                    self.repaint_for(message.value)
                if was_gone is None:
                    return
        self._paint_header()

    def takes(self, event: events.Event | None) -> bool:
        """Whether all that this key needs has been read, or it has waited too long; None: the next one, whatever it is.

        What is typed into a field needs nothing.
        """
        is_text = isinstance(event, events.Key) and self._goes_to_a_field(event)
        return is_text or not (self._awaited or self._acted_on)

    def _goes_to_a_field(self, key: events.Key) -> bool:
        return self.focused is not None and self.focused.check_consume_key(key.key, key.character)

    def only_moves(self, key: str) -> bool:
        """Whether a key only moves the cursor here: nothing comes of it that could take the keys behind it."""
        moves = any(key in action.keys for action in self.shell.keymap.applied(MOVES))
        return moves and not self._awaited and self.focused in self.panes

    def _await_all(self) -> None:
        self._awaited, self._ticks = set(self.questions()), 0

    def await_rows(self, *questions: str) -> None:
        """All keys but those of a text wait for what has not been answered of this: it is what they move in."""
        self._awaited.update(name for name in questions if name not in self._answers)
        self._ticks = 0

    def await_to_act(self, question: str) -> None:
        """Keys that act wait for this answer; those that move do not."""
        self._acted_on.add(question)
        self._ticks = 0

    def _await_no_longer(self, *questions: str) -> None:
        if self._awaited or self._acted_on:
            self._awaited.difference_update(questions)
            self._acted_on.difference_update(questions)
            self.shell.typed_ahead.look_again()

    def repaint_for(self, value: ReadValue) -> None:
        """Show what an answer changed; everything, unless a screen knows better."""
        self.repaint()

    def on_key(self, event: events.Key) -> None:
        """Say why a key that has a meaning elsewhere has none here."""
        shell = self.shell
        words = elsewhere.elsewhere_words(self.NAME, event.key, shell.keymap, read_only=shell.read_only)
        if words and event.key not in self.active_bindings:
            self.notify(words, timeout=3, markup=False)

    def on_descendant_focus(self) -> None:
        """What stands alone is what has the keys."""
        if self.zoomed:
            self._paint()

    def on_tick(self, message: Tick) -> None:
        """A second has passed: clocks and distances move on, and so do logs, without a write to the store."""
        self._ticks += 1
        if self.shell.begin.is_due:
            self.shell.begin()  # the first answer looked like nothing, so there was no picture of it
        if self._ticks >= _PATIENCE_TICKS:
            self._await_no_longer(*self._awaited, *self._acted_on)
        if growing := self.growing:
            self.shell.feed.refresh(*growing)
        self._paint()

    def on_engine_moved(self, message: EngineMoved) -> None:
        """The header says so."""
        self._paint()

    def on_reading_failed(self, message: ReadingFailed) -> None:
        """Say that what is shown may be old."""
        self.shell.failure = message.text
        self._await_no_longer(*self._awaited, *self._acted_on)
        self.shell.begin.answered()
        self._paint()

    def ask(self, name: str, read: Read | None) -> None:
        """Ask one more question, or drop it."""
        self._answers.pop(name, None)
        if self.held:
            self.held.forget(name)
        if read is None:
            self.gone.pop(name, None)
            self._await_no_longer(name)
        self.shell.feed.ask(self, name, read)

    def _paint(self) -> None:
        if not self.is_mounted or not self.size.width or not self.table.is_attached:
            return
        with self.app.batch_update():
            self._paint_header()
            self.repaint()

    def _paint_header(self) -> None:
        gone = self.told(next(iter(self.gone.values()), ""))
        held = self.held.words if self.held else ""
        marks = len(self.table.marked_keys)
        self.header.paint(self.app.current_mode, self.crumbs, gone=gone, held=held, marks=marks)

    def told(self, text: str) -> str:
        """What the engine says, with its instants on the clock that is chosen."""
        view = self.shell.view
        return told_words(text, partial(day_text, now=view.now, zone=view.style.zone))

    @property
    def has_side_room(self) -> bool:
        """Whether there is room for more than one list."""
        return self.size.width >= NARROW and self.size.height >= HIGH

    @property
    def is_wide(self) -> bool:
        """Whether panes stand at the right of the table."""
        return self.size.width >= WIDE

    def table_width(self, pane: Widget, pane_width: int) -> int:
        """The cells a table has beside a pane that is as wide as the screen's style sheet says.

        It is computed, not read from the layout: the layout lags behind a pane that has just been shown or hidden.
        """
        return self.size.width - (pane_width if self.is_wide and pane.display else 0)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A window that only reads has no keys that change anything."""
        known = BY_ID.get(action)
        return not (self.shell.read_only and known is not None and known.acts)

    def action_show_crash(self) -> None:
        """Where the engine was when it crashed last."""
        crash, view, shell = self.shell.engine.crash, self.shell.view, self.shell
        if crash is None:
            self.notify("the engine has not crashed", timeout=3, markup=False)
            return
        when = day_text(crash.at, view.now, view.style.zone)
        self.app.push_screen(crash_dialog.CrashDialog(crash, when, shell.log_file))

    def action_time_style(self) -> None:
        """Relative, local, UTC in turn."""
        self.shell.time_style = self.shell.time_style.next
        self.notify(f"times are {self.shell.time_style}", timeout=2, markup=False)
        self._paint()

    @property
    def shows_detail(self) -> bool:
        """Whether panes stand beside the table, if there is room."""
        return self.shell.detail_shown and not self.zoomed

    def action_toggle_detail(self) -> None:
        """Show or hide the pane beside the table, on all screens."""
        self.shell.detail_shown, self.zoomed = not self.shows_detail, False
        self._paint()

    def action_zoom(self) -> None:
        """The pane that has the keys alone, or with what stands beside it."""
        self.zoomed = not self.zoomed
        self._paint()

    def action_hold(self) -> None:
        """Hold what is shown as it is, or let it go on; the engine is not touched."""
        from jobistemer_tui.tui.held import Held

        held, self.held = self.held, None if self.held else Held(self._answers)
        for answer in held.release() if held else ():
            self.on_answer(answer)
        self._paint()

    def copy(self, text: str, what: str) -> None:
        """Copy by OSC 52, which some terminals ignore, so say what was sent."""
        self.app.copy_to_clipboard(text)
        self.notify(f"copied {what} {cleaned(text)} (OSC 52)", timeout=3, markup=False)

    def clear_marks(self) -> bool:
        """No row is marked any more; False if none was."""
        cleared = self.table.clear_marks()
        self._paint_header()
        return cleared

    def action_mark(self) -> None:
        """Mark the row, and go to the next one; or take its mark away."""
        self.table.toggle_mark()
        self.table.move_by(1)
        self._paint_header()

    def action_inbox(self) -> None:
        """What was missed while nothing was awake, and what becomes of it."""
        from .inbox_screen import InboxScreen

        self.app.push_screen(InboxScreen(self.shell))

    def action_leave(self) -> None:
        """Out of a pane; else forget the marks; else back, which from the first screen leads nowhere."""
        if self.leave_pane() or self.clear_marks():
            return
        if len(self.app.screen_stack) > 1:
            self.app.pop_screen()

    async def action_out(self) -> None:
        """Back, or on the first screen out of the program."""
        if len(self.app.screen_stack) > 1:
            self.app.pop_screen()
        else:
            await self.app.run_action("app.quit")

    async def action_palette(self) -> None:
        """All commands by name."""
        await self.app.run_action("app.command_palette")

    async def action_keys_help(self) -> None:
        """All keys of this screen."""
        await self.app.run_action("app.keys_help")


def _classes_for(size: Size) -> set[str]:
    """What Textual sets after the first layout; known before, they spare all styles and that layout a second time."""
    return {
        max(point for point in points if point[0] <= length)[1]
        for points, length in ((HORIZONTAL, size.width), (VERTICAL, size.height))
    }


def read_shell(operations: Operations) -> ShellRead:
    """What the header shows."""
    return ShellRead(
        operations.counts(),
        operations.engine(),
        tuple(operations.files()),
        queries_gaps.held_figures(operations.gaps()),
    )
