"""Pure: what a backfill does about each slot of a range, and how it splits ranges of missed instants."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from jobistemer_tui.domain.records import MissedRange, Occurrence
from jobistemer_tui.domain.states import TERMINAL_OCCURRENCES
from jobistemer_tui.schedules import Schedule, Slot
from jobistemer_tui.settings.quick_dataclass import dataclass, replace

MOST = 1000
"""Slots of one backfill; more are asked for in pieces."""


class Act(StrEnum):
    """What a backfill does about a slot.

    `run`: it has no fate yet. `replay`: it has one and is run again. `open`: it is planned, waits or runs, and is left
    alone. `left_out`: a rule of the schedule leaves it out.
    """

    RUN = "run"
    REPLAY = "replay"
    OPEN = "open"
    LEFT_OUT = "left_out"


@dataclass(frozen=True, slots=True)
class Step:
    """One slot: what is done about it, the row that it has, or the range of missed instants that it is in."""

    instant: datetime
    act: Act
    row: Occurrence | None = None
    missed: MissedRange | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Ranged:
    """A range of missed instants, and the schedule that it is of, which need not be in force any more."""

    missed: MissedRange
    schedule: Schedule

    def has(self, instant: datetime) -> bool:
        """Whether an instant is one of the range."""
        if not self.missed.from_at <= instant <= self.missed.to_at:
            return False
        slot = self.schedule.slot_at(instant)
        return slot is not None and slot.passed_over is None


def steps_of(slots: Iterable[Slot], rows: Mapping[datetime, Occurrence], ranges: Sequence[Ranged]) -> tuple[Step, ...]:
    """What is done about each slot; `rows` are those of the instants that have one."""
    return tuple(_step(slot, rows.get(slot.instant), ranges) for slot in slots)


def _step(slot: Slot, row: Occurrence | None, ranges: Sequence[Ranged]) -> Step:
    if row is not None:
        return Step(slot.instant, Act.REPLAY if row.state in TERMINAL_OCCURRENCES else Act.OPEN, row)
    if slot.passed_over is not None:
        return Step(slot.instant, Act.LEFT_OUT, why=slot.why)
    missed = next((one.missed for one in ranges if one.has(slot.instant)), None)
    return Step(slot.instant, Act.RUN if missed is None else Act.REPLAY, missed=missed)


def split(
    missed: MissedRange, inside: Sequence[datetime], count: Callable[[datetime, datetime], int]
) -> tuple[MissedRange, ...]:
    """What is left of a range of missed instants when those `inside` it (in order) get rows of their own.

    `count` says how many instants lie between two, both included; what it does not count lies after the last of them.
    """
    begins = [missed.from_at, *(instant + datetime.resolution for instant in inside)]
    lasts = [*(instant - datetime.resolution for instant in inside), missed.to_at]
    rest = max(0, missed.count - len(inside))
    counts = []
    for begin, last in zip(begins[:-1], lasts[:-1], strict=True):
        counts.append(min(rest, count(begin, last) if begin <= last else 0))
        rest -= counts[-1]
    parts = zip(begins, lasts, [*counts, rest], strict=True)
    return tuple(replace(missed, from_at=begin, to_at=last, count=number) for begin, last, number in parts if number)
