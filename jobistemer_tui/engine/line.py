"""Who is next: the rows that wait for a slot or for their group, highest priority and longest wait first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from heapq import merge
from uuid import UUID

from jobistemer_tui.domain.records import Occurrence
from jobistemer_tui.domain.states import OccurrenceState
from jobistemer_tui.engine.transactions.groups import is_in_line, room_in
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import GROUPS_BY_NAME, OCCURRENCES_BY_GROUP, OCCURRENCES_BY_RANK


def place_in_line(row: Occurrence) -> tuple[int, datetime, UUID]:
    """What decides who comes first among all jobs: priority, then time."""
    return row.rank, row.due_at, row.id


def next_in_line(reader: Reader, now: datetime, *, wanted: Callable[[Occurrence], bool], most: int) -> list[Occurrence]:
    """At most `most` wanted rows that may be claimed now, in the order of the line.

    One whose group is full is passed over, so that it keeps no other job waiting.
    """
    found: list[Occurrence] = []
    rooms = _Rooms(reader)
    rows = merge(_pending(reader, now, most), _queued(reader, now, rooms), key=place_in_line) if most > 0 else iter(())
    for row in rows:
        if wanted(row) and rooms.take(row):
            found.append(row)
            if len(found) == most:
                break
    return found


class _Rooms:
    """How many more of each group may start, counted once and then down."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._rooms: dict[str, int] = {}

    def of(self, name: str) -> int:
        """The room that is left in a group."""
        if name not in self._rooms:
            self._rooms[name] = room_in(self._reader, name)
        return self._rooms[name]

    def take(self, row: Occurrence) -> bool:
        """Take a place for a row; False if its group has none."""
        if row.group_name is None or row.forced:
            return True
        if self.of(row.group_name) <= 0:
            return False
        self._rooms[row.group_name] -= 1
        return True


def _pending(reader: Reader, now: datetime, most: int) -> Iterator[Occurrence]:
    """What is due and pending, rank by rank, so that those that are not due yet are never read."""
    rank: int | None = None
    while first := reader.scan(OCCURRENCES_BY_RANK, OccurrenceState.PENDING, low=rank, limit=1):
        yield from _of_rank(reader, now, first[0].rank, most)
        rank = first[0].rank + 1


def _of_rank(reader: Reader, now: datetime, rank: int, limit: int) -> Iterator[Occurrence]:
    seen = 0
    while True:
        rows = reader.scan(OCCURRENCES_BY_RANK, OccurrenceState.PENDING, rank, high=now, limit=limit)
        yield from rows[seen:]
        if len(rows) < limit:
            return
        seen, limit = limit, 2 * limit


def _queued(reader: Reader, now: datetime, rooms: _Rooms) -> list[Occurrence]:
    """What is queued for a group that has room; nothing is looked at while nothing is queued."""
    if not reader.scan(OCCURRENCES_BY_RANK, OccurrenceState.QUEUED, limit=1):
        return []
    rows = [
        row
        for group in reader.scan(GROUPS_BY_NAME)
        if rooms.of(group.name) > 0
        for row in reader.scan(OCCURRENCES_BY_GROUP, group.name, OccurrenceState.QUEUED, high=now)
        if is_in_line(row)
    ]
    return sorted(rows, key=place_in_line)
