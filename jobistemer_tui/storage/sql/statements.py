"""The texts of all statements, made from `tables` once; values are always parameters."""

from __future__ import annotations

from functools import cache
from typing import Any

from jobistemer_tui.storage.codec import codec_of
from jobistemer_tui.storage.scans import Scan
from jobistemer_tui.storage.tables import EVENTS, Index, Table, order_of, table_of


class Statements:
    """The texts for one database. Each is made once.

    `mark` stands for a parameter. `no_limit` is the value that LIMIT takes for none. `nulls_last`: the database sorts
    NULL behind every value unless it is told otherwise.
    """

    def __init__(self, *, mark: str, no_limit: int | None, nulls_last: bool) -> None:
        self._mark = mark
        self._no_limit = no_limit
        self._nulls_last = nulls_last
        # One cache for each object, and the quickest there is: these are asked for with every statement.
        self.get_text = cache(self._get_text)
        self.insert_text = cache(self._insert_text)
        self.update_text = cache(self._update_text)
        self.delete_text = cache(self._delete_text)
        self._scan = cache(self._scan_text)
        self._count = cache(self._count_text)
        self.append_text = self._append_text()

    def scan_text(self, scan: Scan[Any], part: Table[Any] | None = None) -> str:
        """SELECT the rows of a scan, or a part of their columns; its parameters are `scan_values`."""
        absent = tuple(value is None for value in scan.equal)
        return self._scan(part, scan.index, absent, scan.low is not None, scan.high is not None, scan.reverse)

    def scan_values(self, scan: Scan[Any]) -> list[Any]:
        """The parameters of `scan_text`."""
        present = [value for value in (*scan.equal, scan.low, scan.high) if value is not None]
        return [*present, self._no_limit if scan.limit is None else scan.limit]

    def count_text(self, scan: Scan[Any]) -> str:
        """COUNT the rows of a scan without bounds; its parameters are the values that are not None."""
        return self._count(scan.index, tuple(value is None for value in scan.equal))

    def _get_text(self, table: Table[Any]) -> str:
        """SELECT the row with a key."""
        return f"SELECT {_list(codec_of(table).names)} FROM {quoted(table.name)} WHERE {self._equal(table.key)}"

    def _insert_text(self, table: Table[Any]) -> str:
        """INSERT a row unless its key is taken."""
        return f"{self._insert(table, codec_of(table).names)} ON CONFLICT ({_list(table.key)}) DO NOTHING"

    def _append_text(self) -> str:
        """INSERT an event without its sequence, which the table gives."""
        return self._insert(EVENTS, event_columns())

    def _update_text(self, table: Table[Any], changed: tuple[str, ...]) -> str:
        """UPDATE some columns of the row with a key."""
        return f"UPDATE {quoted(table.name)} SET {self._equal(changed, ', ')} WHERE {self._equal(table.key)}"

    def _delete_text(self, table: Table[Any]) -> str:
        """DELETE the row with a key."""
        return f"DELETE FROM {quoted(table.name)} WHERE {self._equal(table.key)}"

    def _scan_text(
        self, part: Table[Any] | None, index: Index[Any], absent: tuple[bool, ...], low: bool, high: bool, reverse: bool
    ) -> str:
        table = table_of(index)
        where = self._where(index, absent, low=low, high=high)
        order = ", ".join(self.order_term(table, name, reverse=reverse) for name in order_of(index))
        columns = _list(codec_of(part or table).names)
        return f"SELECT {columns} FROM {quoted(table.name)}{where} ORDER BY {order} LIMIT {self._mark}"

    def order_term(self, table: Table[Any], name: str, *, reverse: bool = False) -> str:
        """A column in ORDER BY, or in an index that is to follow that order: None sorts before every value."""
        direction = " DESC" if reverse else ""
        if self._nulls_last and codec_of(table).by_name[name].optional:
            direction += " NULLS LAST" if reverse else " NULLS FIRST"
        return quoted(name) + direction

    def _count_text(self, index: Index[Any], absent: tuple[bool, ...]) -> str:
        where = self._where(index, absent, low=False, high=False)
        return f"SELECT count(*) FROM {quoted(index.table)}{where}"

    def _where(self, index: Index[Any], absent: tuple[bool, ...], *, low: bool, high: bool) -> str:
        names = [quoted(name) for name in index.columns]
        terms = [
            f"{name} IS NULL" if none else f"{name} = {self._mark}" for name, none in zip(names, absent, strict=False)
        ]
        if low:
            terms.append(f"{names[len(absent)]} >= {self._mark}")
        if high:
            terms.append(f"{names[len(absent)]} <= {self._mark}")
        return " WHERE " + " AND ".join(terms) if terms else ""

    def _insert(self, table: Table[Any], names: tuple[str, ...]) -> str:
        marks = ", ".join([self._mark] * len(names))
        return f"INSERT INTO {quoted(table.name)} ({_list(names)}) VALUES ({marks})"

    def _equal(self, names: tuple[str, ...], between: str = " AND ") -> str:
        return between.join(f"{quoted(name)} = {self._mark}" for name in names)


@cache
def event_columns() -> tuple[str, ...]:
    """The columns of an event but for its sequence."""
    return tuple(name for name in codec_of(EVENTS).names if name not in EVENTS.key)


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return f'"{name}"'


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(quoted(name) for name in names)
