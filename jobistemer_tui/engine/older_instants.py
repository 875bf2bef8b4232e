"""Pure: the oldest instants of a long gap, which get no row each, as spans that a pause covers or that none does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise, takewhile

from jobistemer_tui.domain.pauses import pause_over
from jobistemer_tui.domain.records import Pause
from jobistemer_tui.engine.recovery import Cut, Gap, Part
from jobistemer_tui.schedules import Schedule
from jobistemer_tui.settings.quick_dataclass import replace


def with_cut(gap: Gap, schedule: Schedule | None, pauses: Sequence[Pause]) -> Gap:
    """A gap whose older instants are counted in their parts, for a transaction that is not to walk them."""
    begins = _begins(gap, pauses)
    return replace(gap, cut=Cut(begins, _count(gap, schedule, begins))) if begins else gap


def parts_of(gap: Gap, schedule: Schedule | None, pauses: Sequence[Pause]) -> tuple[Part, ...]:
    """Cut the older instants of a gap where a pause of the job begins or ends; none where each has a row.

    What was counted as the gap was read holds as long as the pauses cut them there. Else they are counted here, which
    is walking them for schedules that cannot count.
    """
    begins = _begins(gap, pauses)
    if gap.cut is not None and gap.cut.begins == begins:
        return gap.cut.parts
    return _count(gap, schedule, begins)


def _begins(gap: Gap, spans: Sequence[Pause]) -> tuple[tuple[datetime, bool], ...]:
    """Where the parts begin, each with whether it passed during a pause."""
    if gap.older_from is None or gap.older_to is None:
        return ()
    bounds = {bound for span in spans for bound in (span.begin_at, span.end_at) if bound is not None}
    cuts = sorted(bound for bound in bounds if gap.older_from < bound <= gap.older_to)
    return tuple((begin, pause_over(spans, begin) is not None) for begin in [gap.older_from, *cuts])


def _count(gap: Gap, schedule: Schedule | None, begins: Sequence[tuple[datetime, bool]]) -> tuple[Part, ...]:
    if gap.older_to is None:
        return ()
    if schedule is None:
        begins = begins[:1]
    lasts = [*(begin - datetime.resolution for begin, _ in begins[1:]), gap.older_to]
    counts = [count_slots(schedule, *span) for span in pairwise(lasts)] if schedule is not None else []
    parts = zip(begins, lasts, [gap.older_count - sum(counts), *counts], strict=True)
    return tuple(Part(begin, last, count, is_paused) for (begin, is_paused), last, count in parts if count > 0)


def count_slots(schedule: Schedule, after: datetime, last: datetime) -> int:
    """How many instants lie after `after` up to and including `last`, but for those that a rule leaves out."""
    count = schedule.count_between(after, last)
    if count is not None:
        return count
    slots = takewhile(lambda slot: slot.instant <= last, schedule.slots_after(after))
    return sum(slot.passed_over is None for slot in slots)
