"""Opens what an attempt's folder holds of its log, as far as it can be read now."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from jobistemer_tui.engine.supervisor.log_format import INDEX, OUTPUT
from jobistemer_tui.operations.log_file import LogFile, open_if_there
from jobistemer_tui.operations.log_parts import LogParts, Part, bytes_part
from jobistemer_tui.operations.log_records import FileRecords, ListRecords
from jobistemer_tui.operations.log_tail import LiveTail, TailSegment, gap_line


class LogState(StrEnum):
    """Whether there is a log: not yet (or never), no longer, yes, or it cannot be opened."""

    NOT_STARTED = "not_started"
    EXPIRED = "expired"
    PRESENT = "present"
    UNREADABLE = "unreadable"


class LogFolder:
    """The log in one attempt's folder.

    `ended` says that the attempt is over; a `result.json` in the folder says the same.
    """

    def __init__(self, folder: Path, *, ended: bool) -> None:
        self.folder = folder
        self.ended = ended
        self.state = LogState.NOT_STARTED
        self.error = ""
        self._output: LogFile | None = None
        self._records: FileRecords | None = None
        self._tail = LiveTail(folder)
        self._joined_at = (-1, False)

    def refresh(self) -> LogParts:
        """What the log holds now. Sets `state`, and `error` where it cannot be read."""
        try:
            parts = self._parts()
        except OSError as error:
            self.state, self.error = LogState.UNREADABLE, error.strerror or str(error)
            return LogParts()
        self.error = ""
        self.state = LogState.PRESENT if self._output is not None else self._without_output()
        return parts

    def _without_output(self) -> LogState:
        """The file is made with the first byte that the task writes, so an attempt may end without one."""
        if (self.folder / "void").exists():
            return LogState.NOT_STARTED
        if self.folder.exists():
            return LogState.PRESENT if self._is_over() else LogState.NOT_STARTED
        return LogState.EXPIRED if self.ended else LogState.NOT_STARTED

    def _is_over(self) -> bool:
        return self.ended or (self.folder / "result.json").exists()

    def _parts(self) -> LogParts:
        if self._output is None:
            self._output = open_if_there(self.folder / OUTPUT)
        if self._output is None:
            return LogParts()
        if self._records is None:
            index = open_if_there(self.folder / INDEX)
            self._records = None if index is None else FileRecords(index)
        finished = self._is_over()
        size = self._head_size(self._output, finished)
        head = Part(self._output, 0, size, self._output.read, self._records or ListRecords([]))
        return LogParts((head, *self._tail_parts(size, finished)))

    def _head_size(self, output: LogFile, finished: bool) -> int:
        """Without a record the bytes are still being written, unless nobody writes any more."""
        size = output.size()
        if finished or self._records is None:
            return size
        return min(size, self._records.end())

    def _tail_parts(self, head_size: int, finished: bool) -> list[Part]:
        segments = [] if finished else self._tail.refresh()
        if not segments or self._is_joined(head_size) or segments[0].base < head_size:
            return []
        gap, gap_records = gap_line(segments, head_size)
        parts = [bytes_part(gap, head_size, gap_records)] if gap else []
        start = head_size + len(gap)
        for segment in segments:
            parts.append(_segment_part(segment, start))
            start += parts[-1].length
        return parts

    def _is_joined(self, head_size: int) -> bool:
        """Whether the tail is being copied behind the head, so that it must not be shown twice."""
        if self._joined_at[0] != head_size:
            self._joined_at = head_size, self._records is not None and self._records.has_note()
        return self._joined_at[1]


def _segment_part(segment: TailSegment, start: int) -> Part:
    data = segment.data

    def read(offset: int, length: int) -> bytes:
        return bytes(data[offset : offset + length])

    return Part(segment, start, len(data), read, ListRecords(segment.records))
