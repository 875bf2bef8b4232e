"""The execution report of an occurrence, and who was told of it."""

from __future__ import annotations

from uuid import UUID

from jobistemer_tui.domain.records import Detail, Notification
from jobistemer_tui.engine.definitions import Definitions
from jobistemer_tui.engine.report import execution_report
from jobistemer_tui.engine.transactions.common import the_occurrence
from jobistemer_tui.operations.read_models import NotificationRow
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import (
    ATTEMPTS_BY_OCCURRENCE,
    NOTIFICATIONS_BY_OCCURRENCE,
    TASK_RUNS_BY_OCCURRENCE,
)


def report_of(reader: Reader, definitions: Definitions, occurrence_id: UUID) -> Detail:
    """What hooks are given, as it stands now. Raises NotFound."""
    occurrence = the_occurrence(reader, occurrence_id)
    definition = definitions.of(reader, occurrence.job_id, occurrence.version)
    runs = reader.scan(TASK_RUNS_BY_OCCURRENCE, occurrence_id)
    return execution_report(definition, occurrence, runs, reader.scan(ATTEMPTS_BY_OCCURRENCE, occurrence_id))


def notifications_of(reader: Reader, occurrence_id: UUID) -> list[NotificationRow]:
    """The hooks and notifications of an occurrence, in the order of their making. Raises NotFound."""
    the_occurrence(reader, occurrence_id)
    return [_row(row) for row in reader.scan(NOTIFICATIONS_BY_OCCURRENCE, occurrence_id)]


def _row(row: Notification) -> NotificationRow:
    return NotificationRow(
        id=row.id, event=str(row.payload.get("event", "")), channel=row.channel, state=row.state, tries=row.tries,
        created_at=row.created_at, not_before=row.not_before, finished_at=row.finished_at, error=row.error,
        output=row.result.get("output"),
    )  # fmt: skip
