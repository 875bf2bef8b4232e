"""A clock that was wrong is corrected: what was judged by it is taken back (hazard 14)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from jobistemer_tui.domain import occurrence_moves
from jobistemer_tui.domain.instants import instant_text
from jobistemer_tui.domain.pauses import snoozed_at, snoozed_until
from jobistemer_tui.domain.records import Job, Occurrence
from jobistemer_tui.domain.states import (
    OWNED_OCCURRENCES,
    WAITING_OCCURRENCES,
    AttemptState,
    OccurrenceState,
    Reason,
    Who,
)
from jobistemer_tui.engine.definitions import Definitions
from jobistemer_tui.engine.owned import owned
from jobistemer_tui.engine.planner import AHEAD, SKIPPED_TOGETHER, is_ahead
from jobistemer_tui.engine.replan import is_marked
from jobistemer_tui.engine.transactions.begin import write_attempt
from jobistemer_tui.engine.transactions.common import (
    Owner,
    is_ticking,
    plan_next,
    tell_job,
    the_job,
    write_job,
    write_occurrence,
)
from jobistemer_tui.engine.transactions.cut_range import OF_SCHEDULE, cut, is_of_schedule
from jobistemer_tui.engine.transactions.pauses import take_back_pauses
from jobistemer_tui.engine.transactions.replanning import drop_where
from jobistemer_tui.engine.transactions.wake import wake_queue
from jobistemer_tui.schedules import Schedule
from jobistemer_tui.settings.quick_dataclass import replace
from jobistemer_tui.storage.contract import Reader, Transaction
from jobistemer_tui.storage.tables import (
    ATTEMPTS_BY_OCCURRENCE,
    ATTEMPTS_BY_START,
    JOB_VERSIONS,
    JOBS_BY_CURSOR,
    OCCURRENCES,
    OCCURRENCES_BY_DUE,
    OCCURRENCES_BY_JOB,
    OCCURRENCES_BY_JOB_STATE,
    RANGES_BY_JOB,
    TASK_RUNS_BY_OCCURRENCE,
    VERSIONS_BY_JOB,
)

RELEASED = datetime(2026, 1, 1, tzinfo=UTC)
"""No clock that is right shows a time before this."""
_GIVEN_UP = (Reason.JOB_REMOVED, Reason.REPLACED)
"""Why all that a clock which jumps ahead lets wait may be cancelled, without a person who has asked for it."""


def may_correct(owner: Owner, now: datetime) -> bool:
    """Whether an engine may take back what was decided by a clock ahead of its own.

    Not if its own shows a time at which there was no such program, or another than the store's: then it is this one
    that is wrong, and what the others decide is right.
    """
    return now >= RELEASED and owner.closed is not Reason.CLOCK_SKEW


def judged_ahead(reader: Reader, now: datetime) -> set[UUID]:
    """The jobs whose cursor lies in the future, or of which something waits, or runs, by a clock that was ahead."""
    waiting = [row for state in WAITING_OCCURRENCES for row in reader.scan(OCCURRENCES_BY_DUE, state, low=now)]
    found = {row.job_id for row in waiting if _was_put_off_ahead(row, now)}
    found |= {job.id for job in reader.scan(JOBS_BY_CURSOR, low=now + AHEAD) if is_ahead(job.cursor_at, now)}
    found |= {row.job_id for row in owned(reader) if is_ahead(row.started_at, now)}
    for attempt in reader.scan(ATTEMPTS_BY_START, AttemptState.PLANNED, low=now):
        row = reader.get(OCCURRENCES, attempt.occurrence_id) if is_ahead(attempt.created_at, now) else None
        if row is not None:
            found.add(row.job_id)
    return found


def pull_back(tx: Transaction, owner: Owner, job_id: UUID, now: datetime) -> bool:
    """Set a cursor that lies in the future to now and plan anew; False if there was nothing to take back.

    Instants in the future that were declared missed, or wait already, return to planned: the one exception to
    "terminal is terminal". Whatever else waits for a time that was reckoned from the wrong one waits as long from now,
    and so lasts a pause.
    """
    before = the_job(tx, job_id)
    job = take_back_pauses(tx, before, now)
    ahead = is_ahead(job.cursor_at, now)
    changed = _take_back_waiting(tx, job, now)
    changed += _take_back_retries(tx, owner, job, now) + _take_back_deadlines(tx, owner, job, now)
    if not ahead and not changed and job == before:
        return False
    moved = _take_back_plan(tx, owner.definitions, job, now) if ahead else job
    write_job(tx, job, moved)
    _tell(tx, job, owner.actor, now)
    wake_queue(tx, job_id, owner.definitions.of(tx, job_id, job.version), Who.SWEEP, owner.actor, now)
    return True


def plan_as_by_now(tx: Transaction, definitions: Definitions, job: Job, *, now: datetime, actor: str) -> Job:
    """A job that is about to be planned from now, whose cursor a clock that was ahead may have left in the future.

    With the cursor set to now no sweep would see any more what that clock has decided of the plan; so it is taken back
    here, with what waits: of a schedule that is no longer in force it has to go. Nothing is where the clock that says
    so is wrong itself. The job is not written yet. Raises ScheduleError.
    """
    if not is_ahead(job.cursor_at, now) or now < RELEASED:
        return plan_next(tx, replace(job, cursor_at=now), definitions, after=now, now=now)
    _tell(tx, job, actor, now)
    _take_back_waiting(tx, job, now)
    return _take_back_plan(tx, definitions, job, now)


def _tell(tx: Transaction, job: Job, actor: str, now: datetime) -> None:
    tell_job(tx, "clock_went_back", actor, now, job, {"cursor_was": instant_text(job.cursor_at)})


def _take_back_plan(tx: Transaction, definitions: Definitions, job: Job, now: datetime) -> Job:
    for row in tx.scan(OCCURRENCES_BY_JOB, job.id, low=now):
        if row.scheduled_at > now and _was_passed_over(row) and not _has_begun(tx, row):
            write_occurrence(tx, row, _planned_again(row))
    for missed in tx.scan(RANGES_BY_JOB, job.id):
        if missed.to_at > now:
            cut(tx, definitions, job, missed, now)
    _date_versions_back(tx, job, now)
    # An edit made by the wrong clock reckoned when the old schedule hands over; the job would rest until then.
    hands_over = None if job.hands_over_at is None or job.hands_over_at > now else job.hands_over_at
    first = _first_publication(tx, job, now)
    published = min(job.published_at, now)
    moved = replace(job, cursor_at=now, published_at=published, first_published_at=first, hands_over_at=hands_over)
    schedule = definitions.schedule(tx, moved)
    drop_where(tx, job.id, lambda row: row.scheduled_at > now and not _stays(row, moved, schedule, job.cursor_at))
    return plan_next(tx, moved, definitions, after=now, now=now)


def _date_versions_back(tx: Transaction, job: Job, now: datetime) -> None:
    """What a clock ahead has published is in force since now at the latest, and so is what it decides about."""
    for version in tx.scan(VERSIONS_BY_JOB, job.id):
        if version.published_at > now:
            tx.replace(JOB_VERSIONS, version, replace(version, published_at=now))


def _was_passed_over(row: Occurrence) -> bool:
    """Whether an instant was judged with all others that a jump of the clock had made pass."""
    together = row.state is OccurrenceState.SKIPPED and row.reason in SKIPPED_TOGETHER
    together = together or (row.state is OccurrenceState.CANCELED and row.reason in _GIVEN_UP)
    return row.trigger in OF_SCHEDULE and (together or row.state is OccurrenceState.MISSED)


def _planned_again(row: Occurrence) -> Occurrence:
    """What a person wanted to be skipped still is, unless it was dropped as a part of a gap that there was not."""
    planned = occurrence_moves.plan_again(row)
    if row.reason is not Reason.SKIPPED_BY_USER or "gap" in row.detail:
        return planned
    return occurrence_moves.mark(planned, row.reason, row.detail)


def _stays(row: Occurrence, job: Job, schedule: Schedule | None, until: datetime) -> bool:
    """Whether a planned row that is to come is of the plan: its instant is one of the schedule, and not after `until`.

    It need not be of the schedule: that may have been edited, or count from another moment. A job that rests plans
    none; what a person has marked stays wherever it lies, be it for when the job has returned.
    """
    slot = None if schedule is None or job.stopped else schedule.slot_at(row.scheduled_at)
    if slot is None or is_marked(row):
        return slot is not None
    return is_ticking(job) and slot.passed_over is None and row.scheduled_at <= until


def _first_publication(reader: Reader, job: Job, now: datetime) -> datetime:
    """When the job was published first: now, where a clock ahead said so and nothing has followed from it yet.

    An interval without a start counts from it, and would not begin before that.
    """
    return now if is_ahead(job.first_published_at, now) and not _has_history(reader, job) else job.first_published_at


def _has_history(reader: Reader, job: Job) -> bool:
    """Whether an instant of the schedule has a fate. Then the instants stay as they were counted."""
    rows = reader.scan(OCCURRENCES_BY_JOB, job.id)
    return any(is_of_schedule(row) and row.state is not OccurrenceState.PLANNED for row in rows)


def _take_back_waiting(tx: Transaction, job: Job, now: datetime) -> int:
    rows = [row for state in WAITING_OCCURRENCES for row in tx.scan(OCCURRENCES_BY_JOB_STATE, job.id, state)]
    ahead = [row for row in rows if _was_put_off_ahead(row, now)]
    for row in ahead:
        write_occurrence(tx, row, _taken_back(tx, row, now))
    return len(ahead)


def _was_put_off_ahead(row: Occurrence, now: datetime) -> bool:
    """Whether a waiting row is due too late because the clock was ahead when it was handled, or put off by a person."""
    return is_ahead(_put_off_at(row), now) and row.due_at > now


def _put_off_at(row: Occurrence) -> datetime | None:
    return row.handled_at if snoozed_until(row) is None else snoozed_at(row)


def _taken_back(tx: Transaction, row: Occurrence, now: datetime) -> Occurrence:
    if row.trigger in OF_SCHEDULE and row.scheduled_at > now and not _has_begun(tx, row):
        return occurrence_moves.plan_again(row)
    due_at = now + max(row.due_at - (_put_off_at(row) or row.due_at), timedelta(0))
    detail = row.detail
    if snoozed_until(row) is not None:
        detail = {**detail, "at": instant_text(now), "until": instant_text(due_at)}
    return replace(
        row, due_at=due_at, detail=detail, handled_at=now if is_ahead(row.handled_at, now) else row.handled_at
    )


def _has_begun(reader: Reader, row: Occurrence) -> bool:
    """Whether a row was started once: then it has a past, and is no plan any more."""
    return bool(reader.scan(TASK_RUNS_BY_OCCURRENCE, row.id, limit=1))


def _take_back_retries(tx: Transaction, owner: Owner, job: Job, now: datetime) -> int:
    count = 0
    for row in tx.scan(OCCURRENCES_BY_JOB_STATE, job.id, OccurrenceState.RUNNING):
        for attempt in tx.scan(ATTEMPTS_BY_OCCURRENCE, row.id) if row.owner == owner.node_id else ():
            waits = attempt.state is AttemptState.PLANNED and is_ahead(attempt.created_at, now)
            if waits and attempt.not_before is not None and attempt.not_before > now:
                not_before = now + (attempt.not_before - attempt.created_at)
                write_attempt(tx, attempt, replace(attempt, not_before=not_before, created_at=now))
                count += 1
    return count


def _take_back_deadlines(tx: Transaction, owner: Owner, job: Job, now: datetime) -> int:
    """What runs and has more time left than a run ever gets has got its deadline from the wrong clock."""
    count = 0
    for row in (row for state in OWNED_OCCURRENCES for row in tx.scan(OCCURRENCES_BY_JOB_STATE, job.id, state)):
        limit = owner.definitions.of(tx, job.id, row.version).policies.execution_timeout
        latest = None if limit is None or row.owner != owner.node_id else now + timedelta(seconds=limit)
        if latest is not None and row.deadline_at is not None and row.deadline_at > latest + AHEAD:
            write_occurrence(tx, row, replace(row, deadline_at=latest))
            count += 1
    return count
