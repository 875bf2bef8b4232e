"""Pure: the oldest instants of a long gap, which get no row each, as spans that a pause covers or that none does."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise, takewhile

from jobistemer_tui.domain.pauses import pause_over
from jobistemer_tui.domain.records import Pause
from jobistemer_tui.engine.recovery import Gap
from jobistemer_tui.schedules import Schedule
from jobistemer_tui.settings.quick_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """`count` instants from `from_at` to `to_at`, both included; `is_paused`: whether they passed during a pause."""

    from_at: datetime
    to_at: datetime
    count: int
    is_paused: bool


def parts_of(gap: Gap, schedule: Schedule | None, pauses: Iterable[Pause]) -> list[Part]:
    """Cut the older instants of a gap where a pause of the job begins or ends; none where each has a row.

    They are counted where they are cut, which is walking them for schedules that cannot count.
    """
    if gap.older_from is None or gap.older_to is None:
        return []
    spans, after = list(pauses), gap.older_to + datetime.resolution
    bounds = {bound for span in spans for bound in (span.begin_at, span.end_at) if bound is not None}
    cuts = [] if schedule is None else sorted(bound for bound in bounds if gap.older_from < bound < after)
    begins = [gap.older_from, *cuts]
    lasts = [*(cut - datetime.resolution for cut in cuts), gap.older_to]
    counts = [count_slots(schedule, *span) for span in pairwise(lasts)] if schedule is not None else []
    paused = [pause_over(spans, begin) is not None for begin in begins]
    parts = map(Part, begins, lasts, [gap.older_count - sum(counts), *counts], paused)
    return [part for part in parts if part.count > 0]


def count_slots(schedule: Schedule, after: datetime, last: datetime) -> int:
    """How many instants lie after `after` up to and including `last`, but for those that a rule leaves out."""
    count = schedule.count_between(after, last)
    if count is not None:
        return count
    slots = takewhile(lambda slot: slot.instant <= last, schedule.slots_after(after))
    return sum(slot.passed_over is None for slot in slots)
