"""A commit whose answer was lost: the server is asked what became of the transaction.

PostgreSQL keeps the fate of every recent transaction (`pg_xact_status`), so nothing of our own has to be written for
it. The number of the commit, counted under the gate, is looked at too: after a failover to a server that never had
the commit, its transaction id may be another's by now, and the number is smaller.
"""

from __future__ import annotations

import threading

import psycopg

from jobistemer_tui.errors import StoreUnavailable
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.storage.postgres.address import Address
from jobistemer_tui.storage.postgres.connect import connect

_TRIES = 120
_PAUSE_S = 0.25
_ASK = "SELECT pg_xact_status(%s::text::xid8), commits FROM store"


@dataclass(frozen=True, slots=True)
class Gate:
    """What was read under the gate, and the session that passed it."""

    commits: int
    last_event: int
    transaction: str
    backend: int


def was_committed(address: Address, gate: Gate) -> bool:
    """Whether the transaction that passed the gate is committed; waits for the server for about a minute.

    Raises StoreUnavailable if nobody can tell.
    """
    pause = threading.Event()
    for _ in range(_TRIES):
        try:
            fate = _fate(address, gate)
        except (StoreUnavailable, psycopg.Error):
            fate = None
        if fate is not None:
            return fate
        pause.wait(_PAUSE_S)
    raise StoreUnavailable(
        "the connection was lost during a commit, and the server cannot say whether it was written",
        hint="look at the last runs before repeating anything by hand",
    )


def _fate(address: Address, gate: Gate) -> bool | None:
    """None while it is not decided."""
    with connect(address) as connection:
        row = connection.execute(_ASK, (gate.transaction,)).fetchone()
        if row is None:
            return None
        status, commits = row
        if status == "in progress":  # its session still waits for us; without it the transaction ends at once
            connection.execute("SELECT pg_terminate_backend(%s::int)", (gate.backend,))
            return None
        return bool(status == "committed" and commits > gate.commits)
