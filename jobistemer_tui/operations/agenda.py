"""Pure: what is to come in a window of time, from the instants of each job: rows, load, overlaps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from jobistemer_tui.domain.instants import EPOCH
from jobistemer_tui.domain.upcoming import Upcoming
from jobistemer_tui.settings.quick_dataclass import dataclass

FOLD: Final = 8
"""A job with more times than this in a window has one row, which stands for all of them."""


@dataclass(frozen=True, slots=True)
class AgendaRow:
    """A time to come of a job, or the first of many. Instants are aware UTC, lengths in seconds.

    `more` are the times after it that the row stands for, the last at `last`, `every_s` apart (None: not evenly);
    `cut`: there are more than were counted. `entry` is what becomes of it, None where that has not been looked up, as
    is `expected_s`. `zone` is that of the job. `group` is its concurrency group with the limit. `bracket` joins rows
    whose runs are expected to overlap: `┐`, `│` or `┘`; `beside` of them do. `wanted` places of the group are expected
    to be wanted at once.
    """

    job: str
    instant: datetime
    more: int = 0
    last: datetime | None = None
    every_s: float | None = None
    cut: bool = False
    paused: bool = False
    entry: Upcoming | None = None
    expected_s: float | None = None
    zone: str = ""
    tags: tuple[str, ...] = ()
    group: str | None = None
    group_limit: int = 0
    bracket: str = ""
    beside: int = 0
    wanted: int = 0

    @property
    def runs(self) -> bool:
        """Whether it will run, as far as is known."""
        return not self.paused and (self.entry is None or self.entry.starts_at is not None)


@dataclass(frozen=True, slots=True)
class Load:
    """The times of a job in a window, rising; `cut`: there are more behind them."""

    instants: Sequence[datetime]
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the window: how many times begin in it, and of how many jobs."""

    at: datetime
    times: int
    jobs: int


@dataclass(frozen=True, slots=True)
class Agenda:
    """A window of time: its first rows (of `total`), its parts, and the first time of any job after it.

    `times` and `jobs` count what will run; `estimated`: where more of a job begins than is counted, it is taken to go
    on at the same pace. `hidden` are the paused jobs with times in it.
    """

    start: datetime
    end: datetime
    rows: tuple[AgendaRow, ...]
    total: int
    parts: tuple[Part, ...]
    times: int
    jobs: int
    hidden: int
    after: tuple[datetime, str] | None = None
    estimated: bool = False


def folded(job: str, instants: Sequence[datetime], *, paused: bool, cut: bool) -> list[AgendaRow]:
    """The rows of one job's times in a window."""
    if len(instants) <= FOLD:
        return [AgendaRow(job, instant, paused=paused) for instant in instants]
    steps = {(later - earlier).total_seconds() for earlier, later in pairwise(instants)}
    every = steps.pop() if len(steps) == 1 else None
    return [AgendaRow(job, instants[0], len(instants) - 1, instants[-1], every, cut, paused)]


def parts_of(loads: Iterable[Load], start: datetime, end: datetime, step: timedelta) -> tuple[Part, ...]:
    """The window cut into parts that begin at whole steps of the day (UTC), with what begins in each."""
    start -= (start - EPOCH) % step
    times: Counter[int] = Counter()
    distinct: Counter[int] = Counter()
    for load in loads:
        places = Counter((instant - start) // step for instant in load.instants)
        if load.cut:
            places.update(_going_on(load.instants, start, end, step))
        times.update(places)
        distinct.update(places.keys())
    count = -((start - end) // step)
    return tuple(Part(start + place * step, times[place], distinct[place]) for place in range(count))


def _going_on(instants: Sequence[datetime], start: datetime, end: datetime, step: timedelta) -> Counter[int]:
    """How many more begin in each part up to the end of the window, if it goes on as it did."""
    last = instants[-1]
    pace = (last - instants[0]) / max(1, len(instants) - 1)
    places: Counter[int] = Counter()
    before, place = 0, (last - start) // step
    while pace and (high := min(start + (place + 1) * step, end)) > last and start + place * step < end:
        until = -((last - high) // pace) - 1  # those before the part's end
        places[place] = until - before
        before, place = until, place + 1
    return +places


def with_overlaps(rows: Sequence[AgendaRow]) -> list[AgendaRow]:
    """The rows in time order with what their expected runs have in common."""
    found: list[AgendaRow] = []
    cluster: list[AgendaRow] = []
    until: datetime | None = None
    for row in rows:
        if until is not None and row.instant >= until:
            found += _joined(cluster)
            cluster, until = [], None
        cluster.append(row)
        over = row.instant + timedelta(seconds=max(1.0, row.expected_s or 0.0))
        if row.runs:
            until = over if until is None else max(until, over)
        elif until is None:
            found += cluster
            cluster = []
    return found + _joined(cluster)


def _joined(cluster: Sequence[AgendaRow]) -> list[AgendaRow]:
    """Mark rows whose runs overlap as belonging together."""
    running = sum(row.runs for row in cluster)
    wanted = Counter(row.group for row in cluster if row.runs and row.group is not None)
    rows = [replace(row, wanted=wanted[row.group]) if row.group else row for row in cluster]
    if running < 2:
        return rows
    brackets = ["┐", *("│" for _ in rows[2:]), "┘"]
    return [replace(row, bracket=sign, beside=running) for row, sign in zip(rows, brackets, strict=True)]
