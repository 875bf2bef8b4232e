"""When each chunk of a log was read, and from which stream: searched on disk, never loaded as a whole."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from typing import Protocol

from jobistemer_tui.engine.supervisor.log_format import NOTE, RECORD_BYTES, Record, unpack
from jobistemer_tui.operations.log_file import LogFile

_AT_ONCE = 512
_STREAM_BYTE = RECORD_BYTES - 4  # of a record: u64, u64, u32, then the stream


class Records(Protocol):
    """Records in the order of their offsets."""

    def __len__(self) -> int: ...

    def read(self, first: int, count: int) -> list[Record]:
        """Up to `count` records from number `first`."""


class FileRecords:
    """The records of `output.idx`."""

    def __init__(self, file: LogFile) -> None:
        self._file = file

    def __len__(self) -> int:
        return self._file.size() // RECORD_BYTES

    def read(self, first: int, count: int) -> list[Record]:
        return unpack(self._file.read(first * RECORD_BYTES, count * RECORD_BYTES))

    def end(self) -> int:
        """The offset behind the last recorded byte."""
        last = self.read(max(len(self) - 1, 0), 1)
        return last[-1].offset + last[-1].length if last else 0

    def has_note(self) -> bool:
        """Whether the supervisor wrote a line of its own, that is, whether head and tail are joined."""
        return NOTE in self._file.read(0, len(self) * RECORD_BYTES)[_STREAM_BYTE::RECORD_BYTES]


class ListRecords:
    """Records in memory."""

    def __init__(self, records: list[Record]) -> None:
        self._records = records

    def __len__(self) -> int:
        return len(self._records)

    def read(self, first: int, count: int) -> list[Record]:
        return self._records[first : first + count]


def records_between(records: Records, start: int, stop: int) -> Iterator[Record]:
    """The records that hold bytes of `start` to `stop - 1`."""
    number = _first_where(records, lambda record: record.offset + record.length > start)
    while chunk := records.read(number, _AT_ONCE):
        for record in chunk:
            if record.offset >= stop:
                return
            yield record
        number += len(chunk)


def first_at_or_after(records: Records, at_us: int) -> Record | None:
    """The first record of this time or a later one (the wall clock may have been set: then any such)."""
    number = _first_where(records, lambda record: record.at_us >= at_us)
    return next(iter(records.read(number, 1)), None)


def _first_where(records: Records, is_reached: Callable[[Record], bool]) -> int:
    def reached(number: int) -> bool:
        found = records.read(number, 1)
        return not found or is_reached(found[0])

    return bisect_left(range(len(records)), True, key=reached)
