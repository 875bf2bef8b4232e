"""The registry of nodes: declaring one lost, and whether one was."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from jobistemer_tui.domain.records import Detail, Event
from jobistemer_tui.settings.quick_dataclass import replace
from jobistemer_tui.storage.contract import Reader, Transaction
from jobistemer_tui.storage.tables import NODES


def declare_lost(tx: Transaction, *, node_id: UUID, actor: str, now: datetime, detail: Detail) -> bool:
    """Say once and for all that a node is lost: what it owned may be reaped, and it comes back as another.

    `detail` is the evidence. False if there is no such node, or it was said already.
    """
    node = tx.get(NODES, node_id)
    if node is None or node.lost_at is not None:
        return False
    tx.replace(NODES, node, replace(node, lost_at=now))
    tx.append(Event(at=now, kind="node_lost", actor=actor, detail={"node": str(node_id), "host": node.host, **detail}))
    return True


def is_lost(reader: Reader, node_id: UUID) -> bool:
    """Whether a node was declared lost."""
    node = reader.get(NODES, node_id)
    return node is not None and node.lost_at is not None
