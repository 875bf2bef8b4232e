"""Keep an occurrence from retention."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from jobistemer_tui.domain.records import Occurrence
from jobistemer_tui.domain.states import OccurrenceState
from jobistemer_tui.engine.transactions.common import tell, the_occurrence, write_occurrence
from jobistemer_tui.errors import Refused
from jobistemer_tui.settings.quick_dataclass import replace
from jobistemer_tui.storage.contract import Transaction


def pin(tx: Transaction, occurrence: UUID, *, pinned: bool, now: datetime, actor: str) -> Occurrence:
    """Pin an occurrence, or let retention have it again. Doing it twice changes nothing.

    Raises NotFound; Refused for one that is only planned.
    """
    row = the_occurrence(tx, occurrence)
    if row.state is OccurrenceState.PLANNED:
        raise Refused(f"occurrence {row.id} is only planned: there is nothing to keep yet")
    if row.pinned is pinned:
        return row
    written = write_occurrence(tx, row, replace(row, pinned=pinned))
    tell(tx, "run_pinned" if pinned else "run_unpinned", actor, now, written, {})
    return written
