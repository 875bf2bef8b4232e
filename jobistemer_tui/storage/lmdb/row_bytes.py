"""Rows as bytes: a checksum, then the row's values as JSON. LMDB has no checksums of its own.

The checksum covers the key as well, so that a row that is read where another one was is found out.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from zlib import crc32

from jobistemer_tui.errors import StoreUnavailable
from jobistemer_tui.storage.codec import Column, Kind, Row

_CHECKSUM_BYTES = 4
_JSON = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


def row_bytes(columns: Sequence[Column], row: Row, place: bytes) -> bytes:
    """The bytes of a row that lies at the key `place`; ids are written as hexadecimal digits."""
    values = [value.hex() if isinstance(value, bytes) else value for value in row]
    text = _JSON.encode(values).encode()
    return _checksum(text, place) + text


def row_of(columns: Sequence[Column], stored: bytes, place: bytes) -> Row:
    """The row of its bytes. Raises StoreUnavailable for bytes that no version of ours wrote at `place`."""
    values = values_of(stored, place)
    if len(values) != len(columns):
        raise StoreUnavailable("a row has another number of values than there are columns", hint=HINT)
    return tuple(map(_value, columns, values))


def values_of(stored: bytes, place: bytes) -> list[Any]:
    """The values as they are written. Raises StoreUnavailable as `row_of`."""
    text = stored[_CHECKSUM_BYTES:]
    if stored[:_CHECKSUM_BYTES] != _checksum(text, place):
        raise StoreUnavailable("a row is damaged: its checksum is wrong", hint=HINT)
    values: list[Any] = json.loads(text)
    return values


def _value(column: Column, value: Any) -> Any:
    return bytes.fromhex(value) if column.kind is Kind.UUID and value is not None else value


def _checksum(text: bytes, place: bytes) -> bytes:
    return crc32(text, crc32(place)).to_bytes(_CHECKSUM_BYTES, "big")


HINT = "restore it from a backup"
