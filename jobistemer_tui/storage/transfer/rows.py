"""The rows of a store as families that belong together, parents first; and which rows mean the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields
from hashlib import blake2b
from typing import Any, Final

from jobistemer_tui.domain.records import UNSENT_NOTIFICATIONS, Event, GapState
from jobistemer_tui.domain.states import OWNED_OCCURRENCES, TERMINAL_OCCURRENCES
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.storage.codec import codec_of
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import (
    EVENTS,
    EVENTS_BY_SEQUENCE,
    HANDOVERS,
    JOB_GAPS,
    JOBS,
    JOBS_BY_KEY,
    NOTIFICATIONS,
    OCCURRENCES,
    OCCURRENCES_BY_ID,
    TABLES,
    Index,
    Table,
    children_of,
    indexes_of,
    table_of,
)

PAGE: Final = 500
COPIED: Final = "history_copied"
"""The kind of event that tells of a copy: nothing that happened in the history that was copied."""
_NOT_COMPARED: Final = {
    "job_version": {"published_at", "source_path", "source_line"},
    "concurrency_group": {"rev"},
    "job_file": {"settled", "read_at"},
    "event": {"sequence"},
}
"""What may differ between two rows that mean the same: when and where a definition was found, counters of a store."""

Placed = tuple[Table[Any], Any]
"""A row with its table."""


@dataclass(frozen=True, slots=True)
class Family:
    """A row and all that is below it, parents first. `whole`: where the first row differs, none of it is wanted."""

    rows: tuple[Placed, ...]
    whole: bool


def families(reader: Reader) -> Iterator[Family]:
    """Every row but the audit, page by page: jobs, then the rest."""
    yield from job_families(reader)
    yield from other_families(reader)


def job_families(reader: Reader) -> Iterator[Family]:
    """Each job with all that belongs to it but its runs."""
    for job in reader.scan(JOBS_BY_KEY):
        yield Family(tuple(below(reader, JOBS, job, without=OCCURRENCES)), whole=False)


def other_families(reader: Reader) -> Iterator[Family]:
    """Each run with all that belongs to it, and every row that belongs to nothing."""
    for occurrence in pages(reader, OCCURRENCES_BY_ID):
        yield Family(tuple(below(reader, OCCURRENCES, occurrence)), whole=True)
    for table in TABLES:
        if not table.parents and table not in (JOBS, EVENTS):
            yield from (Family(((table, row),), whole=True) for row in reader.scan(indexes_of(table)[0]))


def below(reader: Reader, table: Table[Any], row: Any, *, without: Table[Any] | None = None) -> Iterator[Placed]:
    """A row and the rows that refer to it, to these, and so on; each once, after what it refers to."""
    yield table, row
    for index in children_of(table):
        child = table_of(index)
        if child is not without and index.columns[0] == next(iter(child.parents)):
            for one in reader.scan(index, row.id):
                yield from below(reader, child, one)


def pages(reader: Reader, index: Index[Any]) -> Iterator[Any]:
    """All rows of an index over a single key column, never all of them at once."""
    (column,) = index.columns
    last: Any = None
    while True:
        page = reader.scan(index, low=last, limit=PAGE)
        yield from (row for row in page if getattr(row, column) != last)
        if len(page) < PAGE:
            return
        last = getattr(page[-1], column)


def is_moving(table: Table[Any], row: Any, *, served: bool) -> bool:
    """Whether a row is about to change, or would be acted on in two stores.

    What runs has a process that belongs to the store. What waits is decided by the engine that serves, if one does.
    """
    if table is OCCURRENCES:
        return row.state in OWNED_OCCURRENCES or (served and row.state not in TERMINAL_OCCURRENCES)
    if table is NOTIFICATIONS:
        return served and row.state in UNSENT_NOTIFICATIONS
    if table is JOB_GAPS:
        return served and row.state is GapState.HELD
    return served and table is HANDOVERS


def key_of(table: Table[Any], row: Any) -> tuple[Any, ...]:
    """The values of a row's key."""
    return tuple(getattr(row, name) for name in table.key)


def same(table: Table[Any], one: Any, other: Any) -> bool:
    """Whether two rows with the same key mean the same."""
    ignored = _NOT_COMPARED.get(table.name, set())
    return all(
        getattr(one, field.name) == getattr(other, field.name)
        for field in fields(table.record)
        if field.name not in ignored
    )


def essence(event: Event) -> bytes:
    """A hash of all that an event says, without its number: numbers belong to a store."""
    codec = codec_of(EVENTS)
    row = codec.encode(event)
    return blake2b(repr([row[codec.places[name]] for name in codec.names if name != "sequence"]).encode()).digest()[:16]


def events(reader: Reader) -> Iterable[Event]:
    """The audit in its order."""
    return pages(reader, EVENTS_BY_SEQUENCE)
