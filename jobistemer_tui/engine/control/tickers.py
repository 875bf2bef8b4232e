"""Start, stop, pause and resume the ticker of a job. Each event keeps the state before and after, for `undo`."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from jobistemer_tui.domain.instants import instant_text
from jobistemer_tui.domain.records import Detail, Job, Pause
from jobistemer_tui.engine.definitions import Definitions
from jobistemer_tui.engine.transactions.common import plan_next, tell_job, the_job, write_job
from jobistemer_tui.engine.transactions.replanning import drop_planned
from jobistemer_tui.errors import Refused
from jobistemer_tui.storage.contract import Transaction
from jobistemer_tui.storage.tables import PAUSES, PAUSES_BY_JOB


def start(tx: Transaction, job: UUID, *, now: datetime, actor: str) -> Job:
    """Let a stopped job's schedule go on, from now: what passed meanwhile leaves no rows.

    Raises NotFound; Refused if it is not stopped.
    """
    gate = the_job(tx, job)
    if not gate.stopped:
        raise Refused(f"job {gate.name} is not stopped")
    started = set_stopped(tx, gate, False, now)
    tell_job(tx, "job_started", actor, now, started, change(gate, started))
    return started


def stop(tx: Transaction, job: UUID, *, now: datetime, actor: str, reason: str | None = None) -> Job:
    """Stop a job's schedule: nothing is planned and its instants leave no rows; what waits or runs goes on.

    Raises NotFound; Refused if it is stopped already.
    """
    gate = the_job(tx, job)
    if gate.stopped:
        raise Refused(f"job {gate.name} is stopped already")
    stopped = set_stopped(tx, gate, True, now)
    tell_job(tx, "job_stopped", actor, now, stopped, {"reason": reason, **change(gate, stopped)})
    return stopped


def set_stopped(tx: Transaction, gate: Job, stopped: bool, now: datetime) -> Job:
    """Write whether a job is stopped: its coming runs are dropped, or the next one is planned."""
    if stopped:
        drop_planned(tx, gate.id, after=now)
        return write_job(tx, gate, replace(gate, stopped=True, finished=False))
    started = replace(gate, stopped=False, cursor_at=now)
    return write_job(tx, gate, plan_next(tx, started, Definitions(), after=now, now=now))


def pause(tx: Transaction, job: UUID, *, now: datetime, until: datetime | None, reason: str | None, actor: str) -> Job:
    """Pause a job's ticker from now, for ever or until an instant; a paused one gets the new end and reason.

    Raises NotFound; Refused if the end is not in the future.
    """
    gate = the_job(tx, job)
    if until is not None and until <= now:
        raise Refused(f"a pause cannot end at {instant_text(until)}, which has passed", hint="name a later time")
    paused = set_pause(tx, gate, now=now, since=now, until=until, reason=reason)
    detail = {"reason": reason, "until": None if until is None else instant_text(until)}
    tell_job(tx, "job_paused", actor, now, paused, {**detail, **change(gate, paused)})
    return paused


def resume(tx: Transaction, job: UUID, *, now: datetime, actor: str) -> Job:
    """End a pause; what passed meanwhile stays skipped. Raises NotFound; Refused if the job is not paused."""
    gate = the_job(tx, job)
    if gate.paused_at is None:
        raise Refused(f"job {gate.name} is not paused")
    resumed = set_pause(tx, gate, now=now, since=None)
    tell_job(tx, "job_resumed", actor, now, resumed, change(gate, resumed))
    return resumed


def set_pause(
    tx: Transaction, gate: Job, *, now: datetime, since: datetime | None, until: datetime | None = None,
    reason: str | None = None,
) -> Job:  # fmt: skip
    """Write whether a job is paused; the spans are kept, so that one that elapsed during downtime still counts."""
    spans = tx.scan(PAUSES_BY_JOB, gate.id, reverse=True, limit=1)
    if spans and (spans[0].end_at is None or spans[0].end_at > now):
        tx.replace(PAUSES, spans[0], replace(spans[0], end_at=now))
    if since is not None:
        tx.insert(PAUSES, Pause(gate.id, now, until, reason))
    return write_job(tx, gate, replace(gate, paused_at=since, paused_until=until, pause_reason=reason))


def change(before: Job, after: Job) -> Detail:
    """The control state of a job before and after an act, for the audit and for `undo`."""
    return {"before": control_state(before), "after": control_state(after)}


def control_state(job: Job) -> Detail:
    """What acts on a ticker change, as JSON."""
    return {
        "stopped": job.stopped,
        "paused": job.paused_at is not None,
        "until": None if job.paused_until is None else instant_text(job.paused_until),
        "reason": job.pause_reason,
    }
