"""Reads the log of one attempt by lines: of any length, while it grows, from any thread."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterator
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from threading import Lock

from jobistemer_tui.domain.instants import from_microseconds, to_microseconds
from jobistemer_tui.engine.supervisor.log_format import NOTE, STDERR, STDOUT, Record
from jobistemer_tui.operations.log_folder import LogFolder, LogState
from jobistemer_tui.operations.log_index import LineIndex, count_newlines
from jobistemer_tui.operations.log_parts import LogParts
from jobistemer_tui.operations.log_search import matching_lines, search_lines
from jobistemer_tui.settings.quick_dataclass import dataclass

__all__ = ["LINE_BYTES", "LogLine", "LogReader", "LogState", "Stream"]

LINE_BYTES = 65_536
_AT_ONCE = 4 << 20


class Stream(StrEnum):
    """Where the bytes of a line came from; `note` is a line of the supervisor itself."""

    STDOUT = "stdout"
    STDERR = "stderr"
    BOTH = "both"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line. `number` counts from 0; `text` has no newline and at most LINE_BYTES bytes, `hidden_bytes` follow.

    `time` (aware UTC) is when its first byte was read; it and `stream` are None where nothing is recorded.
    """

    number: int
    text: bytes
    stream: Stream | None
    time: datetime | None
    hidden_bytes: int = 0


