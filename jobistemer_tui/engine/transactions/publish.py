"""Publish what a job file says, and retire what no file holds any more. An edit is never retroactive."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from jobistemer_tui.domain import occurrence_moves
from jobistemer_tui.domain.announcements import Occasion
from jobistemer_tui.domain.definition_diff import differences
from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.records import Detail, Job, JobVersion
from jobistemer_tui.domain.states import WAITING_OCCURRENCES, OccurrenceState, Reason, Who
from jobistemer_tui.engine.definitions import schedule_of
from jobistemer_tui.engine.known_texts import may_publish
from jobistemer_tui.engine.planner import is_ahead, runs_late
from jobistemer_tui.engine.replan import hand_over_at, is_marked
from jobistemer_tui.engine.transactions.announce import announce_unrun, count_unrun
from jobistemer_tui.engine.transactions.common import (
    Moved,
    Owner,
    end_silence,
    is_ticking,
    plan_next,
    planned_row,
    scheduled_row,
    tell,
    tell_job,
    the_job,
    write_job,
    write_occurrence,
)
from jobistemer_tui.engine.transactions.give_up import give_up
from jobistemer_tui.engine.transactions.groups import (
    in_group,
    lock_groups,
    name_of,
    rearrange_waiting,
    tell_differing_limits,
)
from jobistemer_tui.engine.transactions.hand_over import set_followed
from jobistemer_tui.engine.transactions.hold_gap import judge_anew
from jobistemer_tui.engine.transactions.pull_back import may_correct, pull_back
from jobistemer_tui.engine.transactions.replanning import drop_where, plan_detail, replan
from jobistemer_tui.engine.transactions.resolve_gap import GapReading, pass_over, resolve_gap, unhandled
from jobistemer_tui.engine.unchanged import unsettle
from jobistemer_tui.errors import Refused, ScheduleError
from jobistemer_tui.schedules import Schedule
from jobistemer_tui.schedules.zones import zone_data_version
from jobistemer_tui.settings.quick_dataclass import dataclass, replace
from jobistemer_tui.storage.contract import Transaction
from jobistemer_tui.storage.tables import JOB_VERSIONS, JOBS, OCCURRENCES, OCCURRENCES_BY_JOB_STATE


class Change(StrEnum):
    """What publishing a definition did to its job."""

    ADDED = "added"
    CHANGED = "changed"
    RETURNED = "returned"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a definition was read: file, line, and the root (folder or file) that is watched."""

    path: str
    line: int
    root: str


@dataclass(frozen=True, slots=True)
class Published:
    """The job as it stands now, and what changed."""

    job: Job
    change: Change


class GapHeld(Refused):
    """The gap of the version in force waits, for a steady clock or for a person; nothing was written."""

    code = "gap_held"


class Superseded(Refused):
    """An older text of the job, from a place that has not got the newer one; nothing was written."""

    code = "superseded"


class Stale(Refused):
    """Somebody else has published the job since the publisher read it; nothing was written."""

    code = "stale"


def publish(
    tx: Transaction, owner: Owner, definition: JobDefinition, source: Source, *, now: datetime,
    gap: GapReading | None = None, reason: Reason = Reason.DOWNTIME, seen: int | None = None,
) -> Published:  # fmt: skip
    """Make a definition the job's present version.

    The old version's `gap` up to now is resolved first, in the same transaction; then only planned rows after now
    change. A job that returns, or whose schedule changes, begins at now. While the gap is held
    (hazard 14, `recovery_hold`), an edit that leaves the instants alone leaves the gap alone as well, and any other is
    refused.
    `seen` is the version that the publisher has read (0: there was none; None: whatever it is). Raises Stale if it is
    another by now; Superseded, GapHeld, ScheduleError, Moved.
    """
    job = tx.get(JOBS, definition.id)
    lock_groups(tx, name_of(definition.policies), None if job is None else job.group_name)
    is_now = 0 if job is None else job.version
    if seen is not None and seen != is_now:
        raise Stale(
            f"job {definition.name} was published meanwhile: version {is_now} is in force, version {seen} was read",
            hint="the files are read again at the next scan",
        )
    if job is None:
        return Published(_add(tx, owner, definition, source, now), Change.ADDED)
    _refuse_older(tx, owner, job, definition)
    was, job = job, _set_right(tx, owner, job, now)
    if gap is not None and gap.cursor_at == was.cursor_at:
        # What was read is what has passed by now, before a cursor that lay ahead; setting it to now leaves that alone.
        gap = replace(gap, cursor_at=job.cursor_at)
    if job.source_path != source.path:
        unsettle(tx, job.source_path)
    if gap is not None and gap.gap.slots and job.retired_at is None:
        if gap.is_held:
            _refuse_other_instants(tx, owner, job, definition, steady=gap.steady)
        else:
            resolve_gap(tx, owner, gap, reason=reason, now=now, due_at=now)
            job = the_job(tx, job.id)
    if job.content_hash == definition.content_hash and job.retired_at is None:
        return Published(_stay(tx, owner, job, definition, source, now), Change.UNCHANGED)
    return _change(tx, owner, job, definition, source, now)


