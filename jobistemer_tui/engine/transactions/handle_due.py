"""Transaction 1: handle a due instant, exactly once, when its time comes, whatever the load."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from jobistemer_tui.domain import occurrence_moves
from jobistemer_tui.domain.durations import duration_text
from jobistemer_tui.domain.instants import instant_text
from jobistemer_tui.domain.pauses import is_in_pause, pause_over, snoozed_until
from jobistemer_tui.domain.policies import JobPolicies, OverlapPolicy
from jobistemer_tui.domain.records import Detail, Job, Occurrence, Pause
from jobistemer_tui.domain.states import IN_TURN, LIVE_OCCURRENCES, OccurrenceState, Reason, Who
from jobistemer_tui.engine.planner import (
    SKIP_MARKS,
    Fate,
    fate,
    is_too_late,
    jitter_at,
    lateness,
    to_replace,
)
from jobistemer_tui.engine.transactions.announce import announce_unrun, count_unrun
from jobistemer_tui.engine.transactions.begin import Progress, begin
from jobistemer_tui.engine.transactions.common import (
    Owner,
    blocking,
    load_of,
    plan_next,
    tell,
    tell_job,
    the_job,
    write_job,
    write_occurrence,
)
from jobistemer_tui.engine.transactions.give_up import give_up
from jobistemer_tui.engine.transactions.groups import (
    group_detail,
    is_full_for_a_newcomer,
    is_in_line,
    lock_groups,
    ranked,
)
from jobistemer_tui.engine.transactions.hold_gap import waited_for_gap, waits_behind_gap
from jobistemer_tui.engine.transactions.places import why_no_slot
from jobistemer_tui.engine.transactions.wake import wake_queue
from jobistemer_tui.errors import ScheduleError
from jobistemer_tui.settings.quick_dataclass import dataclass, replace
from jobistemer_tui.storage.contract import Transaction
from jobistemer_tui.storage.tables import OCCURRENCES, OCCURRENCES_BY_JOB_STATE, PAUSES_BY_JOB

_NEVER_LATE = timedelta(seconds=1)
"""Whatever the grace: so much costs nobody a look at the schedule."""


@dataclass(frozen=True, slots=True)
class Handled:
    """What became of an instant; `progress` if it was started here, `canceling` are older ones to be stopped.

    Or a planned row that stays due as it is: `left` until its job returns, `held` until the gap before it has its fate.
    """

    occurrence: Occurrence | None
    progress: Progress | None = None
    canceling: tuple[Occurrence, ...] = ()
    left: Occurrence | None = None
    held: Occurrence | None = None


def handle_due(tx: Transaction, owner: Owner, occurrence_id: UUID, now: datetime) -> Handled:
    """Give a planned row its fate, move the job's cursor, plan the next row. A lost race gives an empty result.

    Nothing is written of what waits: for a gap before it, or, marked by a person, for the return of its job.
    """
    row = tx.get(OCCURRENCES, occurrence_id)
    if row is None or row.state is not OccurrenceState.PLANNED or row.due_at > now:
        return Handled(None)
    job = the_job(tx, row.job_id)
    if job.retired_at is not None:
        return Handled(None, left=row)
    if waits_behind_gap(tx, job, row.scheduled_at, now):
        return Handled(None, held=row)
    lock_groups(tx, job.group_name)
    job, handled = decide(tx, owner, job, row, now)
    _plan_on(tx, owner, job, row, now)
    return handled


def decide(tx: Transaction, owner: Owner, job: Job, row: Occurrence, now: datetime) -> tuple[Job, Handled]:
    """Pass a planned row over where a mark or a pause says so, else give it its fate. The gate is the caller's."""
    job = _ended_pause(tx, owner, job, row.scheduled_at, now)
    # The spans as well: a person may have ended the pause before this engine came to handle what passed in it.
    spans = tx.scan(PAUSES_BY_JOB, job.id, high=row.scheduled_at, reverse=True, limit=1)
    passed_over = why_passed_over(job, row, now, spans)
    if passed_over is not None:
        reason, detail = passed_over
        skipped = occurrence_moves.skip(row, Who.PLANNER, reason, now=now, detail=detail)
        return job, Handled(settle(tx, owner, row, skipped, now))
    return give_fate(tx, owner, job, row, now)


