"""The first thing an engine writes: itself, and the start of the machine it runs on."""

from __future__ import annotations

from datetime import datetime, timedelta

from jobistemer_tui.domain.records import Boot, Node
from jobistemer_tui.storage.contract import Transaction
from jobistemer_tui.storage.tables import BOOTS, NODES


def introduce(tx: Transaction, *, node: Node) -> None:
    """Insert the node's row, and the boot's if this is the first engine on it.

    `@reboot` counts from that instant, which never moves: the boot time that the kernel computes moves with each
    correction of the clock. It lies after this engine's start, so that it is not taken for one that was missed.
    """
    tx.insert(NODES, node)
    tx.insert(BOOTS, Boot(node.machine_id, node.boot_id, next_second(node.started_at)))


def next_second(instant: datetime) -> datetime:
    """The first whole second after an instant."""
    return instant.replace(microsecond=0) + timedelta(seconds=1)
