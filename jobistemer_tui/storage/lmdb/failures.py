"""LMDB's errors (http://www.lmdb.tech/doc/group__errors.html, and those of the system) as ours."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import lmdb

from jobistemer_tui.errors import JobistemerError, StoreDamaged, StoreError, StoreUnavailable
from jobistemer_tui.storage.embedded import full, not_writable

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_DAMAGED = (lmdb.CorruptedError, lmdb.PageNotFoundError, lmdb.PanicError, lmdb.InvalidError, lmdb.BadTxnError)
_SCARCE_BYTES = 1024 * 1024


def store_error(error: lmdb.Error) -> StoreError:
    """What a failed call means; raise it `from` the error."""
    if isinstance(error, lmdb.MapFullError) or _code(error) in _FULL:
        return full(error)
    if isinstance(error, _DAMAGED):
        return StoreDamaged(f"the store is damaged or no LMDB file: {error}", hint="restore it from a backup")
    if isinstance(error, lmdb.ReadersFullError):
        return StoreUnavailable(f"too many processes read the store: {error}", hint="end some of them")
    return StoreUnavailable(f"the store failed: {error}")


def store_error_at(error: lmdb.Error, path: Path) -> StoreError:
    """The same with the store's path. LMDB calls a write that was cut short an input/output error, whatever cut it."""
    if _code(error) == errno.EIO and _is_full(path):
        return named(full(error), path)
    return named(store_error(error), path)


def named(error: StoreError, path: Path) -> StoreError:
    """An error that says which store it is about."""
    return type(error)(f"{path}: {error.message}", hint=error.hint)


def opening_error(error: lmdb.Error, path: Path) -> JobistemerError:
    """What a failure to open the store at `path` means; raise it `from` the error."""
    if _code(error) in (errno.EACCES, errno.EPERM, errno.EROFS, errno.EISDIR, errno.ENOTDIR):
        return not_writable(path, error)
    if isinstance(error, lmdb.InvalidError):
        return StoreUnavailable(
            f"{path} is damaged, or a file of another program: {error}",
            hint="restore it from a backup, or name another store",
        )
    if isinstance(error, lmdb.VersionMismatchError):
        return StoreUnavailable(f"{path} has another format of LMDB: {error}", hint="name another store")
    return store_error_at(error, path)


def _code(error: lmdb.Error) -> int:
    """LMDB's or the system's number; 0 for errors of the Python module itself."""
    return getattr(error, "code", 0)


def _is_full(path: Path) -> bool:
    try:
        status = os.statvfs(path.parent)
    except OSError:
        return False
    return status.f_bavail * status.f_frsize < _SCARCE_BYTES