def why_passed_over(job: Job, row: Occurrence, now: datetime, pauses: Iterable[Pause]) -> tuple[Reason, Detail] | None:
    """Why a planned row does not run whatever the load: its mark, or a pause of the job; None if it may run.

    `pauses` are those that the job has had: the one that its row shows may be another by now.
    """
    if row.reason in SKIP_MARKS:
        return row.reason, row.detail
    span = pause_over(pauses, row.scheduled_at)
    if span is None and not is_in_pause(job, row.scheduled_at, now):
        return None
    why = job.pause_reason if span is None else span.reason
    return Reason.PAUSED, {"reason": why} if why else {}


def give_fate(tx: Transaction, owner: Owner, job: Job, row: Occurrence, now: datetime) -> tuple[Job, Handled]:
    """Start a planned row, let it wait, queue it, skip it or give it up, as policy, load, slots and time decide."""
    definition = owner.definitions.of(tx, job.id, job.version)
    row = ranked(row, definition.policies)
    held = held_back(tx, owner, job, row, now)
    if is_too_late(definition.policies, held, now):
        missed = occurrence_moves.miss(row, Reason.TOO_LATE, now=now)
        return job, Handled(settle(tx, owner, row, missed, now))
    no_slot = why_no_slot(tx, owner, job, now) if held is row else held.reason
    full = held is row and is_full_for_a_newcomer(tx, row, now, no_slot=no_slot)
    decided = fate(definition.policies, load_of(tx, job.id, without=row), no_slot=no_slot, group_full=full)
    if decided.state is OccurrenceState.RUNNING:
        late = _late(tx, owner, job, row, now)
        behind_gap = late is not None and waited_for_gap(tx, job.id, row.scheduled_at)
        reason = Reason.RECOVERY_HOLD if behind_gap else Reason.OVERLOADED
        job, progress = begin(tx, owner, job, row, now, late=late, late_reason=reason)
        return job, Handled(progress.occurrence, progress)
    canceling = make_room(tx, owner.actor, job, definition.policies, row, now) if decided.replaces else ()
    settled = settle(tx, owner, row, fated(tx, job, held, decided, now), now)
    if decided.replaces:
        # What made room may have waited only, and then nothing is left whose end would wake this one.
        wake_queue(tx, job.id, definition, Who.SWEEP, owner.actor, now)
    return job, Handled(settled, canceling=canceling)


def held_back(tx: Transaction, owner: Owner, job: Job, row: Occurrence, now: datetime) -> Occurrence:
    """The row, due later and with the reason why, if it was snoozed or its schedule has a jitter."""
    until = snoozed_until(row)
    if until is not None:
        return replace(row, due_at=until) if until > now else row
    try:
        due_at = row.scheduled_at + _jitter(tx, owner, job, row)
    except ScheduleError:
        return row  # the schedule cannot say; planning the next instant meets the same, and shows it
    return replace(row, due_at=due_at, reason=Reason.JITTER) if due_at > now else row


def _jitter(tx: Transaction, owner: Owner, job: Job, row: Occurrence) -> timedelta:
    schedule = owner.definitions.schedule(tx, job)
    return timedelta(0) if schedule is None else jitter_at(schedule, row.id, row.scheduled_at)


def fated(tx: Transaction, job: Job, row: Occurrence, decided: Fate, now: datetime) -> Occurrence:
    """A planned row in the state that was decided for it, if that is not to run; not yet written."""
    reason = decided.reason or Reason.NO_SLOT
    match decided.state:
        case OccurrenceState.SKIPPED:
            return occurrence_moves.skip(row, Who.PLANNER, reason, now=now, detail=blocking(tx, row))
        case OccurrenceState.QUEUED if reason is Reason.GROUP and row.group_name is not None:
            return occurrence_moves.enqueue(row, reason, sequence=0, detail=group_detail(tx, row.group_name))
        case OccurrenceState.QUEUED:
            return occurrence_moves.enqueue(row, reason, sequence=next_place(tx, job), detail=blocking(tx, row))
        case _:
            return occurrence_moves.wait(row, reason, row.detail if reason is Reason.SNOOZED else {})


def settle(tx: Transaction, owner: Owner, row: Occurrence, fated: Occurrence, now: datetime) -> Occurrence:
    """Write a row's first fate and its event."""
    written = write_occurrence(tx, row, replace(fated, handled_at=now))
    tell(tx, f"occurrence_{written.state}", owner.actor, now, written)
    count_unrun(tx, written)
    announce_unrun(tx, owner.definitions.of(tx, row.job_id, row.version), written, now)
    return written


def next_place(tx: Transaction, job: Job) -> int:
    """The place behind everything that is queued for a job."""
    last = tx.scan(OCCURRENCES_BY_JOB_STATE, job.id, OccurrenceState.QUEUED, reverse=True, limit=1)
    return last[0].sequence + 1 if last else 1


