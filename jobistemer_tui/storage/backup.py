"""A consistent copy of an embedded store in a file, while others read and write it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from jobistemer_tui.errors import HomeNotWritable, Refused, StoreFull


def backup_store(url: str, target: Path) -> None:
    """Write one state of the store to `target`, which must not be there; it has that name only once it is whole.

    Raises Refused, HomeNotWritable, StoreUnavailable and StoreFull.
    """
    scheme, _, path = url.partition(":")
    if scheme not in _WAYS:
        raise Refused(
            f"a store of the kind {scheme} is not backed up by this program",
            hint="use its own tools (pg_dump), or: jobistemer storage copy",
        )
    _refuse_taken(target)
    try:
        # A folder of its own: another backup into the same file, or anybody else, cannot have the name.
        with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as folder:
            beside = Path(folder, target.name)
            _WAYS[scheme](Path(path), beside)
            _keep(beside, target)
    except OSError as error:
        raise HomeNotWritable(
            f"{target} cannot be written: {error.strerror}", hint="name a file in a folder of yours"
        ) from error
    except StoreFull as error:
        raise StoreFull(f"no space is left for {target}", hint="free some there, or name another disk") from error


def _refuse_taken(target: Path) -> None:
    if os.path.lexists(target):
        raise Refused(f"{target} is there already", hint="name a new file")


def _keep(beside: Path, target: Path) -> None:
    """Give a file that is written its name, durably."""
    _refuse_taken(target)
    beside.chmod(0o600)
    for path in (beside, target.parent):
        if path == target.parent:
            os.rename(beside, target)
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _sqlite(path: Path, target: Path) -> None:
    from jobistemer_tui.storage.sqlite.backup import write_backup

    write_backup(path, target)


def _lmdb(path: Path, target: Path) -> None:
    from jobistemer_tui.storage.lmdb.backup import write_backup

    write_backup(path, target)


_WAYS: dict[str, Callable[[Path, Path], None]] = {"sqlite": _sqlite, "lmdb": _lmdb}
