"""Making the folders that hold configuration and data, private to the user."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from jobistemer_tui.errors import HomeNotWritable
from jobistemer_tui.settings.locations import Locations

_PRIVATE = 0o700
_HINT = "choose another folder with --home DIR or JOBISTEMER_HOME"


def prepare(locations: Locations) -> None:
    """Make the folders (0700) where they are missing, and see that they can be written.

    Raises HomeNotWritable where one cannot be made or written, is no folder, or could be changed by others.
    """
    for folder in dict.fromkeys((locations.config_dir, locations.data_dir, locations.jobs_dir)):
        _check(folder, _make(folder))
    if locations.database is not None and locations.database.parent != locations.data_dir:
        _check_parent(locations.database.parent, _make(locations.database.parent))
    for folder in (locations.nodes_dir, locations.attempts_root):
        _check(folder, _make(folder))
        _tighten(folder)


def _make(folder: Path) -> os.stat_result:
    try:
        _make_missing(folder)
        return os.stat(folder)
    except FileExistsError as error:
        raise HomeNotWritable(f"{error.filename or folder} is not a folder", hint=_HINT) from error
    except NotADirectoryError as error:
        raise HomeNotWritable(f"the folder {folder} cannot be made: its parent is not a folder", hint=_HINT) from error
    except OSError as error:
        raise HomeNotWritable(f"the folder {folder} cannot be made: {error.strerror}", hint=_HINT) from error


def _make_missing(folder: Path) -> None:
    """Like `os.makedirs`, but parents that have to be made are private as well."""
    missing = [folder]
    while not os.path.lexists(missing[-1].parent):
        missing.append(missing[-1].parent)
    for path in reversed(missing):
        try:
            os.mkdir(path, _PRIVATE)
        except FileExistsError:
            if not path.is_dir():
                raise


def _check(folder: Path, status: os.stat_result) -> None:
    mode = stat.S_IMODE(status.st_mode)
    mine = status.st_uid == os.geteuid()
    if not mine and mode & 0o077:
        raise HomeNotWritable(
            f"the folder {folder} belongs to another user and is open to more than its owner (mode {mode:04o})",
            hint=_HINT,
        )
    if mode & 0o002:
        raise HomeNotWritable(
            f"the folder {folder} can be changed by everybody (mode {mode:04o})",
            hint="close it with chmod o-w, or choose another folder with --home DIR",
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise HomeNotWritable(f"the folder {folder} cannot be written", hint=_HINT)


def _check_parent(folder: Path, status: os.stat_result) -> None:
    """A folder such as /tmp, in which nobody can replace what is another's, may hold a database."""
    if not status.st_mode & stat.S_ISVTX:
        _check(folder, status)
    elif not os.access(folder, os.W_OK | os.X_OK):
        raise HomeNotWritable(f"the folder {folder} cannot be written", hint=_HINT)


def _tighten(folder: Path) -> None:
    """Locks, sockets and the output of tasks are nobody else's business."""
    if stat.S_IMODE(os.stat(folder).st_mode) & 0o077:
        os.chmod(folder, _PRIVATE)
