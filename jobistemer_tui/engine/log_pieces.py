"""A log as rows: compressed pieces of its two files, and a last, empty one that says that nothing more will come."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from uuid import UUID

from jobistemer_tui.domain.records import LogChunk
from jobistemer_tui.engine.supervisor.log_format import INDEX, OUTPUT
from jobistemer_tui.storage.contract import Reader, Transaction
from jobistemer_tui.storage.tables import ATTEMPTS, CHUNKS_BY_ATTEMPT, LOG_CHUNKS

PIECE = 1 << 18
_SOME = 16
FILES = (OUTPUT, INDEX)
"""In the order in which they are read elsewhere: the index speaks of what is in the output."""
WHOLE = "whole"
"""The name of the last piece."""


def next_pieces(attempt: UUID, folder: Path, positions: Mapping[str, int]) -> list[LogChunk]:
    """The next piece of each file in an attempt's folder, from where the store is. Raises OSError."""
    found = []
    for file in FILES:
        data = _piece(folder / file, positions[file])
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
    """What a piece holds; never more than it says, whatever somebody has written into the store."""
    return zlib.decompressobj().decompress(base64.b85decode(chunk.data), chunk.size)


def _packed(data: bytes) -> str:
    return base64.b85encode(zlib.compress(data)).decode("ascii")


def _piece(path: Path, position: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(position)
            return file.read(PIECE)
    except FileNotFoundError:  # it has written nothing
        return b""


def _end_of(reader: Reader, attempt: UUID, file: str) -> int:
    last = reader.scan(CHUNKS_BY_ATTEMPT, attempt, file, reverse=True, limit=1)
    return last[0].position + last[0].size if last else 0
