"""The only place that connects: what each session is given, and what is refused."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import Dumper, Loader
from psycopg.conninfo import make_conninfo
from psycopg.pq import Format
from psycopg.types.numeric import Int8BinaryDumper

from jobistemer_tui.errors import StoreUnavailable
from jobistemer_tui.storage.postgres.address import Address
from jobistemer_tui.storage.postgres.failures import connecting_error, pooled

Connection = psycopg.Connection[tuple[Any, ...]]
OLDEST = 130000
"""The first version with `pg_current_xact_id`, as `server_version` has it."""
_STATEMENTS = 500
_ROUNDS = 3


class _IdDumper(Dumper):
    """All bytes in our rows are ids."""

    oid = psycopg.postgres.types["uuid"].oid
    format = Format.BINARY

    def dump(self, obj: bytes) -> Buffer:
        return obj


class _IdLoader(Loader):
    format = Format.BINARY

    def load(self, data: Buffer) -> bytes:
        return bytes(data)


def connect(address: Address) -> Connection:
    """A session without implicit transactions, for one thread at a time. Raises StoreUnavailable."""
    try:
        connection = psycopg.connect(make_conninfo(**address.parameters), autocommit=True)
    except psycopg.Error as error:
        raise connecting_error(error, address) from error
    try:
        _prepare(connection, address)
    except psycopg.Error as error:
        connection.close()
        raise connecting_error(error, address) from error
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: Connection, address: Address) -> None:
    connection.adapters.register_dumper(bytes, _IdDumper)
    connection.adapters.register_loader("uuid", _IdLoader)
    connection.adapters.register_dumper(int, Int8BinaryDumper)  # one type, so that a text is prepared once
    connection.prepared_max = _STATEMENTS
    connection.prepare_threshold = 0  # few texts, each used often
    if connection.info.server_version < OLDEST:
        raise StoreUnavailable(f"{address.shown} is older than PostgreSQL 13", hint="name a newer server")
    if connection.info.parameter_status("server_encoding") != "UTF8":
        raise StoreUnavailable(f"the database of {address.shown} is not in UTF-8", hint="make one with ENCODING UTF8")
    # A commit that was answered has to survive a crash of the server; stronger settings than `on` are left.
    connection.execute(
        "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
        prepare=False,
    )


def refuse_transaction_pooling(connection: Connection, address: Address) -> None:
    """Raise StoreUnavailable if a proxy lends this connection's session to others between its transactions.

    A proxy makes up the process id that libpq is told when it connects, which costs no question to compare. Behind
    one, a second connection that is inside a transaction must never have the session of the first.
    """
    if _session(connection) == connection.info.backend_pid:
        return
    for _ in range(_ROUNDS):
        mine = _session(connection)
        with connect(address) as other, other.transaction():
            if _session(other) == mine or _session(connection) != mine:
                raise pooled(address)


def _session(connection: Connection) -> int:
    row = connection.execute("SELECT pg_backend_pid()", prepare=False).fetchone()
    assert row is not None
    return int(row[0])
