"""Copies what another store lacks: nothing that is there is changed, so it can be repeated and histories merged."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import field, replace
from functools import partial
from itertools import chain, islice
from typing import Any
from uuid import UUID

from jobistemer_tui.domain.records import Event
from jobistemer_tui.domain.states import OccurrenceState
from jobistemer_tui.errors import Refused, StoreError, StoreUnavailable
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.storage.contract import Reader, Store, Transaction
from jobistemer_tui.storage.tables import (
    EVENTS,
    JOB_FILES,
    JOBS,
    NODES,
    NODES_BY_START,
    OCCURRENCES,
    Table,
)
from jobistemer_tui.storage.transfer.rows import (
    COPIED,
    Family,
    essence,
    events,
    is_moving,
    job_families,
    key_of,
    other_families,
    same,
)

BATCH = 50
"""Families, and events, in one transaction: the target's engine writes in between."""
MOST_CONFLICTS = 1000
"""So many are named; all are counted."""

Progress = Callable[[int], None]
"""Told the number of rows looked at so far."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A row that is there otherwise and was left as it is there."""

    table: str
    key: tuple[Any, ...]
    why: str


@dataclasses.dataclass(slots=True)
class Copied:
    """What a copy did: rows by table that were made, were there already, were brought up to date.

    `moving` is the number of runs and messages that were not taken along because they are not at rest.
    """

    made: Counter[str] = field(default_factory=Counter)
    there: Counter[str] = field(default_factory=Counter)
    updated: Counter[str] = field(default_factory=Counter)
    conflicts: list[Conflict] = field(default_factory=list)
    differing: int = 0
    moving: int = 0
    attempts: list[UUID] = field(default_factory=list)
    """The attempts whose rows are in the target now, for their output."""

    def add(self, other: Copied) -> None:
        """Count what another part did."""
        for mine, more in zip(
            (self.made, self.there, self.updated), (other.made, other.there, other.updated), strict=True
        ):
            mine.update(more)
        self.conflicts += other.conflicts[: MOST_CONFLICTS - len(self.conflicts)]
        self.differing += other.differing
        self.attempts += other.attempts

    @property
    def is_whole(self) -> bool:
        """Whether the target has everything now."""
        return not self.differing and not self.moving


def copy_store(source: Store, target: Store, *, served: bool, update: bool, progress: Progress) -> Copied:
    """Copy one state of `source` into `target`. `served`: an engine works with the source meanwhile.

    Each run goes with all that belongs to it in one transaction, so that a copy that is cut short leaves no half ones
    and is completed by repeating it. `update` brings rows that differ to the source's state, which only a target in
    which no engine has worked yet may want. The audit keeps its numbers where the target has none of its own.

    Raises Refused for one store as both, and for `update` of a target that has been served; StoreUnavailable.
    """
    if source.id == target.id:
        raise Refused("both are the same store", hint="name another one to copy to")

    def work(reader: Reader) -> Copied:
        if update and not _is_untouched(reader, target):
            raise Refused("an engine has worked in the store that is copied to", hint="copy without --update")
        copied = _copy_rows(reader, target, served=served, update=update, progress=progress)
        _copy_events(reader, target, copied, progress)
        return copied

    return source.read(work)


def _is_untouched(reader: Reader, target: Store) -> bool:
    """Whether every engine that the target knows of worked in the source."""
    nodes = target.read(lambda there: there.scan(NODES_BY_START))
    return all(reader.get(NODES, node.id) is not None for node in nodes)


def _copy_rows(reader: Reader, target: Store, *, served: bool, update: bool, progress: Progress) -> Copied:
    total, seen = Copied(), 0
    differing_jobs: set[UUID] = set()
    for batch in chain(_batches(job_families(reader)), _batches(other_families(reader))):
        wanted = [_at_rest(family, total, served=served) for family in batch if not _is_plan_of(family, differing_jobs)]
        for part in _written(target, wanted, update=update):
            total.add(part)
            differing_jobs |= {conflict.key[0] for conflict in part.conflicts if conflict.table == JOBS.name}
        seen += sum(len(family.rows) for family in batch)
        progress(seen)
    return total


