"""PostgreSQL's error codes (https://www.postgresql.org/docs/current/errcodes-appendix.html) as our errors."""

from __future__ import annotations

import psycopg
from psycopg import errors

from jobistemer_tui.errors import StoreError, StoreFull, StoreUnavailable
from jobistemer_tui.storage.postgres.address import Address

_POOLER = "unsupported startup parameter"
_RIGHTS = (
    "grant the user CREATE on the database for the first start, "
    "then USAGE on the schema and SELECT, INSERT, UPDATE, DELETE on its tables"
)


def store_error(error: psycopg.Error) -> StoreError:
    """What a failed statement means; raise it `from` the error."""
    said = error.diag.message_primary or str(error).strip() or type(error).__name__
    match error:
        case errors.IntegrityError():
            return StoreError(f"a row does not fit the others: {said}")
        case errors.DataError() | errors.ProgramLimitExceeded():
            return StoreError(f"a value cannot be stored: {said}")
        case errors.DiskFull():
            return StoreFull(f"no space is left for the store: {said}", hint="free some space on the server")
        case errors.LockNotAvailable() | errors.QueryCanceled():
            return StoreUnavailable(f"the store stayed busy: {said}", hint="another session holds it; try again")
        case errors.InsufficientPrivilege():
            return StoreUnavailable(f"the server refuses: {said}", hint=_RIGHTS)
        case errors.ReadOnlySqlTransaction() | errors.FeatureNotSupported():  # the second: during recovery
            return StoreUnavailable(f"the server takes no writes: {said}", hint="name the primary server")
        case errors.UndefinedTable() | errors.InvalidSchemaName():
            return StoreUnavailable(f"the store's schema is gone: {said}", hint="restore it from a backup")
        case _:
            return StoreUnavailable(f"the store failed: {said}")


def connecting_error(error: psycopg.Error, address: Address) -> StoreUnavailable:
    """What a failure to connect means; raise it `from` the error."""
    said = address.masked(str(error).strip())
    if _POOLER in said:
        return pooled(address)
    return StoreUnavailable(f"{address.shown} cannot be reached: {said}", hint=_hint(said, address))


def pooled(address: Address) -> StoreUnavailable:
    """A proxy hands each transaction to another session of the server."""
    return StoreUnavailable(
        f"{address.shown} is behind a proxy that gives each transaction another session (transaction pooling): "
        "locks that say who is alive, and notices of changes, would be lost",
        hint="name the server itself, or a pool in session mode",
    )


def _hint(said: str, address: Address) -> str:
    if "read-only" in said:
        return (
            "name the primary server (if it is that, default_transaction_read_only is on there); "
            "to look only: `jobistemer --read-only`, or ?target_session_attrs=any for a command"
        )
    if "connection slots" in said or "too many" in said:
        return "raise max_connections of the server; each engine takes up to eight sessions, each command one or two"
    if "password" in said:
        return "put the password into ~/.pgpass, PGPASSWORD or the keyring (?keyring=SERVICE)"
    if address.parameters.get("sslmode") == "verify-full" and ("SSL" in said or "certificate" in said):
        return "give the server a certificate and name its authority with sslrootcert=FILE; or choose another sslmode"
    return "see that the server runs and may be reached from here"