class LogReader:
    """An attempt's log. It holds nothing until the first `refresh()`.

    While another thread refreshes, `lines` and the rest answer for what is indexed so far. One thread at a time
    refreshes; `first_changed` belongs to it.
    """

    def __init__(self, folder: Path, *, ended: bool = False) -> None:
        """`ended`: the attempt is over, so a missing log has expired and the present one no longer grows."""
        self._folder = LogFolder(folder, ended=ended)
        self._parts = LogParts()
        self._index = LineIndex()
        self._line_count = 0
        self._lock = Lock()
        self._refreshing = Lock()
        self.first_changed = 0

    @property
    def folder(self) -> Path:
        """The attempt's folder."""
        return self._folder.folder

    @property
    def ended(self) -> bool:
        """Whether the attempt is known to be over; set it when that is learnt."""
        return self._folder.ended

    @ended.setter
    def ended(self, value: bool) -> None:
        self._folder.ended = value

    @property
    def state(self) -> LogState:
        """Whether there is a log."""
        return self._folder.state

    @property
    def error(self) -> str:
        """Why the log is unreadable; else empty."""
        return self._folder.error

    @property
    def size(self) -> int:
        """Bytes indexed so far."""
        return self._index.size

    @property
    def line_count(self) -> int:
        """Lines indexed so far, with the last one though it may not have ended."""
        return self._line_count

    @property
    def whole_line_count(self) -> int:
        """Lines indexed so far that have ended with a newline."""
        return self._index.newlines

    def refresh(self) -> bool:
        """Take in what was written since; True if anything changed, from line `first_changed` on.

        Blocks while a long log is indexed. A log that is gone or unreadable is empty; see `state` and `error`.
        """
        with self._refreshing:
            before = self.state, self._parts.size
            newer = self._folder.refresh()
            same = self._parts.same_until(newer)
            changed = same < self._parts.size or (self.state, newer.size) != before
            if changed:
                with self._lock:
                    self.first_changed = self._index.line_at(same, newer.read)
                    self._parts = newer
                    if same < self._index.size:
                        self._index.cut(same)
                        self._count_lines()
                self._extend_index(newer)
            return changed

    def _extend_index(self, parts: LogParts) -> None:
        while self._index.size < parts.size:
            start = self._index.whole_size
            data = parts.read(start, min(_AT_ONCE, parts.size - start))
            if start + len(data) <= self._index.size:
                return  # the file was cut short meanwhile; the next refresh sees that
            counts = count_newlines(data)
            with self._lock:
                self._index.append(start, len(data), counts)
                self._count_lines()

    def _count_lines(self) -> None:
        size = self._index.size
        has_open_line = size > 0 and self._parts.read(size - 1, 1) != b"\n"
        self._line_count = self._index.newlines + has_open_line

    def read(self, offset: int, length: int) -> bytes:
        """Up to `length` bytes from `offset`."""
        return self._parts.read(offset, length)

    def line_start(self, line: int) -> int:
        """The offset of the first byte of a line; `size` for a line behind the last."""
        with self._lock:
            return self._index.line_start(line, self._parts.read)

    def line_at_offset(self, offset: int) -> int:
        """The number of the line that holds the byte at `offset`."""
        with self._lock:
            return self._index.line_at(offset, self._parts.read)

    def line_at_time(self, instant: datetime) -> int:
        """The first line read at `instant` or later; `line_count` if there is none."""
        parts = self._parts
        offset = parts.first_at_or_after(max(to_microseconds(instant), 0))
        return self.line_count if offset >= self.size else self.line_at_offset(offset)

    def records(self, start: int, stop: int) -> Iterator[Record]:
        """The records that hold bytes of `start` to `stop - 1`."""
        return self._parts.records(start, stop)

    def search(self, pattern: re.Pattern[bytes], start_line: int, direction: int = 1) -> int | None:
        """The nearest line that matches, beginning with `start_line`, downwards (1) or upwards (-1)."""
        return search_lines(self, pattern, start_line, direction)

    def matching_lines(
        self,
        pattern: re.Pattern[bytes],
        start: int = 0,
        *,
        invert: bool = False,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> array[int]:
        """The numbers of all lines from `start` that match, rising; see `log_search.matching_lines`."""
        return matching_lines(self, pattern, start, invert=invert, cancelled=cancelled)

    def tail(self, count: int) -> list[LogLine]:
        """The last `count` lines."""
        return self.lines(max(self.line_count - count, 0), self.line_count)

    def lines(self, start: int, stop: int) -> list[LogLine]:
        """The lines number `start` to `stop - 1`, as far as there are such."""
        with self._lock:
            start, stop, parts = max(start, 0), min(stop, self._line_count), self._parts
            if start >= stop:
                return []
            begin = self._index.line_start(start, parts.read)
            ends = list(self._index.newline_offsets(start, stop, parts.read))
            if len(ends) < stop - start:
                ends.append(self._index.size)
        return _read_lines(parts, start, begin, ends)


def _read_lines(parts: LogParts, number: int, begin: int, ends: list[int]) -> list[LogLine]:
    stop = ends[-1] + 1
    block = parts.read(begin, stop - begin) if stop - begin <= LINE_BYTES else None
    records = _Cursor(parts.records(begin, stop))
    lines = []
    position = begin
    for end in ends:
        length = min(end - position, LINE_BYTES)
        text = parts.read(position, length) if block is None else block[position - begin : position - begin + length]
        stream, time = records.over(position, position + max(length, 1))
        lines.append(LogLine(number, text, stream, time, end - position - length))
        number += 1
        position = end + 1
    return lines


class _Cursor:
    """Walks the records beside the lines."""

    def __init__(self, records: Iterator[Record]) -> None:
        self._records = records
        self._current = next(records, None)

    def over(self, start: int, stop: int) -> tuple[Stream | None, datetime | None]:
        """Stream and time of the bytes `start` to `stop - 1`; to be asked in rising order."""
        while self._current is not None and self._current.offset + self._current.length <= start:
            self._current = next(self._records, None)
        first = self._current
        if first is None or first.offset >= stop:
            return None, None
        streams = {first.stream}
        while self._current is not None and self._current.offset + self._current.length < stop:
            self._current = next(self._records, None)
            if self._current is not None and self._current.offset < stop:
                streams.add(self._current.stream)
        return _stream(streams), _time(first.at_us)


def _stream(numbers: set[int]) -> Stream | None:
    if numbers >= {STDOUT, STDERR}:
        return Stream.BOTH
    if STDERR in numbers:
        return Stream.STDERR
    if STDOUT in numbers:
        return Stream.STDOUT
    return Stream.NOTE if NOTE in numbers else None


def _time(at_us: int) -> datetime | None:
    try:
        return from_microseconds(at_us)
    except OverflowError:
        return None  # no clock reads that: the record is damaged
