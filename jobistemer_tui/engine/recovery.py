"""Pure: what becomes of the instants that passed while no engine was awake."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import chain

from jobistemer_tui.domain.instants import instant_text, parse_instant
from jobistemer_tui.domain.policies import JobPolicies
from jobistemer_tui.domain.records import Detail, JobGap
from jobistemer_tui.domain.recovery_strategy import RecoveryStrategy
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.schedules import Schedule, Slot
from jobistemer_tui.settings.quick_dataclass import dataclass, replace

MAX_ROWS = 10_000
"""Slots of one gap that get a row each; the instants of older ones share one range row."""


@dataclass(frozen=True, slots=True)
class Part:
    """`count` instants from `from_at` to `to_at`, both included; `is_paused`: whether they passed during a pause."""

    from_at: datetime
    to_at: datetime
    count: int
    is_paused: bool


@dataclass(frozen=True, slots=True)
class Cut:
    """The older instants of a gap in the `parts` into which the pauses of the job cut them.

    `begins`: where those begin, also the ones without an instant, each with whether it passed during a pause.
    """

    begins: tuple[tuple[datetime, bool], ...]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """The slots of a gap in order: at most MAX_ROWS newest, and the `older_count` instants before them as a span.

    `cut` is how the pauses cut that span as the gap was read, where that was asked for.
    """

    slots: tuple[Slot, ...]
    older_from: datetime | None = None
    older_to: datetime | None = None
    older_count: int = 0
    cut: Cut | None = None

    @property
    def begin(self) -> datetime:
        """The oldest instant of the gap; it has at least one slot."""
        return self.older_from or self.slots[0].instant

    @property
    def end(self) -> datetime:
        """The newest instant of the gap; it has at least one slot."""
        return self.slots[-1].instant

    @property
    def count(self) -> int:
        """How many instants it has."""
        return len(self.slots) + self.older_count


@dataclass(frozen=True, slots=True)
class Recovery:
    """What a strategy decides: the instants to run in time order, why the others do not, and what became pointless.

    `passed_over` None: for the reason of the gap itself. `superseded` are recovered ones of an earlier gap that have
    not started and are given up for `superseded_as`. `stands_for`: the instants that the only one to run stands for.
    """

    execute: tuple[datetime, ...] = ()
    passed_over: Reason | None = None
    superseded: tuple[datetime, ...] = ()
    superseded_as: Reason = Reason.DOWNTIME
    stands_for: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person has decided about one gap: another strategy, only its `newest` instants, or to wait no longer.

    Instants up to `dropped_to` are given up, whatever the strategy.
    """

    strategy: RecoveryStrategy | None = None
    newest: int | None = None
    released: bool = False
    dropped_to: datetime | None = None
    by: str | None = None
    why: str | None = None

    @classmethod
    def of(cls, gap: JobGap | None) -> Choice:
        """As it is kept in the gap's row."""
        stored = dict({} if gap is None else gap.choice)
        if "strategy" in stored:
            stored["strategy"] = RecoveryStrategy(stored["strategy"])
        if "dropped_to" in stored:
            stored["dropped_to"] = parse_instant(stored["dropped_to"])
        return cls(**stored)

    def stored(self) -> Detail:
        """As a gap's row keeps it."""
        stored = {name: value for name, value in asdict(self).items() if value not in (None, False)}
        return stored if self.dropped_to is None else {**stored, "dropped_to": instant_text(self.dropped_to)}

    @property
    def is_final(self) -> bool:
        """Whether there is nothing left to wait for a person for."""
        return self.released or self.dropped_to is not None

    @property
    def who(self) -> Detail:
        """By whom and why, for the rows that follow from it."""
        return {name: value for name, value in (("by", self.by), ("why", self.why)) if value}

    def applied(self, policies: JobPolicies) -> JobPolicies:
        """The policies with the strategy that was chosen for this gap."""
        return policies if self.strategy is None else replace(policies, recovery=self.strategy)

    def is_dropped(self, instant: datetime) -> bool:
        """Whether an instant is given up."""
        return self.dropped_to is not None and instant <= self.dropped_to

    def trimmed(self, instants: Sequence[datetime]) -> Sequence[datetime]:
        """Those of some instants in time order that lie before the newest that are kept."""
        return () if self.newest is None else instants[: max(0, len(instants) - self.newest)]


