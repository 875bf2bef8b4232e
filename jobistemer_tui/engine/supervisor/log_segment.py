"""A data file with its index, appended together."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from .log_format import MAX_LENGTH, RECORD_BYTES, SHARE_US, Record, index_name, pack, unpack

_FLAGS = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW


class Segment:
    """Appends chunks to the file `path` and their records to its index; what cannot be written is left out of both."""

    def __init__(self, path: Path) -> None:
        """Open or make both files; raises OSError, also where something else than a plain file stands there."""
        self.path = path
        self._index_path = path.with_name(index_name(path.name))
        self._data = _open_plain(path)
        try:
            self._index = _open_plain(self._index_path)
        except OSError:
            os.close(self._data)
            raise
        self.size = os.fstat(self._data).st_size
        index_size = os.fstat(self._index).st_size
        self._records = index_size // RECORD_BYTES
        self._last: Record | None = None

    def append(self, data: memoryview | bytes, stream: int, at_us: int, offset: int) -> int:
        """Append a chunk that is recorded at `offset`; returns how many of its bytes were kept."""
        written = _write_all(self._data, data, self.size)
        if written and not self._record(Record(offset, written, stream, at_us)):
            written = 0
        if written < len(data):
            self._shrink(self.size + written)
        self.size += written
        return written

    def _record(self, record: Record) -> bool:
        last = self._last
        if (
            last is not None
            and last.stream == record.stream
            and last.offset + last.length == record.offset
            and 0 <= record.at_us - last.at_us < SHARE_US
            and last.length + record.length <= MAX_LENGTH
        ):
            record = last._replace(length=last.length + record.length)
            position = self._records - 1
        else:
            position = self._records
        if _write_all(self._index, pack(record), position * RECORD_BYTES) < RECORD_BYTES:
            return False
        self._records = position + 1
        self._last = record
        return True

    def _shrink(self, size: int) -> None:
        try:
            os.ftruncate(self._data, size)
        except OSError:
            return  # the bytes behind the last record are overwritten by the next chunk

    def append_block(self, source: Segment, begin: int, records: list[Record]) -> int:
        """Append bytes of `source` from position `begin` on, described by `records`; returns the bytes kept."""
        wanted = sum(record.length for record in records)
        copied = _copy(source._data, self._data, begin, self.size, wanted)
        kept = []
        total = 0
        for record in records:
            if total + record.length > copied:
                break
            kept.append(pack(record._replace(offset=self.size + total)))
            total += record.length
        index_bytes = b"".join(kept)
        if _write_all(self._index, index_bytes, self._records * RECORD_BYTES) < len(index_bytes):
            total, kept = 0, []
        self._records += len(kept)
        self._last = None
        self._shrink(self.size + total)
        self.size += total
        return total

    def records(self) -> list[Record]:
        """All records, read from the file; none if it cannot be read."""
        try:
            return unpack(os.pread(self._index, self._records * RECORD_BYTES, 0))
        except OSError:
            return []

    def reset(self) -> None:
        """Begin anew: the index is emptied and the data overwritten in place, which is far cheaper. Raises OSError."""
        os.ftruncate(self._index, 0)
        self.size = self._records = 0
        self._last = None

    def close(self) -> None:
        """Close both files."""
        os.close(self._data)
        os.close(self._index)

    def remove(self) -> None:
        """Close and delete both files; raises OSError."""
        self.close()
        os.unlink(self.path)
        os.unlink(self._index_path)


def _open_plain(path: Path) -> int:
    descriptor = os.open(path, _FLAGS, 0o600)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileExistsError(errno.EEXIST, "it is no plain file", str(path))
    return descriptor


def _write_all(descriptor: int, data: memoryview | bytes, position: int) -> int:
    done = 0
    while done < len(data):
        try:
            done += os.pwrite(descriptor, data[done:] if done else data, position + done)
        except OSError:
            break
    return done


def _copy(source: int, target: int, begin: int, position: int, count: int) -> int:
    done = 0
    while done < count:
        try:
            piece = os.pread(source, min(1 << 20, count - done), begin + done)
        except OSError:
            break
        written = _write_all(target, piece, position + done)
        done += written
        if written < len(piece) or not piece:
            break
    return done
