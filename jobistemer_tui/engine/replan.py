"""Pure: which planned rows an edit adds, removes and keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import islice, takewhile

from jobistemer_tui.domain.policies import JobPolicies, UpdatePolicy
from jobistemer_tui.domain.records import Occurrence
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.schedules import Slot
from jobistemer_tui.settings.quick_dataclass import dataclass

FAR = 10_000
"""How many slots of an old schedule are looked through for one that runs."""


@dataclass(frozen=True, slots=True)
class PlanDiff:
    """Slots that get a row, rows that go, and rows that stay, with the slot that they are in the new schedule."""

    added: tuple[Slot, ...] = ()
    removed: tuple[Occurrence, ...] = ()
    kept: tuple[tuple[Occurrence, Slot], ...] = ()

    @property
    def marked(self) -> tuple[Occurrence, ...]:
        """The kept rows whose mark is a person's."""
        return tuple(row for row, _ in self.kept if is_marked(row))


def is_marked(row: Occurrence) -> bool:
    """Whether a person has marked a planned row."""
    return row.reason in (Reason.SKIPPED_BY_USER, Reason.SNOOZED)


def compare(rows: Sequence[Occurrence], slots: Iterable[Slot], named: Iterable[Slot] = ()) -> PlanDiff:
    """Compare planned rows with the slots that are to have a row.

    `named` are further slots of the new schedule: a person's mark on their row is a reason to keep it.
    """
    wanted = {slot.instant: slot for slot in slots}
    marks = {slot.instant: slot for slot in named}
    have = {row.scheduled_at for row in rows}
    kept, removed = [], []
    for row in sorted(rows, key=lambda row: row.scheduled_at):
        slot = wanted.get(row.scheduled_at) or (marks.get(row.scheduled_at) if is_marked(row) else None)
        if slot is None:
            removed.append(row)
        else:
            kept.append((row, slot))
    added = tuple(slot for instant, slot in sorted(wanted.items()) if instant not in have)
    return PlanDiff(added, tuple(removed), tuple(kept))


def slots_to_plan(policies: JobPolicies, slots: Iterable[Slot], rows: Sequence[Occurrence]) -> list[Slot]:
    """The coming slots of a new schedule that are to have a row: as many as the job plans ahead.

    Under `windowed` only those within the span that `rows` (the planned ones of the old schedule) cover, and at least
    one; what lies behind it is planned when its time comes nearer.
    """
    first = list(islice(slots, policies.plan_horizon))
    end = max((row.scheduled_at for row in rows), default=None)
    if policies.update is not UpdatePolicy.WINDOWED or end is None:
        return first
    return list(takewhile(lambda slot: slot.instant <= end, first)) or first[:1]


def hand_over_at(
    policies: JobPolicies, old: Iterable[Slot], new_after: Callable[[datetime], datetime | None]
) -> datetime | None:
    """The instant of the old schedule that still happens under `graceful`; None where the new one applies at once.

    `old` are the coming slots of the old schedule. It does not hand over to a schedule that has nothing after that.
    """
    if policies.update is not UpdatePolicy.GRACEFUL:
        return None
    last = next((slot.instant for slot in islice(old, FAR) if slot.passed_over is None), None)
    return None if last is None or new_after(last) is None else last
