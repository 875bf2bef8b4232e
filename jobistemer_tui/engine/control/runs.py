"""Run a job by hand, and cancel what runs or waits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from jobistemer_tui.domain import identity, occurrence_moves
from jobistemer_tui.domain.params import chosen
from jobistemer_tui.domain.records import Detail, Job, Occurrence
from jobistemer_tui.domain.states import OccurrenceState, Reason, Trigger, Who
from jobistemer_tui.engine.definitions import Definitions
from jobistemer_tui.engine.planner import fate
from jobistemer_tui.engine.transactions.announce import announce_unrun, count_unrun
from jobistemer_tui.engine.transactions.common import (
    load_of,
    tell,
    the_job,
    the_occurrence,
    write_job,
    write_occurrence,
)
from jobistemer_tui.engine.transactions.give_up import give_up
from jobistemer_tui.engine.transactions.groups import is_full_for_a_newcomer, lock_groups, ranked
from jobistemer_tui.engine.transactions.handle_due import fated, make_room
from jobistemer_tui.engine.transactions.wake import wake_queue
from jobistemer_tui.errors import Refused
from jobistemer_tui.settings.quick_dataclass import dataclass, replace
from jobistemer_tui.storage.contract import Transaction
from jobistemer_tui.storage.tables import OCCURRENCES, OCCURRENCES_BY_REQUEST


@dataclass(frozen=True, slots=True)
class Request:
    """What a person asks for: `id` is minted once for each key press or command, and gives the row it made.

    `waits_for` is why a pending run has not started yet; without an engine it waits until `valid_until`. `forced`: job
    and group are not asked. `reason` is kept in the audit.
    """

    id: UUID
    at: datetime
    actor: str
    valid_until: datetime
    waits_for: Reason = Reason.NO_NODE
    forced: bool = False
    reason: str | None = None

    @property
    def detail(self) -> Detail:
        """What the audit keeps beside who asked and when."""
        return {**({"why": self.reason} if self.reason else {}), **({"forced": True} if self.forced else {})}


def refuse_unloaded(gate: Job) -> None:
    """Raises Refused for a job that no engine runs because no watched file holds it; the file itself may be there."""
    if gate.retired_at is not None:
        raise Refused(
            f"{gate.name} is not loaded: no watched file holds it (it was in {gate.source_path})",
            hint="put it back, or name the folder of its file",
        )


def made_by(tx: Transaction, request: UUID) -> Occurrence | None:
    """The occurrence that a request has made already."""
    return next(iter(tx.scan(OCCURRENCES_BY_REQUEST, request, limit=1)), None)


def trigger(tx: Transaction, job: UUID, request: Request, params: Mapping[str, str] | None = None) -> Occurrence:
    """Make the occurrence of a manual trigger: pending, queued or skipped by the job's overlap policy.

    The same request gives the row it made. Raises NotFound; Refused where the job is not loaded; UsageError for
    parameters that it does not know.
    """
    made = made_by(tx, request.id)
    if made is not None:
        return made
    gate = the_job(tx, job)
    refuse_unloaded(gate)
    definition = Definitions().of(tx, job, gate.version)
    values = chosen(gate.name, definition.params, params or {})
    row = Occurrence(
        id=identity.manual_occurrence_id(job, request.id), job_id=job, scheduled_at=request.at, due_at=request.at,
        trigger=Trigger.MANUAL, state=OccurrenceState.PLANNED, version=gate.version, created_at=request.at,
        request_id=request.id, valid_until=request.valid_until, params=values, forced=request.forced,
    )  # fmt: skip
    tx.insert(OCCURRENCES, row)
    return place(tx, gate, row, request, "occurrence_triggered", {"params": values} if values else {})


def place(tx: Transaction, gate: Job, row: Occurrence, request: Request, kind: str, detail: Detail) -> Occurrence:
    """Give a row that a person asked for its first fate; where it starts is an engine's decision."""
    lock_groups(tx, gate.group_name)
    definition = Definitions().of(tx, gate.id, gate.version)
    row = ranked(row, definition.policies)
    decided = fate(
        definition.policies, load_of(tx, gate.id, without=row), no_slot=request.waits_for,
        group_full=is_full_for_a_newcomer(tx, row, request.at, no_slot=request.waits_for), forced=row.forced,
    )  # fmt: skip
    if decided.replaces:
        make_room(tx, request.actor, gate, definition.policies, row, request.at)
    placed = write_occurrence(tx, row, replace(fated(tx, gate, row, decided, request.at), handled_at=request.at))
    tell(tx, kind, request.actor, request.at, placed, {"status": placed.state.value, **detail, **request.detail})
    count_unrun(tx, placed)
    announce_unrun(tx, definition, placed, request.at)
    if decided.replaces:
        wake_queue(tx, gate.id, definition, Who.USER, request.actor, request.at)
    write_job(tx, gate, gate)
    return tx.get(OCCURRENCES, placed.id) or placed


def cancel(tx: Transaction, occurrence: UUID, *, now: datetime, actor: str, reason: str | None) -> Occurrence:
    """Cancel what waits; ask the owner of what runs to stop it. Cancelling twice changes nothing.

    Raises NotFound; Refused if it is only planned, or has ended.
    """
    row = the_occurrence(tx, occurrence)
    detail = {"by": actor, **({"why": reason} if reason else {})}
    match row.state:
        case OccurrenceState.CANCELING | OccurrenceState.CANCELED:
            return row
        case OccurrenceState.RUNNING:
            written = write_occurrence(tx, row, occurrence_moves.request_cancel(row, Who.USER, Reason.USER, detail))
            tell(tx, "occurrence_canceling", actor, now, written)
            return written
        case OccurrenceState.PENDING | OccurrenceState.QUEUED:
            moved = occurrence_moves.cancel_waiting(row, Who.USER, Reason.USER, now=now, detail=detail)
            written = give_up(tx, row, moved, who=Who.USER, actor=actor, now=now)
            gate = the_job(tx, row.job_id)
            wake_queue(tx, gate.id, Definitions().of(tx, gate.id, gate.version), Who.USER, actor, now)
            return written
        case _:
            raise Refused(f"occurrence {row.id} is {row.state.value} and cannot be cancelled")
