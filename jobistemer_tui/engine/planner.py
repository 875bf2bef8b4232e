"""Pure: the fate of an occurrence when its instant comes, and what is a gap."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from jobistemer_tui.domain.policies import JobPolicies, OverlapPolicy
from jobistemer_tui.domain.records import Job, Pause
from jobistemer_tui.domain.states import OccurrenceState, Reason


@dataclass(frozen=True, slots=True)
class Load:
    """What the store counts for a job at that moment: live (running, canceling, pending) and queued."""

    live: int
    queued: int


@dataclass(frozen=True, slots=True)
class Fate:
    """The state an occurrence takes, and why. `replaces`: older live ones are cancelled to make room."""

    state: OccurrenceState
    reason: Reason | None = None
    replaces: bool = False


def fate(policies: JobPolicies, load: Load, *, no_slot: Reason | None) -> Fate:
    """What becomes of an occurrence that is due; `no_slot` says why it could not start here, None if it can."""
    in_order = policies.overlap in (OverlapPolicy.QUEUE, OverlapPolicy.REPLACE)
    crowded = load.live >= policies.max_active or (in_order and load.queued > 0)
    if not crowded or policies.overlap is OverlapPolicy.ALLOW:
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


def is_paused(job: Job, instant: datetime) -> bool:
    """Whether the job's ticker is paused at an instant."""
    if job.paused_at is None or instant < job.paused_at:
        return False
    return job.paused_until is None or instant < job.paused_until


def was_paused(spans: Iterable[Pause], instant: datetime) -> bool:
    """Whether one of the pauses that a job has had covers an instant."""
    return any(span.begin_at <= instant and (span.end_at is None or instant < span.end_at) for span in spans)


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


def is_too_late(policies: JobPolicies, scheduled_at: datetime, now: datetime) -> bool:
    """Whether `start_deadline` forbids a start now."""
    return policies.start_deadline is not None and (now - scheduled_at).total_seconds() > policies.start_deadline
