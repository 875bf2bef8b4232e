"""Where lines begin, from one count of newlines for each block of 8 KiB: a byte of index for each KiB of log."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator

BLOCK = 8192
Read = Callable[[int, int], bytes]
"""Gives up to so many bytes (second) from an offset (first)."""


def count_newlines(data: bytes) -> list[int]:
    """Newlines of each block; `data` begins at the start of a block."""
    return [data.count(b"\n", start, start + BLOCK) for start in range(0, len(data), BLOCK)]


class LineIndex:
    """Newlines counted so far. The owner locks; lines and newlines are numbered from 0."""

    def __init__(self) -> None:
        self._totals = array("Q")  # newlines from the beginning to the end of each whole block
        self._rest = 0  # newlines in the block that is not whole yet
        self.size = 0

    @property
    def newlines(self) -> int:
        """Newlines in the first `size` bytes."""
        return self._whole_total + self._rest

    @property
    def whole_size(self) -> int:
        """Bytes in whole blocks: where the next `append` begins."""
        return len(self._totals) * BLOCK

    @property
    def _whole_total(self) -> int:
        return self._totals[-1] if self._totals else 0

    def cut(self, size: int) -> None:
        """Forget what was counted behind `size` (and a little before it)."""
        del self._totals[size // BLOCK :]
        self._rest = 0
        self.size = self.whole_size

    def append(self, start: int, length: int, counts: list[int]) -> None:
        """Add the counts of `length` bytes from `start`, which is the `whole_size` of when they were read."""
        if start != self.whole_size:
            return
        whole = length // BLOCK
        total = self._whole_total
        for count in counts[:whole]:
            total += count
            self._totals.append(total)
        self._rest = sum(counts[whole:])
        self.size = start + length

    def newline_offsets(self, first: int, stop: int, read: Read) -> Iterator[int]:
        """The offsets of the newlines number `first` to `stop - 1`, as far as counted."""
        stop = min(stop, self.newlines)
        while first < stop:
            block = bisect_left(self._totals, first + 1)
            data = read(block * BLOCK, min(BLOCK, self.size - block * BLOCK))
            number = self._totals[block - 1] if block else 0
            position = data.find(b"\n")
            while position >= 0 and number < stop:
                if number >= first:
                    yield block * BLOCK + position
                number += 1
                position = data.find(b"\n", position + 1)
            if number <= first:
                return  # the file has changed under the index; the next refresh sees it
            first = number

    def line_start(self, line: int, read: Read) -> int:
        """The offset of the first byte of a line; `size` for a line behind the last."""
        if line <= 0:
            return 0
        return next(self.newline_offsets(line - 1, line, read), self.size - 1) + 1

    def line_at(self, offset: int, read: Read) -> int:
        """The number of the line that the byte at `offset` belongs to."""
        block = min(offset, self.size) // BLOCK
        before = self._totals[block - 1] if block else 0
        return before + read(block * BLOCK, max(min(offset, self.size) - block * BLOCK, 0)).count(b"\n")
