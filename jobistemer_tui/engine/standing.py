"""What an engine says of itself in its row: when it last looked, and why it starts nothing new."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from jobistemer_tui.domain.records import Detail, Event
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.settings.quick_dataclass import replace
from jobistemer_tui.storage.contract import Transaction
from jobistemer_tui.storage.tables import NODES


def stamp_node(
    tx: Transaction,
    *,
    node_id: UUID,
    now: datetime,
    stopped: bool = False,
    trouble: Reason | None = None,
    offset_ms: int | None = None,
) -> None:
    """Write when a node last looked, what keeps it from starting anything, and whether it has stopped."""
    node = tx.get(NODES, node_id)
    if node is not None:
        stamped = replace(node, swept_at=now, stopped_at=now if stopped else None, trouble=trouble)
        if offset_ms is not None:
            stamped = replace(stamped, clock_offset_ms=offset_ms)
        tx.replace(NODES, node, stamped)


def note_space(
    tx: Transaction, *, node_id: UUID, actor: str, low: bool, now: datetime, trouble: Reason | None, detail: Detail
) -> None:
    """Note, with an event, that the disk has become too full to start anything, or is no longer so."""
    tx.append(Event(at=now, kind="space_low" if low else "space_back", actor=actor, detail=detail))
    stamp_node(tx, node_id=node_id, now=now, trouble=trouble)
