"""Reads and writes over one connection that is inside a transaction, whatever the database."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Protocol, TypeVar

from jobistemer_tui.domain.records import Event
from jobistemer_tui.errors import StoreError
from jobistemer_tui.storage.codec import Row, codec_of
from jobistemer_tui.storage.scans import scan_of
from jobistemer_tui.storage.sql.statements import Statements
from jobistemer_tui.storage.tables import Index, Table, table_of

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
        codec = codec_of(table)
        row = self._stored(table, codec.encode_key(key))
        return None if row is None else codec.decode(row)

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
        table = table_of(index)
        rows = self._ask(table, self.statements.scan_text(scan), self.statements.scan_values(scan))
        decode = codec_of(table).decode
        return [decode(row) for row in self._noted(table, rows)]

    def count(self, index: Index[Any], *equal: Any) -> int:
        scan = scan_of(index, equal)
        values = [value for value in scan.equal if value is not None]
        return int(self._ask(table_of(index), self.statements.count_text(scan), values)[0][0])

    def _stored(self, table: Table[Any], key: Row) -> Row | None:
        rows = self._rows(self.statements.get_text(table), key)
        return rows[0] if rows else None

    def _noted(self, table: Table[Any], rows: list[Row]) -> list[Row]:
        """These rows, which were read or written."""
        return rows

    def _ask(self, table: Table[Any], text: str, values: Sequence[Any]) -> list[Row]:
        """The answer to a question about a table."""
        return self._rows(text, values)

    @abstractmethod
    def _rows(self, text: str, values: Sequence[Any]) -> list[Row]:
        """The rows of a SELECT. Raises StoreError."""


class SqlTransaction(SqlReader):
    """See `contract.Transaction`.

    It remembers the rows it has read and written, and the answers about tables that it has not written since: nobody
    else writes meanwhile, and each statement costs a good part of a transaction.
    """

    def __init__(self) -> None:
        self.failure: StoreError | None = None
        self._known: dict[tuple[str, Row], Row] = {}
        self._answers: dict[str, dict[tuple[str, Row], list[Row]]] = {}

    def insert(self, table: Table[R], record: R) -> bool:
        row = self._encode(table, record)
        inserted = self._run(self.statements.insert_text(table), row).rowcount == 1
        if inserted:
            self._wrote(table)
            self._noted(table, [row])
        return inserted

    def replace(self, table: Table[R], old: R, new: R) -> bool:
        """Only columns that change are written, which spares the other indexes."""
        codec = codec_of(table)
        before, after = self._encode(table, old), self._encode(table, new)
        key = tuple(before[codec.places[name]] for name in table.key)
        if key != tuple(after[codec.places[name]] for name in table.key):
            raise ValueError(f"a replacement keeps the key of its {table.name}")
        stored = self._stored(table, key)
        guards = [codec.places[name] for name in table.guard]
        if stored is None or any(stored[place] != before[place] for place in guards):
            return False
        changed = [place for place, value in enumerate(after) if value != stored[place]]
        if changed:
            text = self.statements.update_text(table, tuple(codec.names[place] for place in changed))
            self._run(text, (*(after[place] for place in changed), *key))
            self._wrote(table)
            self._known[table.name, key] = after
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

    def _stored(self, table: Table[Any], key: Row) -> Row | None:
        if self.failure is not None:
            raise self.failure
        known = self._known.get((table.name, key))
        if known is None and (known := super()._stored(table, key)) is not None:
            self._known[table.name, key] = known
        return known

    def _ask(self, table: Table[Any], text: str, values: Sequence[Any]) -> list[Row]:
        if self.failure is not None:
            raise self.failure
        answers = self._answers.setdefault(table.name, {})
        question = text, tuple(values)
        if question not in answers:
            answers[question] = self._rows(text, values)
        return answers[question]

    def _wrote(self, table: Table[Any]) -> None:
        """What was answered about the table is true no more."""
        self._answers.pop(table.name, None)

    def _noted(self, table: Table[Any], rows: list[Row]) -> list[Row]:
        key_of = codec_of(table).key_of
        self._known.update(((table.name, key_of(row)), row) for row in rows)
        return rows

    def _encode(self, table: Table[R], record: R) -> Row:
        try:
            return codec_of(table).encode(record)
        except StoreError as error:
            self.failure = error
            raise

    @abstractmethod
    def _run(self, text: str, values: Sequence[Any]) -> Answer:
        """Execute a statement inside the transaction; what goes wrong is kept as `failure`. Raises StoreError."""
