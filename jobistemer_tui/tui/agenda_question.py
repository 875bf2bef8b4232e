"""What is to come, for the window that a person looks at. Asked anew often, read only as often as its cost allows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from jobistemer_tui.domain.clock import Clock, SystemClock
from jobistemer_tui.operations.agenda import AgendaRow
from jobistemer_tui.operations.contract import Operations
from jobistemer_tui.settings.quick_dataclass import dataclass

from .read_values import AgendaRead

_REST: Final = 10
"""A reading is not repeated before ten times as long has passed as it took."""


@dataclass(frozen=True, slots=True)
class Span:
    """A length of the window and the parts that it is counted in."""

    word: str
    length: timedelta
    step: timedelta


DAY: Final = Span("24 h", timedelta(hours=24), timedelta(minutes=10))
WEEK: Final = Span("7 days", timedelta(days=7), timedelta(hours=1))


class AgendaQuestion:
    """The question: the window `shift` lengths after the one that begins now, of the rows that are wanted."""

    def __init__(self, span: Span, shift: int, wanted: Callable[[AgendaRow], bool], clock: Clock | None = None) -> None:
        self.span = span
        self.shift = shift
        self._wanted = wanted
        self._clock = clock or SystemClock()
        self._read: AgendaRead | None = None
        self._not_before = 0.0

    def __call__(self, operations: Operations) -> AgendaRead:
        """The window as it is now, or as it was a moment ago."""
        begun = self._clock.read().monotonic
        if self._read is None or begun >= self._not_before:
            start = self._start(operations.now())
            agenda = operations.agenda(start, start + self.span.length, step=self.span.step, wanted=self._wanted)
            self._read = AgendaRead(agenda, self.span.word, self.shift)
            took = self._clock.read().monotonic - begun
            self._not_before = begun + _REST * took
        return self._read

    def _start(self, now: datetime) -> datetime:
        """Now, and for windows after that whole lengths later."""
        return now + self.shift * self.span.length