def _at_rest(family: Family, total: Copied, *, served: bool) -> Family:
    """The rows of a family that can be taken along: none of a run that is moving."""
    moving = [row for row in family.rows if is_moving(*row, served=served)]
    total.moving += len(moving)
    if family.whole and moving:
        return Family((), whole=True)
    return Family(tuple(row for row in family.rows if row not in moving), whole=family.whole)


def _is_plan_of(family: Family, jobs: set[UUID]) -> bool:
    """Whether it is a plan for a job that the target has otherwise, hence plans itself."""
    table, row = family.rows[0]
    return table is OCCURRENCES and row.state is OccurrenceState.PLANNED and row.job_id in jobs


def _written(target: Store, batch: Sequence[Family], *, update: bool) -> Iterator[Copied]:
    """Write some families, or, if one of them does not fit into the target, each by itself."""
    try:
        yield target.write(partial(_put_all, batch, update))
        return
    except StoreUnavailable:
        raise
    except StoreError as error:
        if len(batch) == 1:
            table, row = batch[0].rows[0]
            yield Copied(differing=1, conflicts=[Conflict(table.name, key_of(table, row), error.message)])
            return
    for family in batch:
        yield from _written(target, [family], update=update)


def _put_all(batch: Sequence[Family], update: bool, transaction: Transaction) -> Copied:
    copied = Copied()
    for family in batch:
        for number, (table, row) in enumerate(family.rows):
            fits = _put(transaction, table, _as_new(table, row), copied, update=update)
            if not fits and family.whole and number == 0:
                break
    return copied


def _as_new(table: Table[Any], row: Any) -> Any:
    """A job file is read again by the target's engine: what followed from it there is not known here."""
    return replace(row, settled=None) if table is JOB_FILES else row


def _put(transaction: Transaction, table: Table[Any], row: Any, copied: Copied, *, update: bool) -> bool:
    """Insert a row if its key is free; False if another row has it."""
    if table.name == "attempt":
        copied.attempts.append(row.id)
    if transaction.insert(table, row):
        copied.made[table.name] += 1
        return True
    there = transaction.get(table, *key_of(table, row))
    if there is None or same(table, there, row):
        copied.there[table.name] += 1
        return True
    if update and transaction.replace(table, there, row):
        copied.updated[table.name] += 1
        return True
    copied.differing += 1
    copied.conflicts.append(Conflict(table.name, key_of(table, row), "it is there with other contents"))
    return False


def _copy_events(reader: Reader, target: Store, copied: Copied, progress: Progress) -> None:
    """The events that the target lacks: with their numbers if it has no others, else after its own."""
    there, keeps_numbers = target.read(lambda theirs: _known_events(reader, theirs))
    for batch in _batches(events(reader)):
        missing = []
        for event in batch:
            if there[essence(event)]:
                there[essence(event)] -= 1
                copied.there[EVENTS.name] += 1
            else:
                missing.append(event)
        target.write(partial(_add_events, missing, keeps_numbers))
        copied.made[EVENTS.name] += len(missing)
        progress(0)


def _known_events(mine: Reader, theirs: Reader) -> tuple[Counter[bytes], bool]:
    """What the target's audit says, by `essence`; and whether it says nothing but what ours says, in the same order."""
    there: Counter[bytes] = Counter()
    is_ours = True
    for event in events(theirs):
        there[essence(event)] += 1
        is_ours = is_ours and (event.kind == COPIED or mine.get(EVENTS, event.sequence) == event)
    return there, is_ours


def _add_events(missing: Sequence[Event], keeps_numbers: bool, transaction: Transaction) -> None:
    for event in missing:
        if not (keeps_numbers and transaction.insert(EVENTS, event)):
            transaction.append(event)


def _batches(items: Iterable[Any]) -> Iterator[list[Any]]:
    iterator = iter(items)
    while batch := list(islice(iterator, BATCH)):
        yield batch