def make_room(
    tx: Transaction, actor: str, job: Job, policies: JobPolicies, row: Occurrence, now: datetime
) -> tuple[Occurrence, ...]:
    """For `replace`: cancel what is queued, and of the live ones the oldest as far as they are in the way.

    Gives the running ones, which have to be told.
    """
    by = {"replaced_by": str(row.id)}
    queued = tx.scan(OCCURRENCES_BY_JOB_STATE, job.id, OccurrenceState.QUEUED)
    live = [one for state in LIVE_OCCURRENCES for one in tx.scan(OCCURRENCES_BY_JOB_STATE, job.id, state)]
    replaced = to_replace(policies, [*live, *filter(is_in_line, queued)])
    waiting = [one for one in replaced if one.state is not OccurrenceState.RUNNING]
    for older in (*(one for one in queued if not is_in_line(one)), *waiting):
        moved = occurrence_moves.cancel_waiting(older, Who.PLANNER, Reason.REPLACED, now=now, detail=by)
        give_up(tx, older, moved, who=Who.PLANNER, actor=actor, now=now)
    stopping = []
    for older in (one for one in replaced if one.state is OccurrenceState.RUNNING):
        moved = occurrence_moves.request_cancel(older, Who.PLANNER, Reason.REPLACED, by)
        stopping.append(write_occurrence(tx, older, moved))
        tell(tx, "occurrence_canceling", actor, now, stopping[-1])
    return tuple(stopping)


def why_queued(tx: Transaction, policies: JobPolicies, row: Occurrence) -> tuple[Reason, Detail]:
    """For what a queued row waits that nobody puts off (any more): its group, or runs of its own job."""
    if is_in_line(row) and row.group_name is not None:
        return Reason.GROUP, group_detail(tx, row.group_name)
    replaces = policies.overlap is OverlapPolicy.REPLACE and row.trigger not in IN_TURN
    return (Reason.REPLACING if replaces else Reason.OVERLAP), blocking(tx, row)


def _late(tx: Transaction, owner: Owner, job: Job, row: Occurrence, now: datetime) -> Detail | None:
    """How late a row starts that no person put off: whoever was awake and slower than that was overloaded."""
    # What follows another run is as late as the word of its end is old, which nobody awake has let wait.
    if now - row.due_at <= _NEVER_LATE or snoozed_until(row) is not None or row.follows:
        return None
    schedule = owner.definitions.schedule(tx, job)
    following = None if schedule is None else schedule.next_after(row.scheduled_at)
    late = lateness(owner.definitions.of(tx, job.id, job.version).policies, row, following, now)
    return None if late is None else {"late": duration_text(late.total_seconds())}


def _plan_on(tx: Transaction, owner: Owner, job: Job, row: Occurrence, now: datetime) -> None:
    moved = replace(job, cursor_at=max(job.cursor_at, row.scheduled_at))
    try:
        if _is_before_its_turn(tx, owner, job, row):
            planned = job
        else:
            planned = plan_next(tx, moved, owner.definitions, after=moved.cursor_at, now=now)
    except ScheduleError as error:
        # What is due has its fate. That nothing can be planned after it is shown, and tried again by each sweep.
        planned = replace(moved, error=str(error))
        tell_job(tx, "job_quarantined", owner.actor, now, moved, {"error": str(error)})
    write_job(tx, job, planned)


def _is_before_its_turn(tx: Transaction, owner: Owner, job: Job, row: Occurrence) -> bool:
    """Whether an earlier instant is still planned, after which others may come that have no row yet.

    A mark makes a row out of turn. The cursor must not pass what is between: the earlier one moves it when handled.
    """
    schedule = owner.definitions.schedule(tx, job)
    first = None if schedule is None else next(schedule.slots_after(job.cursor_at), None)
    if first is None or first.instant >= row.scheduled_at:
        return False
    planned = tx.scan(OCCURRENCES_BY_JOB_STATE, job.id, OccurrenceState.PLANNED)
    return any(other.scheduled_at < row.scheduled_at for other in planned)


def _ended_pause(tx: Transaction, owner: Owner, job: Job, instant: datetime, now: datetime) -> Job:
    """Close a pause whose end has passed; the span itself is kept in its own row."""
    if job.paused_until is None or instant < job.paused_until:
        return job
    tell_job(tx, "pause_ended", owner.actor, now, job, {"until": instant_text(job.paused_until)})
    return write_job(tx, job, replace(job, paused_at=None, paused_until=None, pause_reason=None))
