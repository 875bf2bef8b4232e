"""What every schedule can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

from jobistemer_tui.settings.quick_dataclass import dataclass

Effect = Literal["moved", "dropped", "doubled"]
Covers = Callable[[datetime], datetime | None]
"""Up to where an exclusion covers everything from an instant on; None if it does not cover that."""
MOST_LEFT_OUT = 20_000
"""How many excluded stretches in a row are looked through for an instant that runs."""

_EARLIEST = datetime(1000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_LATEST = _EARLIEST.replace(9998)


@dataclass(frozen=True, slots=True)
class ClockEffect:
    """What a change of the clock does to one scheduled wall time.

    `moved`: it does not exist and runs at `instant`, the first after the gap. `dropped`: it does not run, at `instant`
    (aware UTC), where its second pass or the end of its gap is. `doubled`: it runs a second time, at `instant`.
    """

    instant: datetime
    wall: datetime
    effect: Effect


@dataclass(frozen=True, slots=True)
class Slot:
    """One instant that a schedule names: one that runs (`passed_over` None), or one that a rule leaves out.

    `instant` is aware UTC. `why` says for people which rule. It starts at most `jitter` later.
    """

    instant: datetime
    passed_over: Literal["excluded", "dst"] | None = None
    why: str = ""
    jitter: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Follow:
    """What brings a run about other than the clock: each of `jobs` (names) has ended in one of the outcomes `on`."""

    jobs: tuple[str, ...]
    on: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hint:
    """A sentence about what is valid but may not be what its author means.

    It is about the character at `position` (0-based) of the expression `text`, or about all of it where that is None.
    """

    message: str
    text: str = ""
    position: int | None = None


class Schedule(ABC):
    """A set of instants. Immutable, hashable, equal when it means the same text in the same zone."""

    __slots__ = ()

    @abstractmethod
    def next_after(self, instant: datetime) -> datetime | None:
        """The first instant strictly after `instant` (aware), as aware UTC; None when there is none.

        Raises ValueError for a naive `instant`, ScheduleError when the schedule still lacks its anchor.
        """

    @abstractmethod
    def describe(self) -> str:
        """The schedule in plain English, without a full stop."""

    def between(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """The instants after `start` up to and including `end`, in order and computed as they are asked for."""
        instant = self.next_after(start)
        while instant is not None and instant <= end:
            yield instant
            instant = self.next_after(instant)

    def count_between(self, start: datetime, end: datetime) -> int | None:
        """How many instants lie after `start` up to and including `end`, if that can be told without walking them."""
        return None

    def slots_after(self, instant: datetime) -> Iterator[Slot]:
        """The slots strictly after `instant` (aware), in order, each instant once, computed as they are asked for."""
        following = self.next_after(instant)
        while following is not None:
            yield Slot(following)
            following = self.next_after(following)

    def slot_at(self, instant: datetime) -> Slot | None:
        """The slot of exactly that instant (aware); None if the schedule does not name it."""
        slot = next(self.slots_after(just_before(instant)), None)
        return slot if slot is not None and slot.instant == instant else None

    @property
    def has_jitter(self) -> bool:
        """Whether a slot may have a jitter."""
        return False

    @property
    def only_instant(self) -> datetime | None:
        """The instant (aware UTC) of a schedule that has exactly one, past or to come; None for any other."""
        return None

    @property
    def waits_for_boot(self) -> bool:
        """Whether it falls due at starts of the machine."""
        return False

    @property
    def follows(self) -> tuple[Follow, ...]:
        """The ends of other jobs at which it falls due; each brings a run of its own."""
        return ()

    @property
    def is_never_over(self) -> bool:
        """Whether it may fall due again although no instant is to come."""
        return self.waits_for_boot or bool(self.follows)

    def with_boots(self, boots: Sequence[datetime]) -> Schedule:
        """The same schedule with the known starts of this machine (aware UTC)."""
        return self

    def is_active_at(self, instant: datetime) -> bool:
        """Whether `instant` (aware) lies inside its window from start to end."""
        return True

    def clock_effects(self, start: datetime, end: datetime) -> Iterator[ClockEffect]:
        """What clock changes move, drop or double to an instant after `start` up to `end` (aware), in order."""
        return iter(())

    def hints_at(self, now: datetime | None = None) -> tuple[Hint, ...]:
        """What is valid but may not be meant; what depends on the time of reading only where `now` (aware) is given."""
        return ()

    def covers_until(self, instant: datetime) -> datetime | None:
        """As an exclusion: up to where (aware, not included) it covers all from `instant` (aware) on; None if nothing.

        A schedule covers the instants that it names; one that speaks of minutes covers whole minutes.
        """
        slot = self.slot_at(instant)
        return instant + datetime.resolution if slot is not None and slot.passed_over is None else None

    def next_outside(self, instant: datetime, exclusions: Sequence[Covers]) -> datetime | None:
        """The first instant after `instant` (aware) that no exclusion covers; None too after 20,000 covered stretches.

        What holds schedules hands the question on to them with its own exclusions added, so that exclusions inside of
        others cost their sum, not their product.
        """
        for _ in range(MOST_LEFT_OUT):
            found = self.next_after(instant)
            if found is None:
                return None
            covered = [until for covers in exclusions if (until := covers(found)) is not None]
            if not covered:
                return found
            instant = max(covered) - datetime.resolution
        return None

    @property
    def needs_anchor(self) -> bool:
        """Whether instants can be computed only after `with_anchor`."""
        return False

    def with_anchor(self, instant: datetime) -> Schedule:
        """The same schedule counted from `instant` (aware) where it names no start of its own, else itself."""
        return self


def as_naive_utc(instant: datetime) -> datetime:
    """The UTC wall clock of an aware instant; the arithmetic inside this package is done on it.

    Nothing is scheduled before the year 1000 or after 9990: earlier instants are moved up to it, later ones down to
    the year 9998.

    Raises ValueError for a naive one, because its zone would be a guess.
    """
    if instant.tzinfo is None:
        raise ValueError(f"{instant!r} has no time zone; schedules take aware datetimes")
    try:
        return min(max(instant.astimezone(UTC).replace(tzinfo=None), _EARLIEST), _LATEST)
    except OverflowError:
        return _EARLIEST if instant.year == 1 else _LATEST


def just_before(instant: datetime) -> datetime:
    """The microsecond before an aware instant, for asking for what comes after it; the very first one stays."""
    try:
        return instant - datetime.resolution
    except OverflowError:
        return instant
