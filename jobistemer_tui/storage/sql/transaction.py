"""Reads and writes over one connection that is inside a transaction, whatever the database."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, ClassVar, Protocol, TypeVar

from jobistemer_tui.domain.records import Event
from jobistemer_tui.errors import StoreError
from jobistemer_tui.storage.codec import Row, codec_of
from jobistemer_tui.storage.scans import scan_of
from jobistemer_tui.storage.sql.statements import Statements
from jobistemer_tui.storage.tables import Index, Table, indexes_of, order_of, table_of

R = TypeVar("R")


class Answer(Protocol):
    """What a driver's cursor knows of a statement."""

    @property
    def rowcount(self) -> int:
        """How many rows it touched."""


class SqlReader(ABC):
    """See `contract.Reader`."""

    statements: ClassVar[Statements]

    def get(self, table: Table[R], *key: Any) -> R | None:
        return self._one(table, codec_of(table).encode_key(key))

    def scan(
        self,
        index: Index[R],
        *equal: Any,
        low: Any = None,
        high: Any = None,
        reverse: bool = False,
        limit: int | None = None,
    ) -> list[R]:
        scan = scan_of(index, equal, low=low, high=high, reverse=reverse, limit=limit)
        return self._many(index, self.statements.scan_text(scan), self.statements.scan_values(scan))

    def count(self, index: Index[Any], *equal: Any) -> int:
        scan = scan_of(index, equal)
        values = [value for value in scan.equal if value is not None]
        return self._number(index, self.statements.count_text(scan), values)

    def _one(self, table: Table[R], key: Row) -> R | None:
        """The record with a key."""
        rows = self._rows(self.statements.get_text(table), key)
        return codec_of(table).decode(rows[0]) if rows else None

    def _many(self, index: Index[R], text: str, values: Sequence[Any]) -> list[R]:
        """The records that a statement over an index gives."""
        decode = codec_of(table_of(index)).decode
        return [decode(row) for row in self._rows(text, values)]

    def _number(self, index: Index[Any], text: str, values: Sequence[Any]) -> int:
        """The number that a statement over an index gives."""
        return int(self._rows(text, values)[0][0])

    @abstractmethod
    def _rows(self, text: str, values: Sequence[Any]) -> list[Row]:
        """The rows of a SELECT. Raises StoreError."""


class _Known:
    """A row as it is stored now, and its record if anybody has asked for it."""

    __slots__ = ("record", "row")

    def __init__(self, row: Row) -> None:
        self.row = row
        self.record: Any = None


