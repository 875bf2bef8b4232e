"""The texts of all statements, made from `tables` once; values are always parameters."""

from __future__ import annotations

from functools import cache
from typing import Any

from jobistemer_tui.storage.codec import codec_of
from jobistemer_tui.storage.scans import Scan
from jobistemer_tui.storage.tables import EVENTS, Index, Table, order_of, table_of


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return f'"{name}"'


@cache
def get_text(table: Table[Any]) -> str:
    """SELECT the row with a key."""
    return f"SELECT {_list(codec_of(table).names)} FROM {quoted(table.name)} WHERE {_equal(table.key)}"


@cache
def insert_text(table: Table[Any]) -> str:
    """INSERT a row unless its key is taken."""
    names = codec_of(table).names
    marks = ", ".join("?" * len(names))
    return (
        f"INSERT INTO {quoted(table.name)} ({_list(names)}) VALUES ({marks}) "
        f"ON CONFLICT ({_list(table.key)}) DO NOTHING"
    )


@cache
def append_text() -> str:
    """INSERT an event without its sequence, which the table gives."""
    names = event_columns()
    return f"INSERT INTO {quoted(EVENTS.name)} ({_list(names)}) VALUES ({', '.join('?' * len(names))})"


@cache
def event_columns() -> tuple[str, ...]:
    """The columns of an event but for its sequence."""
    return tuple(name for name in codec_of(EVENTS).names if name not in EVENTS.key)


@cache
def update_text(table: Table[Any], changed: tuple[str, ...]) -> str:
    """UPDATE some columns of the row with a key."""
    return f"UPDATE {quoted(table.name)} SET {_equal(changed, ', ')} WHERE {_equal(table.key)}"


@cache
def delete_text(table: Table[Any]) -> str:
    """DELETE the row with a key."""
    return f"DELETE FROM {quoted(table.name)} WHERE {_equal(table.key)}"


def scan_text(scan: Scan[Any]) -> str:
    """SELECT the rows of a scan; its parameters are `scan_values`."""
    absent = tuple(value is None for value in scan.equal)
    return _scan_text(scan.index, absent, scan.low is not None, scan.high is not None, scan.reverse)


def scan_values(scan: Scan[Any]) -> list[Any]:
    """The parameters of `scan_text`. A negative limit means none in SQLite."""
    present = [value for value in (*scan.equal, scan.low, scan.high) if value is not None]
    return [*present, -1 if scan.limit is None else scan.limit]


@cache
def _scan_text(index: Index[Any], absent: tuple[bool, ...], low: bool, high: bool, reverse: bool) -> str:
    table = table_of(index)
    columns = _list(codec_of(table).names)
    direction = " DESC" if reverse else ""
    order = ", ".join(quoted(name) + direction for name in order_of(index))
    where = _where(index, absent, low=low, high=high)
    return f"SELECT {columns} FROM {quoted(table.name)}{where} ORDER BY {order} LIMIT ?"


def count_text(scan: Scan[Any]) -> str:
    """COUNT the rows of a scan without bounds; its parameters are the values that are not None."""
    return _count_text(scan.index, tuple(value is None for value in scan.equal))


@cache
def _count_text(index: Index[Any], absent: tuple[bool, ...]) -> str:
    where = _where(index, absent, low=False, high=False)
    return f"SELECT count(*) FROM {quoted(index.table)}{where}"


def _where(index: Index[Any], absent: tuple[bool, ...], *, low: bool, high: bool) -> str:
    names = [quoted(name) for name in index.columns]
    terms = [f"{name} IS NULL" if none else f"{name} = ?" for name, none in zip(names, absent, strict=False)]
    if low:
        terms.append(f"{names[len(absent)]} >= ?")
    if high:
        terms.append(f"{names[len(absent)]} <= ?")
    return " WHERE " + " AND ".join(terms) if terms else ""


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(quoted(name) for name in names)


def _equal(names: tuple[str, ...], between: str = " AND ") -> str:
    return between.join(f"{quoted(name)} = ?" for name in names)
