"""What the store says of itself, and making it what this version of the program needs.

| key             | value                                                                    |
| `meta/format`   | how keys and values are written, `FORMAT`; in decimal digits             |
| `meta/id`       | the store's id, 16 bytes                                                 |
| `meta/layout`   | the columns of each table and the names of the indexes, JSON             |
| `meta/digest`   | a hash of that; each transaction compares it with ours                   |
| `meta/sequence` | the last sequence number of the audit, in decimal digits                 |

A layout that lacks something of ours is an older one: what is new gets its default, missing indexes are built. One
that has something unknown to us was made by a newer version, and we would damage it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import MISSING, fields
from functools import cache
from hashlib import blake2b
from itertools import takewhile
from pathlib import Path
from typing import Any, Final, TypeAlias
from uuid import UUID

import lmdb

from jobistemer_tui.domain.identity import new_store_id
from jobistemer_tui.errors import StoreTooNew, StoreUnavailable
from jobistemer_tui.storage.codec import Row, codec_of
from jobistemer_tui.storage.lmdb.keys import IndexKeys, after, index_keys, keys_of_indexes
from jobistemer_tui.storage.lmdb.row_bytes import HINT, row_bytes, row_of, values_of
from jobistemer_tui.storage.tables import INDEXES, TABLES, Table, indexes_of

FORMAT: Final = 1
LAST_SEQUENCE: Final = b"meta/sequence"
_FORMAT, _ID, _LAYOUT, _DIGEST = b"meta/format", b"meta/id", b"meta/layout", b"meta/digest"

Layout = dict[str, Any]
Transaction: TypeAlias = "lmdb.Transaction[bytes]"


def our_layout() -> Layout:
    """The columns and indexes that this version of the program knows."""
    tables = {table.name: list(codec_of(table).names) for table in TABLES}
    return {"tables": tables, "indexes": sorted(index.name for index in INDEXES)}


@cache
def _our_text() -> bytes:
    return json.dumps(our_layout(), sort_keys=True).encode()


@cache
def _our_digest() -> bytes:
    return _digest(_our_text())


def _digest(text: bytes) -> bytes:
    return blake2b(text, digest_size=16).digest()


def is_current(transaction: Transaction) -> bool:
    """Whether the store is laid out as we write and read it. Cheap."""
    return transaction.get(_DIGEST) == _our_digest()


def refuse_changed(transaction: Transaction, path: Path) -> None:
    """Raise StoreTooNew if another version of the program has changed the layout under us."""
    if not is_current(transaction):
        raise _too_new(path, "another version of this program changed it meanwhile")


def store_id(transaction: Transaction) -> UUID:
    """The id that was made with the store. Raises StoreUnavailable if it is lost."""
    value = transaction.get(_ID)
    if value is None or len(value) != 16:
        raise StoreUnavailable("the store has lost its id", hint=HINT)
    return UUID(bytes=value)


def format_of(transaction: Transaction) -> int | None:
    """The store's format; None if it is no store of ours."""
    value = transaction.get(_FORMAT)
    return int(value) if value is not None and value.isdigit() else None


def make_current(transaction: Transaction, path: Path) -> None:
    """Make what is missing: all of a new store, what is new of an old one.

    Raises StoreTooNew, and StoreUnavailable for a file that is not ours.
    """
    if is_current(transaction):  # another process was first
        return
    number = format_of(transaction)
    if number is None and transaction.stat()["entries"]:
        raise StoreUnavailable(f"{path} is a file of another program", hint="name another store, or move it away")
    if number is None:
        transaction.put(_FORMAT, b"%d" % FORMAT)
        transaction.put(_ID, new_store_id().bytes)
    elif number > FORMAT:
        raise _too_new(path, f"its format is {number}, and this one knows {FORMAT}")
    else:
        _migrate(transaction, json.loads(transaction.get(_LAYOUT, b"{}")), path)
    transaction.put(_LAYOUT, _our_text())
    transaction.put(_DIGEST, _our_digest())


def _too_new(path: Path, why: str) -> StoreTooNew:
    return StoreTooNew(
        f"{path} was made by a newer version of this program: {why}",
        hint="install that version again, or name another store",
    )


def _migrate(transaction: Transaction, theirs: Layout, path: Path) -> None:
    ours = our_layout()
    unknown = set(theirs["indexes"]) - set(ours["indexes"])
    unknown |= {
        f"{name}.{column}"
        for name, columns in theirs["tables"].items()
        for column in set(columns) - set(ours["tables"].get(name, ()))
    }
    if unknown:
        raise _too_new(path, f"it has {', '.join(sorted(unknown))}")
    for table in TABLES:
        if table.name in theirs["tables"]:
            _refit(transaction, table, theirs)


def _refit(transaction: Transaction, table: Table[Any], theirs: Layout) -> None:
    """Write a table's rows with all of our columns, and the entries of new indexes."""
    columns = theirs["tables"][table.name]
    there = [index_keys(index) for index in indexes_of(table) if index.name in theirs["indexes"]]
    new = [keys for keys in keys_of_indexes(table) if keys not in there]
    widened = columns != list(codec_of(table).names)
    if not widened and not new:
        return
    for place in list(places_of(transaction, there[0])):
        row = _widened(transaction, table, columns, place)
        if widened:
            transaction.put(place, row_bytes(codec_of(table).columns, row, place))
        for keys in new:
            transaction.put(*keys.entry_of(row, place))


def places_of(transaction: Transaction, keys: IndexKeys) -> Iterator[bytes]:
    """Where the rows of an index's table lie."""
    return (value[1:] for _, value in _starting_with(transaction, keys.prefix))


def number_of_meta_keys(transaction: Transaction) -> int:
    """How many keys tell of the store itself."""
    return sum(1 for _ in _starting_with(transaction, b"meta/"))


def _starting_with(transaction: Transaction, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
    end = after(prefix)
    with transaction.cursor() as cursor:
        if cursor.set_range(prefix):
            yield from takewhile(lambda entry: entry[0] < end, cursor.iternext())


def _widened(transaction: Transaction, table: Table[Any], columns: list[str], place: bytes) -> Row:
    """A row with the defaults of the columns that it lacks."""
    codec = codec_of(table)
    stored = transaction.get(place)
    if stored is None:
        raise StoreUnavailable(f"a {table.name} that an index knows is not there", hint=HINT)
    values = dict(zip(columns, values_of(stored, place), strict=True))
    complete = [values[column.name] if column.name in values else column.encoder()(_default(table, column.name))
                for column in codec.columns]  # fmt: skip
    return row_of(codec.columns, row_bytes(codec.columns, tuple(complete), place), place)


def _default(table: Table[Any], name: str) -> Any:
    """The default of a column that is new: a record's field that was added has one."""
    field = next(field for field in fields(table.record) if field.name == name)
    return field.default_factory() if field.default_factory is not MISSING else field.default
