"""The tail of a log that passed its cap while the attempt still runs: two segments that are written in turn."""

from __future__ import annotations

from pathlib import Path

from jobistemer_tui.engine.supervisor.log_format import (
    NOTE,
    RECORD_BYTES,
    TAILS,
    Record,
    cut_line,
    index_name,
    unpack,
)
from jobistemer_tui.operations.log_file import LogFile, open_if_there

_TRIES = 3


class TailSegment:
    """A copy of one segment. It is grown while the segment is; a segment that is begun anew needs a new copy."""

    def __init__(self, base: int) -> None:
        self.base = base  # offset of its first byte in the task's whole output
        self.data = bytearray()
        self.records: list[Record] = []  # offsets within `data`

    def grow(self, data: LogFile, index: LogFile) -> bool:
        """Copy what was added; False if the segment was begun anew meanwhile."""
        first_new = max(len(self.records) - 1, 0)
        new = unpack(index.read(first_new * RECORD_BYTES, index.size() - first_new * RECORD_BYTES))
        position = self.records[first_new].offset if self.records else 0
        records = []
        for record in new:
            records.append(record._replace(offset=position))
            position += record.length
        added = data.read(len(self.data), max(position - len(self.data), 0))
        if segment_base(index) != self.base or len(self.data) + len(added) < position:
            return False
        self.data += added
        self.records[first_new:] = records
        return True


def segment_base(index: LogFile) -> int | None:
    """The offset of the segment's first byte in the whole output; None while it is empty."""
    first = unpack(index.read(0, RECORD_BYTES))
    return first[0].offset if first else None


class LiveTail:
    """Both segments, as last read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._segments: dict[str, TailSegment] = {}

    def refresh(self) -> list[TailSegment]:
        """The segments that hold something, oldest first; raises OSError if they cannot be read."""
        for name in TAILS:
            segment = self._refreshed(name)
            if segment is None:
                self._segments.pop(name, None)
            else:
                self._segments[name] = segment
        return sorted(self._segments.values(), key=lambda segment: segment.base)

    def _refreshed(self, name: str) -> TailSegment | None:
        data = open_if_there(self._folder / name)
        index = open_if_there(self._folder / index_name(name))
        if data is None or index is None:
            return None
        for _ in range(_TRIES):
            base = segment_base(index)
            if base is None:
                return None
            segment = self._segments.get(name)
            if segment is None or segment.base != base:
                segment = TailSegment(base)
            if segment.grow(data, index):
                return segment
            self._segments.pop(name, None)
        return None


def gap_line(segments: list[TailSegment], head_size: int) -> tuple[bytes, list[Record]]:
    """The line that stands for what lies between head and tail, with its record; empty if nothing does."""
    cut = segments[0].base - head_size if segments else 0
    if cut <= 0:
        return b"", []
    line = cut_line(cut)
    return line, [Record(0, len(line), NOTE, segments[0].records[0].at_us)]
