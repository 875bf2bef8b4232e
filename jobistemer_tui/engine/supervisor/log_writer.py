"""Keeps head and tail of a task's output within their caps."""

from __future__ import annotations

from pathlib import Path

from .log_format import NOTE, OUTPUT, TAILS, Record, cut_line
from .log_segment import Segment


class LogWriter:
    """Takes a task's output; never raises for a disk that fails: what cannot be written is dropped and counted."""

    def __init__(self, folder: Path, head_bytes: int, tail_bytes: int) -> None:
        self._folder = folder
        self._head_bytes = head_bytes
        self._tail_bytes = tail_bytes
        self._head: Segment | None = None
        self._tails: list[Segment] = []
        self._segment_offered = 0
        self._head_kept = 0
        self.output_bytes = 0

    def write(self, data: memoryview, stream: int, at_us: int) -> None:
        """Take a chunk as it was read."""
        room = self._head_bytes - self.output_bytes
        if self._head is None:
            # Many tasks write nothing, and making two files costs as much as the spawn.
            self._head = _open(self._folder / OUTPUT)
        if room > 0 and self._head is not None:
            self._head_kept += self._head.append(data[:room], stream, at_us, self._head.size)
        if len(data) > room and self._tail_bytes:
            self._write_tail(data[max(room, 0) :], stream, at_us, self.output_bytes + max(room, 0))
        self.output_bytes += len(data)

    def _write_tail(self, data: memoryview, stream: int, at_us: int, position: int) -> None:
        if len(data) > self._tail_bytes:
            # Only its end can be part of the tail; that end fills a segment of its own.
            position += len(data) - self._tail_bytes
            data = data[-self._tail_bytes :]
            self._segment_offered = self._tail_bytes
        while len(data):
            if not self._tails or self._segment_offered >= self._tail_bytes:
                if not self._next_segment():
                    return
                self._segment_offered = 0
            part = data[: self._tail_bytes - self._segment_offered]
            self._tails[-1].append(part, stream, at_us, position)
            self._segment_offered += len(part)
            position += len(part)
            data = data[len(part) :]

    def _next_segment(self) -> bool:
        """Put the segment to be written next at the end of the list."""
        if len(self._tails) < len(TAILS):
            segment = _open(self._folder / TAILS[len(self._tails)])
            if segment is None:
                return False
            self._tails.append(segment)
            return True
        self._tails.reverse()
        try:
            self._tails[-1].reset()
        except OSError:
            self._tails.reverse()
            return False
        return True

    def finish(self) -> int:
        """Join the tail to the head and close everything; returns how many bytes of output were dropped."""
        kept = self._head_kept
        if self._head is not None:
            begin = min(self._head_bytes, self.output_bytes)
            kept += _join(self._head, self._tails, self._tail_bytes, begin, self.output_bytes)
            self._head.close()
        _remove(self._tails)
        return self.output_bytes - kept


def finish_abandoned(folder: Path, tail_bytes: int) -> None:
    """Do for the log of a dead supervisor what `LogWriter.finish` would have done."""
    found = [segment for name in TAILS if (folder / name).exists() if (segment := _open(folder / name))]
    head = _open(folder / OUTPUT) if found else None
    if head is not None:
        found.sort(key=lambda segment: [record.offset for record in segment.records()])
        end = max((record.offset + record.length for s in found for record in s.records()), default=head.size)
        _join(head, found, tail_bytes, head.size, end)
        head.close()
    _remove(found)


def _join(head: Segment, tails: list[Segment], tail_bytes: int, begin: int, end: int) -> int:
    """Append the last `tail_bytes` of the segments, oldest first, after a line where something is missing.

    `begin` and `end` are offsets in the whole output: where the head ended and where the output ended.
    """
    start = max(begin, end - tail_bytes)
    if start > begin:
        line = cut_line(start - begin)
        at_us = max((record.at_us for segment in tails for record in segment.records()), default=0)
        head.append(line, NOTE, at_us or _last_time(head), head.size)
    kept = 0
    for segment in tails:
        skipped, records = _from_offset(segment.records(), start)
        kept += head.append_block(segment, skipped, records)
    return kept


def _last_time(segment: Segment) -> int:
    records = segment.records()
    return records[-1].at_us if records else 0


def _from_offset(records: list[Record], start: int) -> tuple[int, list[Record]]:
    """The records at or behind `start`, the first one shortened, and how many bytes of the segment precede."""
    skipped = 0
    kept = []
    for record in records:
        before = min(max(start - record.offset, 0), record.length)
        skipped += before
        if before < record.length:
            kept.append(record._replace(offset=record.offset + before, length=record.length - before))
    return skipped, kept


def _open(path: Path) -> Segment | None:
    try:
        return Segment(path)
    except OSError:
        return None


def _remove(segments: list[Segment]) -> None:
    for segment in segments:
        try:
            segment.remove()
        except OSError:
            continue  # left behind; the attempt's folder is deleted as a whole one day
