"""Pure: what the runs of a job add up to."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime, time, tzinfo
from uuid import UUID

from jobistemer_tui.domain.states import OPEN_OCCURRENCES, OccurrenceState
from jobistemer_tui.settings.quick_dataclass import dataclass

GOOD = frozenset({OccurrenceState.COMPLETED})
BAD = frozenset({OccurrenceState.FAILED, OccurrenceState.COMPLETED_WITH_ERRORS, OccurrenceState.FAILED_STALE})


@dataclass(frozen=True, slots=True)
class Ran:
    """One run as far as figures are made of it. `seconds` and `late` are None where it never started or still runs.

    `retries` are the tries of its tasks beyond the first ones; None where they have not been counted.
    """

    id: UUID
    at: datetime
    status: OccurrenceState
    seconds: float | None = None
    late: float | None = None
    retries: int | None = None


@dataclass(frozen=True, slots=True)
class Spread:
    """How values lie, in their unit: percentiles are values that occurred (nearest rank)."""

    count: int
    least: float
    median: float
    p95: float
    most: float
    mean: float


@dataclass(frozen=True, slots=True)
class DayCount:
    """What ended on one day (its beginning, aware): how many runs in each state."""

    day: datetime
    counts: Mapping[OccurrenceState, int]
    seconds: float | None
    """The median length of its runs."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """Figures over `runs`, the oldest first; of a longer history only these newest are taken, and `total` says of how
    many. `rate` is the share of the good among good and bad ones (None: neither); skipped, missed and cancelled runs
    are in `counts` and not in it. `ever` counts all ends since the job was first published, cleared away or not.
    """

    job: str
    runs: Sequence[Ran]
    total: int
    counts: Mapping[OccurrenceState, int]
    good: int
    bad: int
    rate: float | None
    seconds: Spread | None
    late: Spread | None
    retries: int
    retried: int
    streak: int
    """So many good (below zero: bad) runs in a row up to the newest one."""
    days: Sequence[DayCount]
    ever: Mapping[str, int] = field(default_factory=dict)


def statistics_of(
    job: str, runs: Sequence[Ran], total: int, ever: Mapping[str, int], zone: tzinfo | None
) -> Statistics:
    """Add up runs, the oldest first. `zone` is that of the reader's clock (None: the machine's)."""
    ended = [run for run in runs if run.status not in OPEN_OCCURRENCES]
    counts = Counter(run.status for run in runs)
    good, bad = sum(counts[state] for state in GOOD), sum(counts[state] for state in BAD)
    retries = [run.retries for run in runs if run.retries]
    return Statistics(
        job=job, runs=runs, total=total, counts=counts, good=good, bad=bad,
        rate=good / (good + bad) if good + bad else None,
        seconds=spread([run.seconds for run in ended if run.seconds is not None]),
        late=spread([run.late for run in runs if run.late is not None]),
        retries=sum(retries), retried=len(retries), streak=_streak(ended), days=_days(ended, zone), ever=ever,
    )  # fmt: skip


def spread(values: Sequence[float]) -> Spread | None:
    """How some values lie; None of none."""
    if not values:
        return None
    rising = sorted(values)
    return Spread(
        count=len(rising), least=rising[0], median=_percentile(rising, 0.5), p95=_percentile(rising, 0.95),
        most=rising[-1], mean=math.fsum(rising) / len(rising),
    )  # fmt: skip


def _percentile(rising: Sequence[float], share: float) -> float:
    return rising[max(0, math.ceil(share * len(rising)) - 1)]


def _streak(ended: Sequence[Ran]) -> int:
    told = [run.status in GOOD for run in reversed(ended) if run.status in GOOD | BAD]
    length = next((index for index, good in enumerate(told) if good != told[0]), len(told))
    return length if told and told[0] else -length


def _days(ended: Sequence[Ran], zone: tzinfo | None) -> list[DayCount]:
    """By the days of a wall clock, of which some have 23 or 25 hours; days without a run are left out."""
    by_day: dict[datetime, list[Ran]] = {}
    for run in ended:
        midnight = datetime.combine(run.at.astimezone(zone).date(), time.min, zone)
        by_day.setdefault(midnight.astimezone(zone), []).append(run)
    return [
        DayCount(day, Counter(run.status for run in runs), None if lengths is None else lengths.median)
        for day, runs in by_day.items()
        for lengths in [spread([run.seconds for run in runs if run.seconds is not None])]
    ]


def buckets(values: Sequence[float | None], count: int) -> list[float | None]:
    """The values in at most `count` groups of neighbours, each as its largest (None: it has none)."""
    if count <= 0 or not values:
        return []
    size = math.ceil(len(values) / count)
    groups = [values[index : index + size] for index in range(0, len(values), size)]
    return [max((value for value in group if value is not None), default=None) for group in groups]
