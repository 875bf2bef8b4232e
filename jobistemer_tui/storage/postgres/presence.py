"""An engine's session advisory lock, on a session that does nothing else.

The server drops the lock when the session ends: at once when the process dies, within half a minute when its host or
the network does (keepalives). See https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from uuid import UUID

import psycopg

from jobistemer_tui.errors import StoreUnavailable
from jobistemer_tui.storage.postgres.address import Address
from jobistemer_tui.storage.postgres.connect import Connection, connect
from jobistemer_tui.storage.postgres.failures import store_error
from jobistemer_tui.storage.presence import Sight

_HALF = 1 << 32
_SERVER = "SELECT pg_postmaster_start_time()::text || '/' || timeline_id FROM pg_control_checkpoint()"
_LOCKS = """
SELECT classid::bigint, objid::bigint, pid = pg_backend_pid() FROM pg_locks
WHERE locktype = 'advisory' AND objsubid = 1 AND granted
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


class PostgresPresence:
    """See `presence.Presence`; for one thread at a time."""

    def __init__(self, address: Address, store_id: UUID, node_id: UUID) -> None:
        self._address = address
        self._store_id = store_id
        self._key = lock_key(store_id, node_id)
        self._connection: Connection | None = self._connect()

    def look(self, nodes: Iterable[UUID]) -> Sight:
        try:
            if self._connection is None:
                self._connection = self._connect()
            server = self._connection.execute(_SERVER).fetchall()[0][0]
            keys = _keys(self._connection)
        except psycopg.Error as error:
            self.close()
            raise store_error(error) from error
        if self._key not in keys:  # somebody has let go of it in our name
            self.close()
            raise StoreUnavailable("the engine's lock in the store was lost; it is taken anew")
        return Sight(server, keys[self._key], _holders(keys, self._store_id, nodes))

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _connect(self) -> Connection:
        """A session with the lock; without it where an older session of ours still seems to live."""
        connection = connect(self._address)
        try:
            connection.execute("SELECT pg_try_advisory_lock(%s)", (self._key,))
        except psycopg.Error as error:
            connection.close()
            raise store_error(error) from error
        return connection


def lock_key(store_id: UUID, node_id: UUID) -> int:
    """The key of a node's lock: 64 bits that no other program is likely to use."""
    return int.from_bytes(hashlib.sha256(store_id.bytes + node_id.bytes).digest()[:8], signed=True)


def alive_nodes(connection: Connection, store_id: UUID, nodes: Iterable[UUID]) -> frozenset[UUID]:
    """Those of these nodes whose locks are held now. Raises StoreError."""
    try:
        return _holders(_keys(connection), store_id, nodes)
    except psycopg.Error as error:
        raise store_error(error) from error


def _keys(connection: Connection) -> dict[int, bool]:
    """The keys of all locks that are held, and whether by this session."""
    return {_signed(high * _HALF + low): own for high, low, own in connection.execute(_LOCKS).fetchall()}


def _holders(keys: Collection[int], store_id: UUID, nodes: Iterable[UUID]) -> frozenset[UUID]:
    return frozenset(node for node in nodes if lock_key(store_id, node) in keys)


def _signed(key: int) -> int:
    return key - (1 << 64) if key >= 1 << 63 else key
