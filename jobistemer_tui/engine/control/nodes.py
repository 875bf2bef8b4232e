"""Let a node begin nothing new, and take that back; by its name, so that it holds after a restart too."""

from __future__ import annotations

from datetime import datetime

from jobistemer_tui.domain.records import Event, Node, NodeDrain
from jobistemer_tui.errors import NotFound
from jobistemer_tui.storage.contract import Reader, Transaction
from jobistemer_tui.storage.tables import NODE_DRAINS, NODES_BY_START


def drain(tx: Transaction, name: str, *, reason: str | None, now: datetime, actor: str) -> bool:
    """Let the node of this name begin nothing new; what it runs goes on. False if that was said already.

    Raises NotFound where no engine has had that name.
    """
    newest_of(tx, name)
    if not tx.insert(NODE_DRAINS, NodeDrain(name, now, actor, reason)):
        return False
    tx.append(Event(at=now, kind="node_drained", actor=actor, detail={"node": name, "reason": reason}))
    return True


def undrain(tx: Transaction, name: str, *, now: datetime, actor: str) -> bool:
    """Take that back. False if there was nothing to take back. Raises NotFound as `drain`."""
    newest_of(tx, name)
    if not tx.delete(NODE_DRAINS, name):
        return False
    tx.append(Event(at=now, kind="node_undrained", actor=actor, detail={"node": name}))
    return True


def newest_of(reader: Reader, name: str) -> Node:
    """The newest engine of a name. Raises NotFound."""
    nodes = reader.scan(NODES_BY_START, reverse=True)
    found = next((node for node in nodes if (node.name or node.host) == name), None)
    if found is None:
        raise NotFound(f"no node has the name {name}", hint="list them with: jobistemer nodes")
    return found
