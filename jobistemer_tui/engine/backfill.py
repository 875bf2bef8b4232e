"""Pure: what a backfill does about each slot of a range, and how it splits ranges of missed instants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from jobistemer_tui.domain.records import MissedRange, Occurrence
from jobistemer_tui.domain.states import TERMINAL_OCCURRENCES
from jobistemer_tui.schedules import Slot
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


def steps_of(
    slots: Iterable[Slot], rows: Mapping[datetime, Occurrence], ranges: Sequence[MissedRange]
) -> tuple[Step, ...]:
    """What is done about each slot; `rows` are those of the instants that have one."""
    return tuple(_step(slot, rows.get(slot.instant), ranges) for slot in slots)


def _step(slot: Slot, row: Occurrence | None, ranges: Sequence[MissedRange]) -> Step:
    if row is not None:
        return Step(slot.instant, Act.REPLAY if row.state in TERMINAL_OCCURRENCES else Act.OPEN, row)
    if slot.passed_over is not None:
        return Step(slot.instant, Act.LEFT_OUT, why=slot.why)
    missed = next((one for one in ranges if one.from_at <= slot.instant <= one.to_at), None)
    return Step(slot.instant, Act.RUN if missed is None else Act.REPLAY, missed=missed)


def split(missed: MissedRange, inside: Sequence[datetime], before: Iterable[datetime]) -> tuple[MissedRange, ...]:
    """What is left of a range of missed instants when those `inside` it (in order) get rows of their own.

    `before` are the schedule's instants in the range before them. What is neither lies after them: their number is
    the range's own, as the schedule may have changed since.
    """
    rest = max(0, missed.count - len(inside))
    earlier, newest = 0, inside[0] - datetime.resolution
    for instant in before:
        earlier, newest = earlier + 1, instant
    earlier = min(earlier, rest)
    parts = (
        replace(missed, to_at=newest, count=earlier),
        replace(missed, from_at=inside[-1] + datetime.resolution, count=rest - earlier),
    )
    return tuple(part for part in parts if part.count)