class SqlTransaction(SqlReader):
    """See `contract.Transaction`.

    It remembers the rows it has read and written, and the answers over indexes that no write has touched since: nobody
    else writes meanwhile, and each statement costs a good part of a transaction.
    """

    def __init__(self) -> None:
        self.failure: StoreError | None = None
        self.has_written = False
        self._known: dict[tuple[str, Row], _Known] = {}
        self._answers: dict[str, dict[tuple[Index[Any], str, Row], Any]] = {}

    def insert(self, table: Table[R], record: R) -> bool:
        row = self._encode(table, record)
        inserted = self._run(self.statements.insert_text(table), row).rowcount == 1
        if inserted:
            self._wrote(table)
            self._known[table.name, codec_of(table).key_of(row)] = _Known(row)
        return inserted

    def replace(self, table: Table[R], old: R, new: R) -> bool:
        """Only columns that change are written, which spares the other indexes."""
        codec = codec_of(table)
        after = self._encode(table, new)
        key = codec.key_of(after)
        if key != codec.encode_some(old, table.key):
            raise ValueError(f"a replacement keeps the key of its {table.name}")
        known = self._find(table, key)
        if known is None or codec.encode_some(old, table.guard) != codec.some_of(known.row, table.guard):
            return False
        changed = [place for place, (value, stored) in enumerate(zip(after, known.row, strict=True)) if value != stored]
        if changed:
            names = tuple([codec.names[place] for place in changed])
            write = self._run if constrained(table).intersection(names) else self._send
            write(self.statements.update_text(table, names), (*[after[place] for place in changed], *key))
            self._wrote(table, names)
            self._known[table.name, key] = _Known(after)
        return True

    def delete(self, table: Table[Any], *key: Any) -> bool:
        values = codec_of(table).encode_key(key)
        self._wrote(table)
        self._known.pop((table.name, values), None)
        return self._run(self.statements.delete_text(table), values).rowcount == 1

    @abstractmethod
    def append(self, event: Event) -> int:
        """See `contract.Transaction`."""

    def finish(self) -> None:
        """Refuse any further use."""
        self.failure = self.failure or StoreError("a transaction was used after its end")

    def _one(self, table: Table[R], key: Row) -> R | None:
        known = self._find(table, key)
        return None if known is None else self._record(table, known)

    def _many(self, index: Index[R], text: str, values: Sequence[Any]) -> list[R]:
        answers, question = self._asked(index, text, values)
        if question not in answers:
            answers[question] = self._seen(table_of(index), self._rows(text, values))
        table, known = table_of(index), self._known
        return [self._record(table, known[table.name, key]) for key in answers[question]]

    def _number(self, index: Index[Any], text: str, values: Sequence[Any]) -> int:
        answers, question = self._asked(index, text, values)
        if question not in answers:
            answers[question] = int(self._rows(text, values)[0][0])
        number: int = answers[question]
        return number

    def _find(self, table: Table[Any], key: Row) -> _Known | None:
        if self.failure is not None:
            raise self.failure
        known = self._known.get((table.name, key))
        if known is None and (rows := self._rows(self.statements.get_text(table), key)):
            known = self._known[table.name, key] = _Known(rows[0])
        return known

    def _record(self, table: Table[R], known: _Known) -> R:
        if known.record is None:
            known.record = codec_of(table).decode(known.row)
        found: R = known.record
        return found

    def _asked(
        self, index: Index[Any], text: str, values: Sequence[Any]
    ) -> tuple[dict[tuple[Index[Any], str, Row], Any], tuple[Index[Any], str, Row]]:
        """What has been answered about the index's table, and this question."""
        if self.failure is not None:
            raise self.failure
        return self._answers.setdefault(index.table, {}), (index, text, tuple(values))

    def _seen(self, table: Table[Any], rows: list[Row]) -> list[Row]:
        """The keys of rows that were read, which are known from now on."""
        key_of, known = codec_of(table).key_of, self._known
        keys = [key_of(row) for row in rows]
        for key, row in zip(keys, rows, strict=True):
            known.setdefault((table.name, key), _Known(row))
        return keys

    def _wrote(self, table: Table[Any], changed: Iterable[str] | None = None) -> None:
        """What was answered about the table is true no more; where columns were changed, over indexes with these."""
        self.has_written = True
        answers = self._answers.pop(table.name, None)
        if answers and changed is not None:
            touched = set(changed)
            kept = {
                question: answer for question, answer in answers.items() if touched.isdisjoint(order_of(question[0]))
            }
            self._answers[table.name] = kept

    def _encode(self, table: Table[R], record: R) -> Row:
        try:
            return codec_of(table).encode(record)
        except StoreError as error:
            self.failure = error
            raise

    @abstractmethod
    def _run(self, text: str, values: Sequence[Any]) -> Answer:
        """Execute a statement inside the transaction; what goes wrong is kept as `failure`. Raises StoreError."""

    def _send(self, text: str, values: Sequence[Any]) -> None:
        """Execute a statement that no constraint can refuse: nobody waits for its answer before the next one's."""
        self._run(text, values)


@cache
def constrained(table: Table[Any]) -> frozenset[str]:
    """The columns that a constraint looks at: of unique indexes, and those that name a parent."""
    unique = (index.columns for index in indexes_of(table) if index.unique)
    return frozenset({*table.parents, *(name for columns in unique for name in columns)})
