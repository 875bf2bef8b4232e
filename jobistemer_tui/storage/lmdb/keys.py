"""Every key of the store, and why it looks as it does.

| key                                                      | what is there                                   |
| `meta/…`                                                 | the store itself, see `layout`                  |
| `job/JOB`                                                | the row of a job                                |
| `job/JOB/occurrence/OCCURRENCE`                          | that of an occurrence                           |
| `job/JOB/occurrence/OCCURRENCE/task/RUN/run`             | that of a task run                              |
| `job/JOB/occurrence/OCCURRENCE/task/RUN/run/attempt/ATTEMPT` | that of an attempt                          |
| `job/JOB/TABLE/…`                                        | other rows whose key begins with their job      |
| `TABLE/…`                                                | the rows of other tables, by their key          |
| `INDEX/…`                                                | which row has these values: where its row is    |

All that belongs to a job, and to a run of it, begins with its key, so that it lies together and one prefix scan finds
it. (A task run's id says which task of which occurrence it is.) Rows of those three kinds are asked for by their id
alone, and the index over that id says where they are.

Keys compare as bytes, so a value's bytes sort as the value does. LMDB's longest key has 511 bytes: of a long text a
key holds the beginning and a hash; texts that begin alike are then told apart, but are not in order (see `rows`).
"""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from typing import Any, Final

from jobistemer_tui.storage.codec import Column, Kind, Row, codec_of
from jobistemer_tui.storage.tables import JOBS, Index, Table, indexes_of, order_of, table_of

LONGEST_TEXT: Final = 90
"""So many bytes of a text are in a key: twice that (every byte may be a NUL) fits twice beside an index's name."""

_SHIFT: Final = 2**63
_HASH_BYTES: Final = 16
_NONE: Final = b"\x00"
PRESENT: Final = b"\x01"
"""Before every value that is not None, so that None sorts first."""
_NUL: Final = b"\x00\xff"
_END: Final = b"\x00\x01"
_CUT: Final = b"\x00\x02"

EXACT, LONG = b"\x00", b"\x01"
"""What an entry's value begins with: whether its key holds only the beginning of a long text."""

PATHS: Final = {"occurrence": ("job_id", b"/occurrence/", b""), "task_run": ("occurrence_id", b"/task/", b"/run"),
                "attempt": ("task_run_id", b"/attempt/", b"")}  # fmt: skip
"""Tables whose rows are below their parent's: the column that names it, and what is written around the row's id."""


def is_long(column: Column, value: Any) -> bool:
    """Whether a key holds only the beginning of a value."""
    return column.kind in _TEXTS and value is not None and len(value.encode()) > LONGEST_TEXT


def packed(column: Column, value: Any) -> bytes:
    """The bytes of a plain value of a column that is not None. None is a prefix of another's.

    Text is UTF-8 (which sorts by code point) up to an end mark that sorts before what may go on, as in FoundationDB's
    tuples.
    """
    if column.kind is Kind.UUID:
        return bytes(value)
    if column.kind not in _TEXTS:
        return int(value + _SHIFT).to_bytes(8, "big")
    text: bytes = value.encode()
    if len(text) <= LONGEST_TEXT:
        return text.replace(b"\x00", _NUL) + _END
    return beginning(column, value) + blake2b(text, digest_size=_HASH_BYTES).digest()


def beginning(column: Column, value: Any) -> bytes:
    """What the bytes of all values begin with that are as long as this one and begin like it."""
    if not is_long(column, value):
        return packed(column, value)
    return bytes(value.encode()[:LONGEST_TEXT].replace(b"\x00", _NUL) + _CUT)


_TEXTS = frozenset({Kind.TEXT, Kind.ENUM})


def component(column: Column, value: Any) -> bytes:
    """The bytes of a plain value of an index's column."""
    return _NONE if value is None else PRESENT + packed(column, value)


def after(prefix: bytes) -> bytes:
    """The least key that sorts behind every one that begins with `prefix` (which is not all 0xFF)."""
    bare = prefix.rstrip(b"\xff")
    return bare[:-1] + bytes([bare[-1] + 1])


def direct_key(table: Table[Any], key: Row) -> bytes:
    """Where a row lies whose key says it all: every table's but those of `PATHS`."""
    return _direct(table)(key)


@cache
def _direct(table: Table[Any]) -> _DirectKey:
    return _DirectKey(table)


class _DirectKey:
    def __init__(self, table: Table[Any]) -> None:
        self._columns = [codec_of(table).by_name[name] for name in table.key]
        of_job = table.parents.get(table.key[0]) == JOBS.name
        self._owner = f"{JOBS.name}/".encode() if of_job else b""
        self._name = f"/{table.name}/".encode() if of_job else f"{table.name}/".encode()

    def __call__(self, key: Row) -> bytes:
        parts = [packed(column, value) for column, value in zip(self._columns, key, strict=True)]
        if self._owner:
            return self._owner + parts[0] + self._name + b"/".join(parts[1:])
        return self._name + b"/".join(parts)


@cache
def index_keys(index: Index[Any]) -> IndexKeys:
    """How the entries of an index are written."""
    return IndexKeys(index)


class IndexKeys:
    """The keys of an index's entries: its name, the values of its columns, then those of the row's key."""

    def __init__(self, index: Index[Any]) -> None:
        codec = codec_of(table_of(index))
        self.prefix = f"{index.name}/".encode()
        self.columns = [codec.by_name[name] for name in order_of(index)]
        self._places = [codec.places[name] for name in order_of(index)]
        self.width = len(index.columns)
        self.may_be_long = any(column.kind is Kind.TEXT for column in self.columns)

    def values(self, row: Row) -> Row:
        """What a row is ordered by."""
        return tuple([row[place] for place in self._places])

    def beginning(self, values: Row) -> bytes:
        """What every entry begins with whose first columns have these values."""
        return self.prefix + b"".join(map(component, self.columns, values))

    def entry(self, row: Row) -> bytes:
        """The key of a row's entry."""
        return self.beginning(self.values(row))

    def entry_of(self, row: Row, place: bytes) -> tuple[bytes, bytes]:
        """The key and the value of the entry of a row that lies at `place`."""
        values = self.values(row)
        return self.beginning(values), (LONG if self.any_long(values) else EXACT) + place

    def any_long(self, values: Row) -> bool:
        """Whether an entry with these values holds only the beginning of one."""
        return self.may_be_long and any(map(is_long, self.columns, values))


@cache
def keys_of_indexes(table: Table[Any]) -> tuple[IndexKeys, ...]:
    """Those of all indexes of a table."""
    return tuple(index_keys(index) for index in indexes_of(table))
