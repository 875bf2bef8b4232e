"""Search in a log by lines, a megabyte at a time, on the text as it is shown: without escapes and `\\r\\n`."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterator
from typing import Protocol

from jobistemer_tui.engine.supervisor.log_format import STDERR, STDOUT, Record

CHUNK = 1 << 20
"""Also how much of one line is searched."""

_ESCAPES = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x00-\x1f\x7f]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-Z\\^-~]")
_LOOKS = 256  # in one chunk; where more is found, one look at each line is faster


class LogLines(Protocol):
    """What is searched; see LogReader."""

    @property
    def size(self) -> int: ...
    @property
    def line_count(self) -> int: ...
    def read(self, offset: int, length: int) -> bytes: ...
    def line_start(self, line: int) -> int: ...
    def line_at_offset(self, offset: int) -> int: ...
    def records(self, start: int, stop: int) -> Iterator[Record]: ...


def _never() -> bool:
    return False


def search_lines(log: LogLines, pattern: re.Pattern[bytes], start: int, direction: int) -> int | None:
    """The nearest matching line, beginning with `start` itself, downwards (1) or upwards (-1)."""
    if direction > 0:
        return next((line for found in _matches(log, pattern, start, log.line_count, False) for line in found), None)
    stop = start + 1
    span = 64
    while stop > 0:
        begin = max(stop - span, 0)
        found = matching_lines(log, pattern, begin, stop)
        if found:
            return found[-1]
        stop, span = begin, min(span * 8, 1 << 16)
    return None


def matching_lines(
    log: LogLines,
    pattern: re.Pattern[bytes],
    start: int = 0,
    stop: int | None = None,
    *,
    invert: bool = False,
    cancelled: Callable[[], bool] = _never,
) -> array[int]:
    """The numbers of the lines that match (or, inverted, do not), from `start` to `stop - 1`, rising.

    Gives what it has when `cancelled()` says so; it is asked after each chunk.
    """
    result = array("Q")
    for found in _matches(log, pattern, start, log.line_count if stop is None else stop, invert):
        result.extend(found)
        if cancelled():
            break
    return result


def _matches(log: LogLines, pattern: re.Pattern[bytes], start: int, stop: int, invert: bool) -> Iterator[list[int]]:
    by_line = re.compile(pattern.pattern, pattern.flags | re.MULTILINE)
    for number, count, data in line_chunks(log, start, stop):
        found = _matches_in(by_line, data)
        if invert:
            hit = set(found)
            found = [line for line in range(count) if line not in hit]
        yield [number + line for line in found if number + line < stop]


def line_chunks(log: LogLines, start: int, stop: int) -> Iterator[tuple[int, int, bytes]]:
    """Whole lines, about CHUNK bytes at a time: number of the first, how many, and their bytes cleared of escapes.

    A line longer than CHUNK comes alone, shortened to that.
    """
    number = max(start, 0)
    stop = min(stop, log.line_count)
    offset = log.line_start(number)
    end = log.line_start(stop)
    while number < stop and offset < end:
        data = log.read(offset, min(CHUNK, end - offset))
        if not data:
            return
        cut = data.rfind(b"\n") + 1
        if cut:
            data = data[:cut]
            count = data.count(b"\n")
            offset += cut
        else:
            count = 1
            offset = log.line_start(number + 1)
        yield number, count, _as_shown(data)
        number += count


def _as_shown(data: bytes) -> bytes:
    if b"\x1b" in data:
        data = _ESCAPES.sub(b"", data)
    return data.replace(b"\r\n", b"\n") if b"\r" in data else data


def _matches_in(pattern: re.Pattern[bytes], data: bytes) -> list[int]:
    """The matching lines of a chunk. What matches across lines is looked at again in its first line alone."""
    found: list[int] = []
    line = position = 0
    for _ in range(_LOOKS):
        match = pattern.search(data, position)
        if match is None or (match.start() == len(data) and data.endswith(b"\n")):
            return found
        begin = data.rfind(b"\n", 0, match.start()) + 1
        line += data.count(b"\n", position, begin)
        end = data.find(b"\n", begin)
        end = len(data) if end < 0 else end
        if match.end() <= end or pattern.search(data[begin:end]):
            found.append(line)
        if end >= len(data) - 1:
            return found
        position = end + 1
        line += 1
    rest = data[position:].removesuffix(b"\n").split(b"\n")
    return found + [line + number for number, text in enumerate(rest) if pattern.search(text)]


def stream_lines(log: LogLines, stderr: bool, start: int = 0, *, cancelled: Callable[[], bool] = _never) -> array[int]:
    """The numbers of the lines from `start` that hold bytes of one stream, rising. Unrecorded bytes count as stdout."""
    wanted = STDERR if stderr else STDOUT
    result = array("Q")
    begin = log.line_start(start)
    for first, stop in _stream_spans(log, wanted, begin):
        number, last = log.line_at_offset(first), log.line_at_offset(stop - 1)
        number = max(number, result[-1] + 1) if result else number
        result.extend(range(number, last + 1))
        if cancelled():
            break
    return result


def _stream_spans(log: LogLines, wanted: int, begin: int) -> Iterator[tuple[int, int]]:
    """Where bytes of a stream lie from `begin` on; neighbouring records are taken together."""
    size = log.size
    span: tuple[int, int] | None = None
    position = begin
    for record in log.records(begin, size):
        start, stop = max(record.offset, begin), min(record.offset + record.length, size)
        if start > position and wanted == STDOUT:
            start = position
        position = stop
        if record.stream != wanted and start == max(record.offset, begin):
            continue
        if span is not None and span[1] == start:
            span = span[0], stop
            continue
        if span is not None:
            yield span
        span = start, stop
    if span is not None:
        yield span
    if position < size and wanted == STDOUT:
        yield position, size
