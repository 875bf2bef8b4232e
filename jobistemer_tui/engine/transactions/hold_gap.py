"""The rows of gaps: held while they wait for their fate, kept afterwards as what was done about each."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from jobistemer_tui.domain.identity import occurrence_id
from jobistemer_tui.domain.instants import instant_json
from jobistemer_tui.domain.records import Detail, GapState, Job, JobGap
from jobistemer_tui.domain.recovery_strategy import RecoveryStrategy
from jobistemer_tui.domain.states import OccurrenceState, Reason
from jobistemer_tui.engine.recovery import Choice, hold
from jobistemer_tui.engine.transactions.common import Owner, is_ticking, tell_job, the_job
from jobistemer_tui.engine.wakefulness import STEADY_S, Wakefulness
from jobistemer_tui.settings.quick_dataclass import replace
from jobistemer_tui.storage.contract import Reader, Transaction
from jobistemer_tui.storage.tables import GAPS_BY_HOLD, GAPS_BY_JOB, GAPS_BY_JOB_STATE, JOB_GAPS, OCCURRENCES


def gap_row(reader: Reader, job_id: UUID) -> JobGap | None:
    """The gap of a job that waits for its fate; there is at most one.

    It need not be the newest: a clock that was ahead may have left one behind it that lies later.
    """
    held = reader.scan(GAPS_BY_JOB_STATE, job_id, GapState.HELD, limit=1)
    return held[0] if held else None


def judged(
    job_id: UUID,
    begin: datetime,
    found: JobGap | None,
    away: Wakefulness,
    now: datetime,
    *,
    hold_s: float | None = None,
) -> JobGap:
    """The row of a gap as `away` and the row that is `found` say: held until some time, or not any more."""
    found_at = now if found is None else min(found.found_at, now)
    awake = max(away.awake, awake_since(found, now) or away.awake)
    steady_at = away.steady_at(begin) or doubted_until(found, now)
    until, reason = hold(Choice.of(found), found_at, hold_s, steady_at, now) or (None, None)
    return JobGap(
        job_id, begin, GapState.HELD, away.reason if found is None else found.reason, found_at, awake,
        away.down_at if found is None else found.down_at, held_until=until, held_for=reason,
        choice={} if found is None else found.choice,
    )  # fmt: skip


def doubted_until(found: JobGap | None, now: datetime) -> datetime | None:
    """Until when a gap is held for a steady clock; None if it is not, or for longer than that ever takes.

    That counts for every engine, whatever it thinks of the clock: one that has lost its lock may not know it yet, and
    what it believes must not overtake the engine that serves the store now.
    """
    if found is None or found.held_until is None or found.held_for is not Reason.CLOCK_UNSTEADY:
        return None
    return found.held_until if now < found.held_until <= now + timedelta(seconds=STEADY_S) else None


def awake_since(found: JobGap | None, now: datetime) -> datetime | None:
    """Since when an engine was awake, as the one says that found a gap; None where its clock was ahead.

    Another that was there, but as slow as if it had not been, would take what was missed for late.
    """
    return None if found is None or found.found_at > now else found.awake_at


def waits_behind_gap(reader: Reader, job: Job, instant: datetime, now: datetime) -> bool:
    """Whether an instant waits behind a gap that is held, for every engine: one of them may not know of it yet."""
    gap = gap_row(reader, job.id)
    if gap is None or gap.begin_at > instant or has_fate(reader, job, gap.begin_at):
        return False
    if gap.held_for is not Reason.RECOVERY_HOLD:
        return doubted_until(gap, now) is not None
    return gap.held_until is not None and gap.found_at <= now < gap.held_until and not Choice.of(gap).is_final


def waited_for_gap(reader: Reader, job_id: UUID, instant: datetime) -> bool:
    """Whether an instant came while a gap before it was held, so that it had to wait as well."""
    newest = reader.scan(GAPS_BY_JOB, job_id, reverse=True, limit=1)
    return bool(newest) and newest[0].resolved_at is not None and newest[0].awake_at <= instant <= newest[0].resolved_at


def hold_gap(tx: Transaction, owner: Owner, gap: JobGap, now: datetime) -> bool:
    """Keep that a gap waits.

    False, and nothing is written, if a person has decided about it since it was judged, or its instants have got their
    fate meanwhile: it has to be judged anew.
    """
    job, before = the_job(tx, gap.job_id), gap_row(tx, gap.job_id)
    decided = before is not None and before.choice != gap.choice
    if decided or has_fate(tx, job, gap.begin_at):
        return False
    if before == gap:
        return True
    if before is not None:
        tx.delete(JOB_GAPS, before.job_id, before.begin_at)
    _put(tx, gap)
    if before is None or before.held_for is not gap.held_for:
        detail = {"instants": gap.count, "for": gap.held_for, "until": instant_json(gap.held_until)}
        tell_job(tx, "gap_held", owner.actor, now, job, detail)
    return True


def judge_anew(tx: Transaction, job_id: UUID, now: datetime) -> None:
    """What says how long a person may decide, or what happens then, may be another: the next turn judges by it."""
    found = gap_row(tx, job_id)
    if found is not None and found.held_for is Reason.RECOVERY_HOLD:
        tx.replace(JOB_GAPS, found, replace(found, held_until=now))


def has_fate(reader: Reader, job: Job, instant: datetime) -> bool:
    """Whether an instant of a job waits no longer for what becomes of it."""
    row = reader.get(OCCURRENCES, occurrence_id(job.id, instant))
    return job.cursor_at >= instant if row is None else row.state is not OccurrenceState.PLANNED


def left_over(reader: Reader, now: datetime) -> list[UUID]:
    """The jobs whose gap is held though it waits for nothing: its instants have a fate, lie ahead, or get no rows."""
    held = [(gap, the_job(reader, gap.job_id)) for gap in reader.scan(GAPS_BY_HOLD, GapState.HELD)]
    return [
        job.id for gap, job in held if gap.begin_at > now or not is_ticking(job) or has_fate(reader, job, gap.begin_at)
    ]


def keep_resolved(
    tx: Transaction, gap: JobGap, *, strategy: RecoveryStrategy | None, outcome: Detail, now: datetime
) -> None:
    """Keep what was done about a gap."""
    _put(
        tx,
        replace(
            gap, state=GapState.RESOLVED, held_until=None, held_for=None, strategy=strategy, resolved_at=now,
            outcome=outcome,
        ),
    )  # fmt: skip


def close_gap(tx: Transaction, job_id: UUID, now: datetime) -> None:
    """All instants of a job up to now were passed over: its gap no longer waits."""
    found = gap_row(tx, job_id)
    if found is not None:
        keep_resolved(tx, found, strategy=None, outcome={"passed_over": found.count or 0}, now=now)


def forget_gap(tx: Transaction, job_id: UUID) -> None:
    """A gap that is held turned out to be none: see `left_over`."""
    found = gap_row(tx, job_id)
    if found is not None:
        tx.delete(JOB_GAPS, found.job_id, found.begin_at)


def _put(tx: Transaction, gap: JobGap) -> None:
    if not tx.insert(JOB_GAPS, gap):
        tx.delete(JOB_GAPS, gap.job_id, gap.begin_at)  # a clock that went back brings the same instant again
        tx.insert(JOB_GAPS, gap)
