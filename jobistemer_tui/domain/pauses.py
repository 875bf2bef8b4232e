"""Until when a job is paused, and a run put off."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from jobistemer_tui.domain.instants import parse_instant
from jobistemer_tui.domain.states import Reason

if TYPE_CHECKING:
    from jobistemer_tui.domain.records import Job, Occurrence, OccurrenceInShort, Pause


def is_paused(job: Job, instant: datetime) -> bool:
    """Whether the pause in force, if there is one, lasts at an instant: now, or one to come."""
    return job.paused_at is not None and (job.paused_until is None or instant < job.paused_until)


def is_in_pause(job: Job, instant: datetime, now: datetime) -> bool:
    """The same of an instant that has come, which may lie before the pause.

    A pause that is said to begin later than now was begun by a clock that was ahead (hazard 14), and is in force.
    """
    begun = job.paused_at is not None and (job.paused_at <= instant or job.paused_at > now)
    return begun and is_paused(job, instant)


def unpaused_from(job: Job, now: datetime) -> datetime | None:
    """The time after which no pause skips a job's instants: now, or when it ends; None if only a person ends it."""
    if not is_paused(job, now):
        return now
    return None if job.paused_until is None else job.paused_until - datetime.resolution


def pause_over(spans: Iterable[Pause], instant: datetime) -> Pause | None:
    """The one of the pauses that a job has had which covers an instant."""
    return next(
        (one for one in spans if one.begin_at <= instant and (one.end_at is None or instant < one.end_at)), None
    )


def snoozed_until(row: Occurrence | OccurrenceInShort) -> datetime | None:
    """Until when a person put an occurrence off; None if nobody did."""
    return parse_instant(str(row.detail["until"])) if row.reason is Reason.SNOOZED else None


def snoozed_at(row: Occurrence) -> datetime | None:
    """When a person put an occurrence off, as far as that is known; None if nobody did."""
    is_known = row.reason is Reason.SNOOZED and "at" in row.detail
    return parse_instant(str(row.detail["at"])) if is_known else None
