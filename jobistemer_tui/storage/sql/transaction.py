"""Reads and writes over one connection that is inside a transaction, whatever the database."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cache
from typing import Any, ClassVar, Protocol, TypeVar

from jobistemer_tui.domain.records import Event
from jobistemer_tui.errors import StoreError
from jobistemer_tui.storage.codec import Row, codec_of
from jobistemer_tui.storage.scans import Scan, scan_of
from jobistemer_tui.storage.sql.memory import Known, Memory
from jobistemer_tui.storage.sql.statements import Statements
from jobistemer_tui.storage.tables import Index, Table, indexes_of, table_of

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
        return self._many(scan_of(index, equal, low=low, high=high, reverse=reverse, limit=limit))

    def scan_part(
        self,
        part: Table[R],
        index: Index[Any],
        *equal: Any,
        low: Any = None,
        high: Any = None,
        reverse: bool = False,
        limit: int | None = None,
    ) -> list[R]:
        scan = scan_of(index, equal, low=low, high=high, reverse=reverse, limit=limit)
        return self._decoded(part, self.statements.scan_text(scan, part), scan)

    def count(self, index: Index[Any], *equal: Any) -> int:
        return self._number(scan_of(index, equal))

    def _one(self, table: Table[R], key: Row) -> R | None:
        """The record with a key."""
        rows = self._rows(self.statements.get_text(table), key)
        return codec_of(table).decode(rows[0]) if rows else None

    def _many(self, scan: Scan[R]) -> list[R]:
        return self._decoded(table_of(scan.index), self.statements.scan_text(scan), scan)

    def _decoded(self, table: Table[R], text: str, scan: Scan[Any]) -> list[R]:
        decode = codec_of(table).decode
        return [decode(row) for row in self._rows(text, self.statements.scan_values(scan))]

    def _number(self, scan: Scan[Any]) -> int:
        return int(self._rows(self.statements.count_text(scan), present(scan))[0][0])

    @abstractmethod
    def _rows(self, text: str, values: Sequence[Any]) -> list[Row]:
        """The rows of a SELECT. Raises StoreError."""


class SqlTransaction(SqlReader):
    """See `contract.Transaction`. What was read or written is in its `memory`, because each statement costs."""

    def __init__(self, memory: Memory | None = None) -> None:
        self.failure: StoreError | None = None
        self.has_written = False
        self._memory = memory or Memory()

    def insert(self, table: Table[R], record: R) -> bool:
        row = self._encode(table, record)
        inserted = self._run(self.statements.insert_text(table), row).rowcount == 1
        if inserted:
            self._wrote(table, None, row)
        return inserted

    def replace(self, table: Table[R], old: R, new: R) -> bool:
        """Only columns that change are written, which spares the other indexes."""
        codec = codec_of(table)
        after = self._encode(table, new)
        key = codec.key_of(after)
        if key != codec.encode_some(old, table.key):
            raise ValueError(f"a replacement keeps the key of its {table.name}")
        before = self._find(table, key).row
        if before is None or codec.encode_some(old, table.guard) != codec.some_of(before, table.guard):
            return False
        changed = [place for place, (value, stored) in enumerate(zip(after, before, strict=True)) if value != stored]
        if changed:
            names = tuple([codec.names[place] for place in changed])
            write = self._run if constrained(table).intersection(names) else self._send
            write(self.statements.update_text(table, names), (*[after[place] for place in changed], *key))
            self._wrote(table, before, after)
        return True

    def delete(self, table: Table[Any], *key: Any) -> bool:
        values = codec_of(table).encode_key(key)
        self.has_written = True
        known = self._memory.rows.pop((table.name, values), None)
        if known is None or known.row is None:
            self._memory.forget(table)
        else:
            self._memory.wrote(table, known.row, None)
        return self._run(self.statements.delete_text(table), values).rowcount == 1

    @abstractmethod
    def append(self, event: Event) -> int:
        """See `contract.Transaction`."""

    def finish(self) -> None:
        """Refuse any further use."""
        self.failure = self.failure or StoreError("a transaction was used after its end")

    def _one(self, table: Table[R], key: Row) -> R | None:
        return self._record(table, self._find(table, key))

    def _many(self, scan: Scan[R]) -> list[R]:
        table, answers, question = self._asked(scan, self.statements.scan_text(scan), self.statements.scan_values(scan))
        if question not in answers:
            answers[question] = self._memory.seen(table, self._rows(*question))
        known = self._memory.rows
        found = [self._record(table, known[table.name, key]) for key in answers[question]]
        return [record for record in found if record is not None]

    def _number(self, scan: Scan[Any]) -> int:
        _, answers, question = self._asked(scan, self.statements.count_text(scan), present(scan))
        if question not in answers:
            answers[question] = int(self._rows(*question)[0][0])
        number: int = answers[question]
        return number

    def _find(self, table: Table[Any], key: Row) -> Known:
        if self.failure is not None:
            raise self.failure
        known = self._memory.rows.get((table.name, key))
        if known is None:
            rows = self._rows(self.statements.get_text(table), key)
            known = self._memory.rows[table.name, key] = Known(rows[0] if rows else None)
        return known

    def _record(self, table: Table[R], known: Known) -> R | None:
        if known.record is None and known.row is not None:
            known.record = codec_of(table).decode(known.row)
        found: R | None = known.record
        return found

    def _asked(
        self, scan: Scan[R], text: str, values: Sequence[Any]
    ) -> tuple[Table[R], dict[tuple[str, Row], Any], tuple[str, Row]]:
        """The table, what is known of the rows with the scan's values, and this question."""
        if self.failure is not None:
            raise self.failure
        return table_of(scan.index), self._memory.answers(scan.index, scan.equal), (text, tuple(values))

    def _wrote(self, table: Table[Any], old: Row | None, new: Row) -> None:
        self.has_written = True
        self._memory.wrote(table, old, new)

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


def present(scan: Scan[Any]) -> list[Any]:
    """The parameters of `Statements.count_text`."""
    return [value for value in scan.equal if value is not None]


@cache
def constrained(table: Table[Any]) -> frozenset[str]:
    """The columns that a constraint looks at: of unique indexes, and those that name a parent."""
    unique = (index.columns for index in indexes_of(table) if index.unique)
    return frozenset({*table.parents, *(name for columns in unique for name in columns)})
