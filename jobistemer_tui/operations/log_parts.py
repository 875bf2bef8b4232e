"""The pieces of an attempt's log as one run of bytes: `output.log`, then the live tail while the attempt runs."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator

from jobistemer_tui.engine.supervisor.log_format import Record
from jobistemer_tui.operations.log_records import (
    ListRecords,
    Records,
    first_at_or_after,
    records_between,
)
from jobistemer_tui.settings.quick_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """A piece that begins at `start` of the whole. `source` tells pieces apart that hold different bytes."""

    source: object
    start: int
    length: int
    read: Callable[[int, int], bytes]
    records: Records


class LogParts:
    """The log as it was at one refresh. Its bytes may be read on any thread."""

    def __init__(self, parts: tuple[Part, ...] = ()) -> None:
        self.parts = parts
        self._starts = [part.start for part in parts]
        self.size = parts[-1].start + parts[-1].length if parts else 0

    def read(self, offset: int, length: int) -> bytes:
        """Up to `length` bytes from `offset`."""
        found = [
            part.read(
                max(offset - part.start, 0), min(offset + length, part.start + part.length) - max(offset, part.start)
            )
            for part in self._between(offset, offset + length)
        ]
        return found[0] if len(found) == 1 else b"".join(found)

    def records(self, start: int, stop: int) -> Iterator[Record]:
        """The records that hold bytes of `start` to `stop - 1`, with offsets in the whole."""
        for part in self._between(start, stop):
            for record in records_between(part.records, start - part.start, min(stop - part.start, part.length)):
                yield record._replace(offset=record.offset + part.start)

    def first_at_or_after(self, at_us: int) -> int:
        """The offset of the first byte read at this time or later; `size` if there is none."""
        for part in self.parts:
            record = first_at_or_after(part.records, at_us)
            if record is not None:
                return min(part.start + record.offset, self.size)
        return self.size

    def same_until(self, newer: LogParts) -> int:
        """How many bytes from the beginning are surely the same in both."""
        same = 0
        for old, new in zip(self.parts, newer.parts, strict=False):
            if old.source != new.source or old.start != new.start or new.length < old.length:
                break
            same = old.start + old.length
            if new.length > old.length:
                break
        return same

    def _between(self, start: int, stop: int) -> list[Part]:
        first = max(bisect_right(self._starts, start) - 1, 0)
        return [part for part in self.parts[first:] if part.start < stop and start < part.start + part.length]


def bytes_part(data: bytes, start: int, records: list[Record]) -> Part:
    """A piece in memory."""
    return Part(data, start, len(data), lambda offset, length: data[offset : offset + length], ListRecords(records))
