"""A consistent copy of a store, written by LMDB itself."""

from __future__ import annotations

from pathlib import Path

import lmdb

from jobistemer_tui.storage.lmdb.environment import open_environment, release
from jobistemer_tui.storage.lmdb.failures import opening_error


def write_backup(path: Path, target: Path) -> None:
    """Write one state of the store to a new file. Raises HomeNotWritable, StoreUnavailable and StoreFull."""
    try:
        environment = open_environment(path)
        try:
            environment.backup(target)
        finally:
            release(environment)
    except lmdb.Error as error:
        raise opening_error(error, path) from error
