"""Whether one store has all that another one has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from jobistemer_tui.storage.contract import Reader, Store
from jobistemer_tui.storage.tables import EVENTS
from jobistemer_tui.storage.transfer.rows import COPIED, Placed, essence, events, families, key_of, same

MOST_NAMED = 1000
"""So many differences are named; all are counted."""


@dataclass(slots=True)
class Compared:
    """Rows by table: in both and the same, only here, only there, in both with other contents."""

    same: Counter[str] = field(default_factory=Counter)
    only_here: Counter[str] = field(default_factory=Counter)
    only_there: Counter[str] = field(default_factory=Counter)
    differing: Counter[str] = field(default_factory=Counter)
    named: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)
    """Table and key of rows that are only here or differ."""

    @property
    def contained(self) -> bool:
        """Whether everything here is there, with the same contents."""
        return not self.only_here.total() and not self.differing.total()

    @property
    def equal(self) -> bool:
        """Whether neither has anything that the other lacks."""
        return self.contained and not self.only_there.total()


def compare_stores(here: Store, there: Store) -> Compared:
    """Compare one state of each, row by row; see `transfer.rows.same` for what counts as the same."""
    return here.read(lambda mine: there.read(lambda theirs: _compare(mine, theirs)))


def _compare(mine: Reader, theirs: Reader) -> Compared:
    compared = Compared()
    for table, row in _rows(mine):
        other = theirs.get(table, *key_of(table, row))
        if other is None:
            compared.only_here[table.name] += 1
        elif same(table, row, other):
            compared.same[table.name] += 1
        else:
            compared.differing[table.name] += 1
        if (other is None or not same(table, row, other)) and len(compared.named) < MOST_NAMED:
            compared.named.append((table.name, key_of(table, row)))
    for table, row in _rows(theirs):
        if mine.get(table, *key_of(table, row)) is None:
            compared.only_there[table.name] += 1
    _compare_events(mine, theirs, compared)
    return compared


def _rows(reader: Reader) -> Iterator[Placed]:
    """Every row but the audit."""
    return (row for family in families(reader) for row in family.rows)


def _compare_events(mine: Reader, theirs: Reader, compared: Compared) -> None:
    counts, others = (
        Counter(essence(event) for event in events(reader) if event.kind != COPIED) for reader in (mine, theirs)
    )
    compared.same[EVENTS.name] = (counts & others).total()
    compared.only_here[EVENTS.name] = (counts - others).total()
    compared.only_there[EVENTS.name] = (others - counts).total()
