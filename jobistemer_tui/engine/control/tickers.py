"""Start, stop, pause and resume the ticker of a job. Each event keeps the state before and after, for `undo`.

Asking for what is so already changes nothing and tells nothing, so a double press is harmless.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from jobistemer_tui.domain.instants import instant_json, instant_text
from jobistemer_tui.domain.pauses import is_paused
from jobistemer_tui.domain.records import Detail, Job, Occurrence
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine.definitions import Definitions
from jobistemer_tui.engine.recovery import Gap
from jobistemer_tui.engine.replan import is_marked
from jobistemer_tui.engine.transactions.common import end_silence, tell_job, the_job, write_job
from jobistemer_tui.engine.transactions.pauses import newest_span, set_pause
from jobistemer_tui.engine.transactions.pull_back import plan_as_by_now
from jobistemer_tui.engine.transactions.replanning import drop_planned
from jobistemer_tui.engine.transactions.resolve_gap import pass_over, unhandled
from jobistemer_tui.errors import Refused
from jobistemer_tui.settings.quick_dataclass import replace
from jobistemer_tui.storage.contract import Reader, Transaction


def start(tx: Transaction, job: UUID, *, now: datetime, actor: str) -> Job:
    """Let a stopped job's schedule go on, from now: what passed meanwhile leaves no rows. Raises NotFound."""
    gate = the_job(tx, job)
    if not gate.stopped:
        return gate
    started = start_again(tx, gate, now, actor)
    tell_job(tx, "job_started", actor, now, started, change(gate, started))
    return started


def stop(
    tx: Transaction, job: UUID, *, now: datetime, actor: str, reason: str | None = None, passed: Gap | None = None
) -> Job:
    """Stop a job's schedule: nothing is planned and its instants leave no rows; what waits or runs goes on.

    `passed`: what `unhandled` gave before; without it that is read here. Raises NotFound.
    """
    gate = the_job(tx, job)
    if gate.stopped:
        return gate
    stopped, dropped = stop_now(tx, gate, now, passed)
    detail = {"reason": reason, "marks": [_mark(row) for row in dropped if is_marked(row)]}
    tell_job(tx, "job_stopped", actor, now, stopped, {**detail, **change(gate, stopped)})
    return stopped


def start_again(tx: Transaction, gate: Job, now: datetime, actor: str) -> Job:
    """Write that a job is not stopped, and plan its next run."""
    started = replace(gate, stopped=False)
    end_silence(tx, started, now)
    return write_job(tx, gate, plan_as_by_now(tx, Definitions(), started, now=now, actor=actor))


def stop_now(tx: Transaction, gate: Job, now: datetime, passed: Gap | None) -> tuple[Job, list[Occurrence]]:
    """Write that a job is stopped; gives the coming runs that were dropped.

    What was due and not handled yet is skipped: whoever stops a job does not want it to run once an engine comes.
    """
    pass_over(tx, gate, unhandled(tx, gate.id, now) if passed is None else passed, Reason.STOPPED, now)
    dropped = drop_planned(tx, gate.id, after=now)
    stopped = replace(gate, stopped=True, finished=False, cursor_at=max(gate.cursor_at, now))
    return write_job(tx, gate, stopped), dropped


def pause(
    tx: Transaction, job: UUID, *, now: datetime, until: datetime | None, reason: str | None, actor: str,
    batch: UUID | None = None,
) -> Job:  # fmt: skip
    """Pause a job's ticker from now, for ever or until an instant; a paused one gets the new end and reason.

    `batch`: it is paused together with all others, and one that is paused already stays as it is.
    Raises NotFound; Refused if the end is not in the future.
    """
    gate = the_job(tx, job)
    if until is not None and until <= now:
        raise Refused(f"a pause cannot end at {instant_text(until)}, which has passed", hint="name a later time")
    if is_paused(gate, now) and (batch is not None or (gate.paused_until, gate.pause_reason) == (until, reason)):
        return gate
    paused = set_pause(tx, gate, now=now, since=now, until=until, reason=reason, batch=batch)
    detail = {"reason": reason, "until": instant_json(until), **in_batch(batch)}
    tell_job(tx, "job_paused", actor, now, paused, {**detail, **change(gate, paused)})
    return paused


def resume(tx: Transaction, job: UUID, *, now: datetime, actor: str, batch: UUID | None = None) -> Job:
    """End a pause; what passed meanwhile stays skipped.

    `batch`: together with all others; then only a pause that was made so is ended. Raises NotFound.
    """
    gate = the_job(tx, job)
    if not is_paused(gate, now) or (batch is not None and not paused_with_all(tx, gate)):
        return gate
    resumed = set_pause(tx, gate, now=now, since=None)
    tell_job(tx, "job_resumed", actor, now, resumed, {**in_batch(batch), **change(gate, resumed)})
    return resumed


def paused_with_all(reader: Reader, gate: Job) -> bool:
    """Whether the newest pause of a job was made together with all others."""
    newest = newest_span(reader, gate.id)
    return newest is not None and newest.batch is not None


def in_batch(batch: UUID | None) -> Detail:
    """How an event says that an act was one of many."""
    return {} if batch is None else {"batch": str(batch)}


def change(before: Job, after: Job) -> Detail:
    """The control state of a job before and after an act, for the audit and for `undo`."""
    return {"before": control_state(before), "after": control_state(after)}


def control_state(job: Job) -> Detail:
    """What acts on a ticker change, as JSON."""
    return {
        "stopped": job.stopped,
        "paused": job.paused_at is not None,
        "until": instant_json(job.paused_until),
        "reason": job.pause_reason,
    }


def _mark(row: Occurrence) -> Detail:
    assert row.reason is not None
    return {"instant": instant_text(row.scheduled_at), "reason": row.reason.value, "detail": row.detail}