def _set_right(tx: Transaction, owner: Owner, job: Job, now: datetime) -> Job:
    """Take back what a clock ahead has decided, which the sweep would not see any more with the cursor at the edit."""
    if not is_ahead(job.cursor_at, now) or not may_correct(owner, now):
        return job
    try:
        owner.definitions.schedule(tx, job)
    except ScheduleError:
        return job  # it does not work (any more), and an edit is what mends it
    pull_back(tx, owner, job.id, now)
    return the_job(tx, job.id)


def _refuse_older(tx: Transaction, owner: Owner, job: Job, definition: JobDefinition) -> None:
    if owner.texts is None or job.retired_at is not None or job.content_hash == definition.content_hash:
        return
    if not may_publish(tx, job, definition.content_hash, owner.texts.of(job.id)):
        raise Superseded(
            f"job {job.name} has had this text before, and version {job.version} from {job.source_root} is in force",
            hint="bring the file up to date; this engine does not run the job until then",
        )


def _refuse_other_instants(tx: Transaction, owner: Owner, job: Job, definition: JobDefinition, *, steady: bool) -> None:
    if _has_same_instants(owner.definitions.of(tx, job.id, job.version), job, definition):
        return
    if not steady:
        raise GapHeld(
            f"job {job.name} has had no engine for over an hour by a clock that may be wrong",
            hint="its new schedule applies once the clock has been steady for a minute",
        )
    raise GapHeld(
        f"what job {job.name} has missed waits for a person to decide",
        hint=f"its new schedule applies after that: jobistemer recovery release {job.name}",
    )


def _has_same_instants(old: JobDefinition, job: Job, definition: JobDefinition) -> bool:
    return old.schedule_hash == definition.schedule_hash and job.scheduled == _is_scheduled(definition)


def _add(tx: Transaction, owner: Owner, definition: JobDefinition, source: Source, now: datetime) -> Job:
    job = Job(
        id=definition.id, key=definition.key, name=definition.name, version=1, content_hash=definition.content_hash,
        source_path=source.path, source_root=source.root, published_at=now, first_published_at=now, cursor_at=now,
        scheduled=_is_scheduled(definition), timezone_data=zone_data_version(), watched=is_watched(definition),
    )  # fmt: skip
    job = in_group(job, definition.policies)
    schedule = schedule_of(tx, definition, job.first_published_at)
    tx.insert(JOBS, job)
    set_followed(tx, job, schedule)
    _keep_version(tx, job, definition, source, now)
    _judge_late_one_off(tx, owner, job, definition, schedule, now)
    planned, found = replan(tx, job, definition, now)
    tell_job(tx, "job_published", owner.actor, now, job, {"version": 1, "file": source.path, **plan_detail(found)})
    tell_differing_limits(tx, job, actor=owner.actor, now=now)
    return write_job(tx, job, planned)


