"""What the backends have in common that keep a store in a file: what can be wrong with it, and what to say of it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from jobistemer_tui.errors import HomeNotWritable, JobistemerError, StoreFull, StoreUnavailable

ALWAYS_READ_BYTES = 4 * 1024 * 1024
"""Up to this size a database is read through at each start of an engine; a larger one only after one was cut short."""
_HINT = "restore it from a backup; or, to begin with nothing, move it and the folder {}.nodes away"


def refuse_emptied(path: Path) -> None:
    """Raise StoreUnavailable for a file without content in which an engine has worked: it would be begun anew."""
    if path.exists() and os.stat(path).st_size == 0 and Path(f"{path}.nodes", "engine.lock").exists():
        raise StoreUnavailable(f"{path} is empty, and an engine has worked with it before", hint=_HINT.format(path))


def damaged(path: Path, why: object) -> StoreUnavailable:
    """What to say of a damaged database. Its words may be nonsense that Python cannot even decode."""
    return StoreUnavailable(f"{path} is damaged: {why}", hint=_HINT.format(path))


def folder_error(error: OSError, path: Path) -> JobistemerError:
    """What a failure to make the folder or a file beside the database means; raise it `from` the error."""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return full(error)
        case errno.EMFILE | errno.ENFILE | errno.EIO:
            return StoreUnavailable(f"{path} cannot be opened: {error}")
        case _:
            return not_writable(path, error)


def not_writable(path: Path, error: Exception) -> HomeNotWritable:
    """The database at `path` or its folder cannot be made or written."""
    return HomeNotWritable(
        f"{path} cannot be opened for writing: {error}",
        hint=f"make {path.parent} a folder that you may write, or name another store",
    )


def for_a_reader(meant: JobistemerError, path: Path) -> JobistemerError:
    """The same where a store is only to be looked at, perhaps because it is on a medium that takes no writes."""
    if not isinstance(meant, HomeNotWritable):
        return meant
    return HomeNotWritable(
        f"{path} cannot be looked at in a folder that takes no writes: readers note there that they read",
        hint=f"copy {path.parent} to a folder that you may write, and look at the copy",
    )


def full(error: Exception) -> StoreFull:
    """No space is left where the database is."""
    return StoreFull(f"no space is left for the store: {error}", hint="free some space on its file system")
