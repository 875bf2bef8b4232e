"""The feed: a thread that answers the questions of the visible screen whenever the store may have changed.

The screen never reads the store on its event loop. It says what it needs as named questions; each is answered at
once, and again after every change. The thread is woken by a commit of this process and looks at the change token
four times a second (once, when the terminal has lost the focus).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from textual.message_pump import MessagePump

from jobistemer_tui.errors import NotFound

from .first_values import Gone
from .messages import Answer, ReadingFailed
from .reading import read_in_thread

if TYPE_CHECKING:
    from jobistemer_tui.operations.contract import Operations

    from .first_read import FirstRead
    from .read_values import ReadValue

Read: TypeAlias = "Callable[[Operations], ReadValue]"

_FOCUSED_S: Final = 0.25
_BLURRED_S: Final = 1.0
_LEAST_GAP_S: Final = 0.05
_FIRST_ROWS_S: Final = 0.25
"""For so long at the most the first picture waits for the rows that it shows."""
_FIRST_PAINT_S: Final = 1.0
"""For so long at the most the answers wait for the first one to be painted."""


class Feed:
    """The questions of one screen at a time. All methods but `run` are called on the event loop."""

    def __init__(self, operations: Operations, first: FirstRead | None = None) -> None:
        """`first` is what the first picture shows, read before there is a screen to ask for it."""
        self.operations = operations
        self._first = first
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._closed = threading.Event()
        self._listener: MessagePump | None = None
        self._questions: dict[str, Read] = {}
        self._due: set[str] = set()
        self._intervals = _BLURRED_S, _FOCUSED_S
        self._focused = True
        self._busy = False
        self._failing = False
        self._shown = threading.Event()
        self._has_first = False

    def take_first(self) -> ReadValue | None:
        """What was read first, waited for a moment; None if it is not there then, and from the second call on."""
        first, self._first = self._first, None
        value = None if first is None else first.within(_FIRST_ROWS_S)
        self._has_first = value is not None
        return value

    def watch(self, listener: MessagePump, questions: Mapping[str, Read]) -> None:
        """From now on answer these questions, and only these, to `listener`."""
        with self._lock:
            self._listener = listener
            self._questions = dict(questions)
            self._due = set(questions)
        self._wake.set()

    def ask(self, listener: MessagePump, name: str, read: Read | None) -> None:
        """Replace one question of `listener` (None: drop it); ignored while another screen is watched."""
        with self._lock:
            if listener is not self._listener:
                return
            self._questions.pop(name, None)
            self._due.discard(name)
            if read is not None:
                self._questions[name] = read
                self._due.add(name)
        self._wake.set()

    def still_asks(self, name: str, read: Read) -> bool:
        """Whether this is the question of that name; its answer may have been on the way when it was replaced."""
        with self._lock:
            return self._questions.get(name) is read

    def refresh(self, *names: str) -> None:
        """Answer these questions (none given: all) again."""
        with self._lock:
            self._due |= set(names or self._questions) & set(self._questions)
        self._wake.set()

    def set_intervals(self, focused_s: float, blurred_s: float) -> None:
        """How often to look: seconds while somebody looks at the screen, and while nobody does."""
        self._intervals = blurred_s, focused_s
        self._wake.set()

    def focus(self, focused: bool) -> None:
        """Look less often while nobody looks at the screen."""
        self._focused = focused
        self._wake.set()

    def go_on(self) -> None:
        """The first answer is on the terminal. What is read next would only have taken time from painting it."""
        self._shown.set()

    def close(self) -> None:
        """Let `run` return."""
        self._closed.set()
        self._shown.set()
        self._wake.set()

    @property
    def closed(self) -> bool:
        """Whether the feed has been closed."""
        return self._closed.is_set()

    @property
    def idle(self) -> bool:
        """Whether every question has been answered."""
        with self._lock:
            return not self._due and not self._busy

    async def run_in_thread(self) -> None:
        """The same as `run`, in a thread that keeps nobody from leaving."""
        await read_in_thread(self.run)

    def run(self) -> None:
        """Answer until closed; the body of the thread. Raises whatever reading raises: call it again then."""
        unsubscribe = self.operations.on_change(self._on_change)
        try:
            self._on_change()
            token = self.operations.change_token()
            if self._has_first:
                self._wait_until_shown()
            while not self._closed.is_set():
                self._answer_due()
                self._closed.wait(_LEAST_GAP_S)
                self._wake.wait(self._intervals[self._focused])
                self._wake.clear()
                newest = self.operations.change_token()
                if newest != token:
                    token = newest
                    self.refresh()
        except BaseException as error:
            self._report(f"{type(error).__name__}: {error}")
            raise
        finally:
            unsubscribe()

    def _on_change(self) -> None:
        self.refresh()

    def _answer_due(self) -> None:
        while (question := self._take()) is not None:
            name, read, listener = question
            try:
                self._deliver(name, read, listener, self._answer(read))
                self._wait_until_shown()
            finally:
                self._busy = False

    def _wait_until_shown(self) -> None:
        if not self._shown.wait(_FIRST_PAINT_S):
            self._shown.set()

    def _answer(self, read: Read) -> ReadValue:
        try:
            return read(self.operations)
        except NotFound as error:
            return Gone(error.message)  # removed while it was shown

    def _take(self) -> tuple[str, Read, MessagePump] | None:
        with self._lock:
            name = next((name for name in self._questions if name in self._due), None)
            if name is None or self._listener is None or self._closed.is_set():
                return None
            self._due.discard(name)
            self._busy = True
            return name, self._questions[name], self._listener

    def _deliver(self, name: str, read: Read, listener: MessagePump, value: ReadValue) -> None:
        with self._lock:
            # An answer to a question that was replaced meanwhile would show the wrong row's detail.
            if self._listener is not listener or self._questions.get(name) is not read:
                return
        if self._failing:
            self._failing = False
            listener.post_message(ReadingFailed(""))
        listener.post_message(Answer(name, read, value))

    def _report(self, text: str) -> None:
        self._failing = True
        with self._lock:
            listener = self._listener
        if listener is not None:
            listener.post_message(ReadingFailed(text))