def _change(
    tx: Transaction, owner: Owner, job: Job, definition: JobDefinition, source: Source, now: datetime
) -> Published:
    old = owner.definitions.of(tx, job.id, job.version)
    returned = job.retired_at is not None
    number = job.version if job.content_hash == definition.content_hash else job.version + 1
    new = replace(
        job, name=definition.name, version=number, content_hash=definition.content_hash, published_at=now,
        source_path=source.path, source_root=source.root, scheduled=_is_scheduled(definition), retired_at=None,
        error=None, timezone_data=zone_data_version(), watched=is_watched(definition),
    )  # fmt: skip
    new = in_group(new, definition.policies)
    schedule = schedule_of(tx, definition, new.first_published_at)
    set_followed(tx, new, schedule)
    same_instants = not returned and _has_same_instants(old, job, definition)
    if not same_instants:
        last = None if returned else _hand_over_at(tx, owner, job, new, definition, schedule, now)
        if not returned:
            _promise_what_is_late(tx, owner, job, now)
        new = replace(new, cursor_at=now, hands_over_at=last)
    if number != job.version:
        _keep_version(tx, new, definition, source, now)
        judge_anew(tx, job.id, now)
        rearrange_waiting(tx, new, definition.policies, actor=owner.actor, now=now)
    if in_group(job, old.policies) != in_group(job, definition.policies):
        tell_differing_limits(tx, new, actor=owner.actor, now=now)
    if returned:
        drop_where(tx, job.id, lambda row: row.scheduled_at <= now)
    detail: Detail = {"version": number, "file": source.path}
    if number != job.version:
        detail["changes"] = [difference.text for difference in differences(old, definition)]
    written = write_job(tx, job, new)
    if is_ticking(new) and not is_ticking(job):
        end_silence(tx, new, now)
    if not (same_instants and old.policies.plan_horizon == definition.policies.plan_horizon):
        if not same_instants:
            _judge_late_one_off(tx, owner, written, definition, schedule, now)
        planned, found = replan(tx, written, definition, now)
        written = write_job(tx, written, planned)
        detail |= plan_detail(found)
    tell_job(tx, "job_returned" if returned else "job_published", owner.actor, now, written, detail)
    return Published(written, Change.RETURNED if returned else Change.CHANGED)


def _hand_over_at(
    tx: Transaction, owner: Owner, job: Job, new: Job, definition: JobDefinition, schedule: Schedule | None,
    now: datetime,
) -> datetime | None:  # fmt: skip
    """The instant of the old schedule that is still to happen; None where the new one applies at once."""
    try:
        before = owner.definitions.schedule(tx, job) if is_ticking(job) else None
        if before is None or schedule is None or not is_ticking(new):
            return None
        return hand_over_at(definition.policies, before.slots_after(now), schedule.next_after)
    except ScheduleError:
        return None  # the old one does not work; where it is the new one, planning meets the same


def _promise_what_is_late(tx: Transaction, owner: Owner, job: Job, now: datetime) -> None:
    """Plan the old schedule's instants up to now: they passed while an engine was awake but slow, and start late."""
    try:
        schedule = owner.definitions.schedule(tx, job) if is_ticking(job) else None
        for slot in schedule.slots_after(job.cursor_at) if schedule is not None else ():
            if slot.instant > now:
                return
            planned_row(tx, job, slot, now)
    except ScheduleError:
        return  # one that does not work (any more) promises nothing, and an edit is what mends it


def _is_scheduled(definition: JobDefinition) -> bool:
    return definition.enabled and definition.schedule is not None


def is_watched(definition: JobDefinition) -> bool:
    """Whether a rule of the job asks for something that only the passing of time brings."""
    return bool(definition.announcements.asking(Occasion.SLOW, Occasion.NO_SUCCESS))


def _stay(tx: Transaction, owner: Owner, job: Job, definition: JobDefinition, source: Source, now: datetime) -> Job:
    """The same definition, perhaps in another file or under other time-zone data.

    On a shared store the file stays that of the place which published it, and older time-zone data change nothing.
    """
    if owner.texts is not None and (is_elsewhere(job, source) or zone_data_version() < job.timezone_data):
        return job
    here = replace(job, source_path=source.path, source_root=source.root, timezone_data=zone_data_version())
    if here == job:
        return job
    if here.timezone_data != job.timezone_data:
        here, found = replan(tx, here, definition, now)
        detail = {"was": job.timezone_data, "is": here.timezone_data, **plan_detail(found)}
        tell_job(tx, "timezone_data_changed", owner.actor, now, here, detail)
    return write_job(tx, job, here)


def is_elsewhere(job: Job, source: Source) -> bool:
    """Whether a job was published from the files of another host: roots begin with its name on a shared store."""
    host, _, path = job.source_root.partition(":")
    return bool(path) and "/" not in host and not source.root.startswith(f"{host}:")


def _keep_version(tx: Transaction, job: Job, definition: JobDefinition, source: Source, now: datetime) -> None:
    row = JobVersion(
        job_id=job.id, number=job.version, content_hash=job.content_hash, definition=definition.to_json(),
        source_path=source.path, source_line=source.line, published_at=now,
    )  # fmt: skip
    tx.insert(JOB_VERSIONS, row)


