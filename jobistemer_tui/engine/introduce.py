"""What an engine writes when it begins: itself, and the start of the machine it runs on."""

from __future__ import annotations

from datetime import datetime, timedelta

from jobistemer_tui.domain.records import Boot, Node
from jobistemer_tui.storage.contract import Transaction
from jobistemer_tui.storage.tables import BOOTS, NODES


def introduce(tx: Transaction, *, node: Node) -> None:
    """Insert the node's row."""
    tx.insert(NODES, node)


def note_boot(tx: Transaction, *, machine_id: str, boot_id: str, now: datetime) -> None:
    """Insert the machine's start, if this is the first engine since; to be called when the job files are loaded.

    `@reboot` counts from that instant, which never moves: the boot time that the kernel computes moves with each
    correction of the clock. It lies after this engine's start, so that it is not taken for one that was missed, and
    after the publication of all that it found, so that a job which is new then runs for this start already.
    """
    tx.insert(BOOTS, Boot(machine_id, boot_id, next_second(now)))


def next_second(instant: datetime) -> datetime:
    """The first whole second after an instant."""
    return instant.replace(microsecond=0) + timedelta(seconds=1)
