"""A log as rows: compressed pieces of its two files, and a last, empty one that says that nothing more will come."""

from __future__ import annotations

import base64
import os
import zlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from uuid import UUID

from jobistemer_tui.domain.instants import to_microseconds
from jobistemer_tui.domain.records import LogChunk
from jobistemer_tui.engine.plain_file import NotPlain, open_plain
from jobistemer_tui.engine.supervisor.log_format import INDEX, OUTPUT, RECORD_BYTES, SHARE_US, unpack
from jobistemer_tui.errors import StoreError
from jobistemer_tui.storage.contract import Reader, Transaction
from jobistemer_tui.storage.tables import ATTEMPTS, CHUNKS_BY_ATTEMPT, LOG_CHUNKS

PIECE = RECORD_BYTES * 10_000
"""Bytes of a file, at most: of the index always whole records."""
_LARGEST = 1 << 20
"""A piece of more bytes than this is none of ours."""
_SOME = 16
_SETTLED_US = 5 * SHARE_US
"""So old (microseconds) a record must be not to grow any more, however slowly it is written."""
FILES = (OUTPUT, INDEX)
"""In the order in which they are read elsewhere: the index speaks of what is in the output."""
WHOLE = "whole"
"""The name of the last piece."""


def next_pieces(
    attempt: UUID, folder: Path, positions: Mapping[str, int], *, running: datetime | None = None
) -> list[LogChunk]:
    """The next piece of each file in an attempt's folder, from where the store is.

    Of a try that is running now (`running`: UTC) the newest record waits, as what is in the store is never changed.
    Raises OSError.
    """
    found = []
    for file in FILES:
        data = _piece(folder / file, positions[file])
        if file == INDEX and running is not None:
            data = _settled(data, to_microseconds(running))
        if data:
            found.append(LogChunk(attempt, file, positions[file], len(data), _packed(data)))
    return found


def ends_of(reader: Reader, attempt: UUID) -> dict[str, int]:
    """How much of each file the store has."""
    return {file: _end_of(reader, attempt, file) for file in FILES}


def last_piece(attempt: UUID) -> LogChunk:
    """What says that the store has all."""
    return LogChunk(attempt, WHOLE, 0, 0, "")


def is_whole(reader: Reader, attempt: UUID) -> bool:
    """Whether nothing more will come."""
    return reader.get(LOG_CHUNKS, attempt, WHOLE, 0) is not None


def keep(tx: Transaction, chunks: Iterable[LogChunk]) -> None:
    """Insert pieces, but for those of a try that was cleared away meanwhile."""
    for chunk in chunks:
        if tx.get(ATTEMPTS, chunk.attempt_id) is not None:
            tx.insert(LOG_CHUNKS, chunk)


def pieces_from(reader: Reader, attempt: UUID, file: str, position: int) -> list[LogChunk]:
    """The next pieces of a file from a position on, some at a time; empty at the end."""
    return reader.scan(CHUNKS_BY_ATTEMPT, attempt, file, low=position, limit=_SOME)


def unpacked(chunk: LogChunk) -> bytes:
    """What a piece holds. Raises StoreError for one that no node has written so: it may be anybody's."""
    data = b""
    if chunk.position >= 0 and 0 < chunk.size <= _LARGEST:
        with suppress(ValueError, zlib.error):
            data = zlib.decompressobj().decompress(base64.b85decode(chunk.data), chunk.size)
    if not data or len(data) != chunk.size:
        raise StoreError(f"the output of {chunk.attempt_id} is damaged in the store, at byte {chunk.position}")
    return data


def _packed(data: bytes) -> str:
    return base64.b85encode(zlib.compress(data)).decode("ascii")


def _piece(path: Path, position: int) -> bytes:
    try:
        with os.fdopen(open_plain(path), "rb") as file:
            file.seek(position)
            return file.read(PIECE)
    except (FileNotFoundError, NotPlain):  # it has written nothing, or put something else there
        return b""


def _settled(index: bytes, now_us: int) -> bytes:
    """The records without the newest, if that may still grow: it may have been written since the clock was read."""
    whole = index[: len(index) // RECORD_BYTES * RECORD_BYTES]
    may_grow = whole and now_us - unpack(whole[-RECORD_BYTES:])[0].at_us < _SETTLED_US
    return whole[:-RECORD_BYTES] if may_grow else whole


def _end_of(reader: Reader, attempt: UUID, file: str) -> int:
    last = reader.scan(CHUNKS_BY_ATTEMPT, attempt, file, reverse=True, limit=1)
    return last[0].position + last[0].size if last else 0
