"""Cancel an occurrence."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from jobistemer_tui.domain.records import Occurrence
from jobistemer_tui.engine import control
from jobistemer_tui.operations.queries_runs import get_occurrence
from jobistemer_tui.storage.contract import Transaction


def cancel_occurrence(
    tx: Transaction, occurrence_id: UUID, *, now: datetime, actor: str, reason: str | None
) -> Occurrence:
    """What waits is canceled at once, what runs is asked to stop. Raises NotFound; Refused if it has ended."""
    occurrence = get_occurrence(tx, occurrence_id)
    return control.cancel(tx, occurrence.id, now=now, actor=actor, reason=reason)
