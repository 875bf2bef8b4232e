"""Pure: which runs of a job are no longer kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from jobistemer_tui.domain.policies import Keep
from jobistemer_tui.domain.records import Occurrence
from jobistemer_tui.domain.states import TERMINAL_OCCURRENCES, OccurrenceState
from jobistemer_tui.settings.quick_dataclass import dataclass

FAILED_FACTOR = 2
"""Failed runs are kept so many times as long, as many and as large."""
LEAST_AGE = timedelta(hours=1)
"""What ended later than this is kept whatever is set: its id is what a clock that is set back meets again."""


class Kind(StrEnum):
    """What is counted apart: runs that succeeded, that failed, and that never ran to their end."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    OTHER = "other"


_KINDS = {
    OccurrenceState.COMPLETED: Kind.SUCCEEDED,
    OccurrenceState.COMPLETED_WITH_ERRORS: Kind.FAILED,
    OccurrenceState.FAILED: Kind.FAILED,
    OccurrenceState.FAILED_STALE: Kind.FAILED,
}


@dataclass(frozen=True, slots=True)
class Family:
    """An occurrence and all its replays, which are kept or go together: a number of a replay must not come again.

    `size` is what their logs hold, in bytes.
    """

    rows: tuple[Occurrence, ...]
    size: int = 0

    @property
    def is_closed(self) -> bool:
        """Whether all of them have ended and none is pinned."""
        return all(row.state in TERMINAL_OCCURRENCES and not row.pinned for row in self.rows)

    @property
    def ended_at(self) -> datetime:
        """When the last of them ended."""
        return max(row.finished_at or row.created_at for row in self.rows)

    @property
    def kind(self) -> Kind:
        """Failed if any of them is, else succeeded if any is."""
        kinds = {_KINDS.get(row.state, Kind.OTHER) for row in self.rows}
        return next(kind for kind in (Kind.FAILED, Kind.SUCCEEDED, Kind.OTHER) if kind in kinds)


def families(rows: Iterable[Occurrence]) -> list[tuple[Occurrence, ...]]:
    """The rows of a job by what they are replays of in the end; a replay of something that is gone stands alone."""
    by_id = {row.id: row for row in rows}
    found: dict[UUID, list[Occurrence]] = defaultdict(list)
    for row in by_id.values():
        root = row
        while root.replay_of is not None and root.replay_of in by_id:
            root = by_id[root.replay_of]
        found[root.id].append(row)
    return [tuple(members) for members in found.values()]


def expendable(found: Sequence[Family], keep: Keep, now: datetime) -> list[Family]:
    """The closed families that are older, more or larger than is kept, the oldest first.

    All that ended within LEAST_AGE are kept, and of each kind the newest: no older than `keep.age`, not more than
    `keep.runs`, not more than `keep.size` together, failed ones twice that. What is open or pinned is kept and counts.
    A family of which one run is among the newest stays whole, and the newest is never too large.
    """
    return [family for at, family in _leaving(found, keep) if at < now]


def goes_next(found: Sequence[Family], keep: Keep, now: datetime) -> datetime | None:
    """When the first of those that are kept now is kept no longer; None if none ever is."""
    return min((at for at, _ in _leaving(found, keep) if at >= now), default=None)


def _leaving(found: Sequence[Family], keep: Keep) -> list[tuple[datetime, Family]]:
    """The closed families that are not kept for ever, the oldest first, and until when each is."""
    leaving: list[tuple[datetime, Family]] = []
    runs, size = dict.fromkeys(Kind, 0), dict.fromkeys(Kind, 0)
    for family in sorted(found, key=lambda one: one.ended_at, reverse=True):
        kind = family.kind
        newer = runs[kind]
        runs[kind] += len(family.rows)
        size[kind] += family.size
        age = _age(keep, kind, newer, size[kind])
        if family.is_closed and age is not None:
            leaving.append((family.ended_at + max(age, LEAST_AGE), family))
    return leaving[::-1]


def _age(keep: Keep, kind: Kind, newer: int, size: int) -> timedelta | None:
    """How old a family may get that has `newer` runs before it, and `size` with them; None: as old as it likes."""
    factor = FAILED_FACTOR if kind is Kind.FAILED else 1
    too_many = keep.runs is not None and newer >= keep.runs * factor
    too_large = keep.size is not None and newer > 0 and size > keep.size * factor
    if too_many or too_large:
        return timedelta(0)
    return None if keep.age is None else timedelta(seconds=keep.age * factor)
