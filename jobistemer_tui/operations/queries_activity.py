"""The audit, newest first, in pages."""

from __future__ import annotations

from uuid import UUID

from jobistemer_tui.domain.records import Event
from jobistemer_tui.engine.control.undo import act_of
from jobistemer_tui.operations.read_models import ActivityRow
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import EVENTS_BY_SEQUENCE, JOBS


def activity_rows(reader: Reader, *, before: int | None, after: int, limit: int) -> list[ActivityRow]:
    """At most `limit` lines with numbers above `after` and below `before` (None: no bound), the newest first."""
    high = None if before is None else before - 1
    events = reader.scan(EVENTS_BY_SEQUENCE, low=after + 1, high=high, reverse=True, limit=limit)
    names: dict[UUID, str] = {}
    return [_row(reader, event, names) for event in events]


def _row(reader: Reader, event: Event, names: dict[UUID, str]) -> ActivityRow:
    return ActivityRow(
        sequence=event.sequence,
        at=event.at,
        kind=event.kind,
        actor=event.actor,
        job=None if event.job_id is None else _name(reader, event.job_id, names),
        occurrence_id=event.occurrence_id,
        reason=event.reason,
        detail=event.detail,
        act=act_of(reader, event),
    )


def _name(reader: Reader, job_id: UUID, names: dict[UUID, str]) -> str:
    if job_id not in names:
        job = reader.get(JOBS, job_id)
        names[job_id] = str(job_id) if job is None else job.name
    return names[job_id]
