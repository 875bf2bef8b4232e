"""Whether a file is what it was: its pages, its rows, and that rows and indexes say the same."""

from __future__ import annotations

import os
from typing import Any

import lmdb
import lmdb.verify

from jobistemer_tui.errors import StoreError
from jobistemer_tui.storage import embedded
from jobistemer_tui.storage.codec import codec_of
from jobistemer_tui.storage.embedded import damaged
from jobistemer_tui.storage.lmdb.environment import Environment
from jobistemer_tui.storage.lmdb.keys import keys_of_indexes
from jobistemer_tui.storage.lmdb.layout import number_of_meta_keys, places_of
from jobistemer_tui.storage.lmdb.row_bytes import row_of
from jobistemer_tui.storage.tables import TABLES, Table


def find_damage(environment: Environment, *, thorough: bool) -> None:
    """Read the whole file once, if it is small or that is wished. Raises StoreUnavailable for damage, lmdb.Error.

    Nobody writes meanwhile: pages are looked at by what is no part of LMDB, for which the file has to be at rest, and
    which no damage can make to crash. It opens the file itself; LMDB's locks are those of the other one.
    """
    if thorough or os.stat(environment.path).st_size <= embedded.ALWAYS_READ_BYTES:
        environment.hold_still(lambda transaction: _look(environment, transaction))


def _look(environment: Environment, transaction: lmdb.Transaction[bytes]) -> None:
    try:
        problems = lmdb.verify.verify(str(environment.path), subdir=False)  # type: ignore[no-untyped-call]  # it has none
        if problems:
            raise damaged(environment.path, problems[0])
        keys = sum(_look_at_rows(transaction, table) for table in TABLES)
        if keys != transaction.stat()["entries"] - number_of_meta_keys(transaction):
            raise StoreError("there are keys that no row explains")
    except (StoreError, lmdb.verify.VerifyError, ValueError, KeyError, TypeError) as error:
        raise damaged(environment.path, error) from error


def _look_at_rows(transaction: lmdb.Transaction[bytes], table: Table[Any]) -> int:
    """Read each row of a table, and ask each index where it lies. Gives the number of keys that is right."""
    indexes = keys_of_indexes(table)
    columns = codec_of(table).columns
    number = 0
    for place in places_of(transaction, indexes[0]):
        stored = transaction.get(place)
        if stored is None:
            raise StoreError(f"a {table.name} that an index knows is not there")
        row = row_of(columns, stored, place)
        for keys in indexes:
            key, value = keys.entry_of(row, place)
            if transaction.get(key) != value:
                raise StoreError(f"a {table.name} is not where an index should have it")
        number += 1
    return number * (1 + len(indexes))