def hold(
    choice: Choice, found_at: datetime, hold_s: float | None, steady_at: datetime | None, now: datetime
) -> tuple[datetime, Reason] | None:
    """Until when a gap waits for its fate, and for what; None if it waits no longer.

    First for a clock that can be trusted (`steady_at`, hazard 14), then for a person, `hold_s` seconds since it was
    found, unless one has decided. Found by a clock that was ahead, it waits as long from now.
    """
    if steady_at is not None:
        return steady_at, Reason.CLOCK_UNSTEADY
    if choice.is_final or not hold_s:
        return None
    until = min(found_at, now) + timedelta(seconds=hold_s)
    return (until, Reason.RECOVERY_HOLD) if until > now else None


SPREAD_STEP_S = 1.0
"""Starts of different jobs after a gap are so far apart, or less if that would take longer than they are spread."""


def spread_delay(place: int, count: int, spread_s: float) -> float:
    """Seconds after which the `place`-th (from 0) of `count` jobs with a gap starts; less than `spread_s`."""
    return place * min(SPREAD_STEP_S, spread_s / max(1, count))


def slots_of_gap(schedule: Schedule, after: datetime, until: datetime) -> tuple[Iterator[Slot], int]:
    """The slots after `after`; of a long time up to `until` the first one and more than MAX_ROWS newest.

    Gives with them how many instants lie between those, which are counted where the schedule can: a year of a job that
    is due each second is 31 million.
    """
    first = next(schedule.slots_after(after), None)
    if first is None:
        return iter(()), 0
    begin, skipped = first.instant, 0
    length = timedelta(hours=1)
    while (tail := until - length) > begin and (newest := schedule.count_between(tail, until)) is not None:
        if newest > MAX_ROWS + 1:  # the last of them may not be in the gap
            skipped = schedule.count_between(begin, tail) or 0
            begin = tail
            break
        length *= 2
    return chain([first], schedule.slots_after(begin)), skipped


def collect_gap(slots: Iterable[Slot], skipped: int = 0) -> Gap:
    """Read the slots of a gap in order, keeping the newest; `skipped` are instants between the first and the others."""
    newest: deque[Slot] = deque(maxlen=MAX_ROWS)
    first: datetime | None = None
    dropped_last: datetime | None = None
    count = skipped
    for slot in slots:
        first = first or slot.instant
        if len(newest) == MAX_ROWS:
            dropped_last = newest[0].instant
            count += newest[0].passed_over is None
        newest.append(slot)
    return Gap(tuple(newest), first if dropped_last else None, dropped_last, count)


def recover(
    policies: JobPolicies, eligible: Sequence[datetime], waiting: Sequence[datetime], *, now: datetime
) -> Recovery:
    """Decide about the instants of a gap.

    `eligible` leaves out what passed during a pause or was to be skipped anyway; `waiting` are recovered instants of
    earlier gaps that have not started. Both in time order.
    """
    match policies.recovery:
        case RecoveryStrategy.EXECUTE_ALL:
            return Recovery(tuple(eligible))
        case RecoveryStrategy.EXECUTE_LAST:
            return Recovery(tuple(eligible[-1:]), superseded=tuple(waiting) if eligible else ())
        case RecoveryStrategy.MARK_AS_MISSED:
            return Recovery()
        case RecoveryStrategy.BOUNDED_WINDOW:
            return _bounded(policies, eligible, waiting, now)
        case RecoveryStrategy.COMPRESSED:
            return _compressed(eligible, waiting)


def _bounded(
    policies: JobPolicies, eligible: Sequence[datetime], waiting: Sequence[datetime], now: datetime
) -> Recovery:
    both = sorted({*eligible, *waiting})
    if policies.recovery_max_duration is not None:
        oldest = now - timedelta(seconds=policies.recovery_max_duration)
        both = [instant for instant in both if instant >= oldest]
    if policies.recovery_max_occurrences is not None:
        both = both[max(0, len(both) - policies.recovery_max_occurrences) :]
    kept = frozenset(both)
    return Recovery(
        tuple(instant for instant in eligible if instant in kept),
        Reason.OUT_OF_WINDOW,
        tuple(instant for instant in waiting if instant not in kept),
        Reason.OUT_OF_WINDOW,
    )


def _compressed(eligible: Sequence[datetime], waiting: Sequence[datetime]) -> Recovery:
    if not eligible:
        return Recovery()
    everything = tuple(sorted({*eligible, *waiting}))
    return Recovery(
        tuple(eligible[-1:]), Reason.COMPRESSED_INTO, tuple(waiting), Reason.COMPRESSED_INTO, stands_for=everything
    )
