"""Pure: the fate of an occurrence when its instant comes, and what is a gap."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from jobistemer_tui.domain.policies import JobPolicies, OverlapPolicy
from jobistemer_tui.domain.states import OccurrenceState, Reason, Trigger
from jobistemer_tui.settings.quick_dataclass import dataclass

if TYPE_CHECKING:
    from jobistemer_tui.domain.records import Occurrence
    from jobistemer_tui.schedules import Schedule


AHEAD = timedelta(minutes=2)
"""What lies further in the future than this was put there by a clock that was wrong."""


def is_ahead(instant: datetime | None, now: datetime) -> bool:
    """Whether what was written down at an instant was so by a clock that was wrong."""
    return instant is not None and instant > now + AHEAD


@dataclass(frozen=True, slots=True)
class Load:
    """What the store counts for a job at that moment.

    `live`: running, canceling, pending, and those whose turn in the job has come and that wait for its concurrency
    group (`in_line`). `queued`: those that wait for the job itself.
    """

    live: int
    queued: int
    in_line: int = 0


@dataclass(frozen=True, slots=True)
class Fate:
    """The state an occurrence takes, and why. `replaces`: older live ones are cancelled to make room."""

    state: OccurrenceState
    reason: Reason | None = None
    replaces: bool = False


def fate(
    policies: JobPolicies, load: Load, *, no_slot: Reason | None, group_full: bool = False, forced: bool = False
) -> Fate:
    """What becomes of an occurrence that is due.

    `no_slot` says why it could not start here, None if it can; `group_full` that its concurrency group has no place for
    it. A `forced` one waits for neither job nor group.
    """
    in_order = policies.overlap in (OverlapPolicy.QUEUE, OverlapPolicy.REPLACE)
    crowded = load.live >= policies.max_active or (in_order and load.queued > 0)
    if forced or not crowded or policies.overlap is OverlapPolicy.ALLOW:
        if group_full and not forced:
            return _in_line(policies, load)
        return Fate(OccurrenceState.RUNNING) if no_slot is None else Fate(OccurrenceState.PENDING, no_slot)
    match policies.overlap:
        case OverlapPolicy.SKIP:
            return Fate(OccurrenceState.SKIPPED, Reason.OVERLAP)
        case OverlapPolicy.QUEUE:
            if load.queued >= policies.queue_limit:
                return Fate(OccurrenceState.SKIPPED, Reason.QUEUE_FULL)
            return Fate(OccurrenceState.QUEUED, Reason.OVERLAP)
        case OverlapPolicy.REPLACE:
            return Fate(OccurrenceState.QUEUED, Reason.REPLACING, replaces=True)


def _in_line(policies: JobPolicies, load: Load) -> Fate:
    """Only `allow` can bring more of a job into the line than `max_active`; the line is no longer than a queue."""
    if load.in_line >= max(policies.queue_limit, policies.max_active):
        return Fate(OccurrenceState.SKIPPED, Reason.QUEUE_FULL)
    return Fate(OccurrenceState.QUEUED, Reason.GROUP)


def to_replace(policies: JobPolicies, live: Sequence[Occurrence]) -> list[Occurrence]:
    """Which live occurrences make room for a newer one under `replace`: the oldest, and no more than are in the way.

    What is being cancelled already makes room by itself.
    """
    staying = [row for row in live if row.state is not OccurrenceState.CANCELING]
    surplus = max(0, len(staying) - (policies.max_active - 1))
    return sorted(staying, key=lambda row: (row.scheduled_at, row.created_at, row.id))[:surplus]


SKIPPED_TOGETHER = (Reason.PAUSED, Reason.STOPPED, Reason.JOB_REMOVED, Reason.SKIPPED_BY_USER)
"""Why many instants may be skipped at once, without a run in their way."""
SKIP_MARKS = (Reason.EXCLUDED, Reason.DST, Reason.SKIPPED_BY_USER, Reason.CYCLE)
"""Marks of a planned row that make it `skipped` at its instant."""


def jitter_of(occurrence_id: UUID, most: timedelta, instant: datetime, following: datetime | None) -> timedelta:
    """How much later an occurrence starts: from 0 to `most`, from its id alone, and always before the next instant."""
    milliseconds = int(most / timedelta(milliseconds=1))
    if following is not None:
        milliseconds = min(milliseconds, int((following - instant) / timedelta(milliseconds=1)) - 1)
    # The low 62 bits of a UUIDv5 are all taken from its hash (RFC 9562, 5.5).
    spread = occurrence_id.int & (2**62 - 1)
    return timedelta(milliseconds=spread % (max(0, milliseconds) + 1))


def jitter_at(schedule: Schedule, occurrence_id: UUID, instant: datetime) -> timedelta:
    """How much later than an instant of a schedule its occurrence starts."""
    slot = schedule.slot_at(instant) if schedule.has_jitter else None
    if slot is None:
        return timedelta(0)
    return jitter_of(occurrence_id, slot.jitter, instant, schedule.next_after(instant))


def grace(policies: JobPolicies, instant: datetime, following: datetime | None) -> timedelta:
    """How late an instant may be before it counts as missed: `late_grace`, at most half the time to the next."""
    wanted = timedelta(seconds=policies.late_grace)
    return wanted if following is None else min(wanted, (following - instant) / 2)


def is_gap(
    policies: JobPolicies, instant: datetime, following: datetime | None, *, now: datetime, awake: datetime
) -> bool:
    """Whether an unhandled instant passed while no engine was awake; `awake` is since when this one is.

    An engine that was awake but slow starts late; it does not miss.
    """
    return instant < awake and now - instant > grace(policies, instant, following)


def lateness(policies: JobPolicies, row: Occurrence, following: datetime | None, now: datetime) -> timedelta | None:
    """How late a scheduled instant is handled by an engine that was awake; None within the grace."""
    late = now - row.due_at
    return late if late > grace(policies, row.scheduled_at, following) else None


def is_too_late(policies: JobPolicies, row: Occurrence, now: datetime) -> bool:
    """Whether `start_deadline` forbids a start now; a snooze or a jitter is no lateness.

    A replay or a backfill is as late as it waits since it was asked for.
    """
    wanted = row.scheduled_at if row.trigger is Trigger.RECOVERY else row.due_at
    return policies.start_deadline is not None and (now - wanted).total_seconds() > policies.start_deadline


def runs_late(policies: JobPolicies, instant: datetime, now: datetime) -> bool:
    """Whether a one-off that is past when it is first seen runs all the same: a written `start_deadline` covers it."""
    return policies.start_deadline is not None and (now - instant).total_seconds() <= policies.start_deadline