def _judge_late_one_off(
    tx: Transaction, owner: Owner, job: Job, definition: JobDefinition, schedule: Schedule | None, now: datetime
) -> None:
    """A one-off that is past at first sight is missed, unless a written `start_deadline` covers it."""
    instant = schedule.only_instant if schedule is not None and is_ticking(job) else None
    slot = None if schedule is None or instant is None or instant > now else schedule.slot_at(instant)
    if slot is None:
        return
    row = scheduled_row(job, slot, now)
    if not tx.insert(OCCURRENCES, row) or slot.passed_over is not None:
        return
    if not runs_late(definition.policies, row.scheduled_at, now):
        missed = occurrence_moves.miss(row, Reason.TOO_LATE, now=now)
        written = write_occurrence(tx, row, replace(missed, handled_at=now))
        tell(tx, "occurrence_missed", owner.actor, now, written)
        count_unrun(tx, written)
        announce_unrun(tx, definition, written, now)


def retire(
    tx: Transaction, owner: Owner, job_id: UUID, now: datetime, *, gap: GapReading | None = None,
    reason: Reason = Reason.DOWNTIME, seen: Job | None = None,
) -> Job | None:  # fmt: skip
    """No watched file holds the job any more: what is planned is dropped, what waits is cancelled.

    Its `gap` up to now is resolved first: until now it was in force. What is late and not handled yet is skipped:
    nobody is left to run it. History, pause, a person's marks and what runs stay. None if it is retired already. `seen`
    is the job as it was when its file was missed. Raises Moved if it was published, or an instant handled, since then.
    """
    job = the_job(tx, job_id)
    if job.retired_at is not None:
        return None
    if seen is not None and _place(job) != _place(seen):
        raise Moved(f"job {job.name} was published, or an instant of it handled, since its file was missed")
    lock_groups(tx, job.group_name)
    if gap is not None:
        resolve_gap(tx, owner, gap, reason=reason, now=now, due_at=now)
        job = the_job(tx, job_id)
    pass_over(tx, job, unhandled(tx, job_id, now), Reason.JOB_REMOVED, now)
    drop_where(tx, job_id, lambda row: not is_marked(row))
    for state in WAITING_OCCURRENCES:
        for row in tx.scan(OCCURRENCES_BY_JOB_STATE, job_id, state):
            canceled = occurrence_moves.cancel_waiting(row, Who.PLANNER, Reason.JOB_REMOVED, now=now)
            give_up(tx, row, canceled, who=Who.PLANNER, actor=owner.actor, now=now)
    set_followed(tx, job, None)
    cursor = max(job.cursor_at, now)
    gone = replace(job, retired_at=now, cursor_at=cursor, finished=False, group_name=None, group_limit=0)
    retired = write_job(tx, job, gone)
    unsettle(tx, job.source_path)
    tell_job(tx, "job_retired", owner.actor, now, retired, {"file": job.source_path})
    return retired


def _place(job: Job) -> tuple[str, datetime, datetime]:
    """What a publication, or the handling of an instant, changes of a job."""
    return job.source_path, job.published_at, job.cursor_at


def quarantine(tx: Transaction, owner: Owner, job_id: UUID, problem: str, now: datetime) -> None:
    """A published job cannot be planned: show why, and plan nothing of it."""
    job = tx.get(JOBS, job_id)
    if job is not None and job.error != problem:
        tell_job(
            tx, "job_quarantined", owner.actor, now, write_job(tx, job, replace(job, error=problem)), {"error": problem}
        )


def plan_missing(tx: Transaction, owner: Owner, job_id: UUID, now: datetime) -> bool:
    """Plan an active scheduled job that has no planned row; the sweep's guarantee. True if a row was made.

    One that could not be planned may have rows all the same, which a person has marked far ahead.
    """
    job, before = the_job(tx, job_id), tx.count(OCCURRENCES_BY_JOB_STATE, job_id, OccurrenceState.PLANNED)
    if not is_ticking(job) or job.finished or (before and job.error is None):
        return False
    planned = plan_next(tx, job, owner.definitions, after=job.cursor_at, now=now)
    is_made = tx.count(OCCURRENCES_BY_JOB_STATE, job_id, OccurrenceState.PLANNED) > before
    if is_made or not before:
        planned = replace(planned, error=None)
    if planned != job:
        write_job(tx, job, planned)
    return is_made
