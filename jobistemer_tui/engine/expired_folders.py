"""The folders of attempts whose rows go: set aside first, removed last, so that no crash confuses a later attempt.

An attempt's id may come again: a backfill gives an instant that was cleared away the id that it had. Its folder must
not be there then, because whoever finds it takes the old result for the new one's. So a folder is renamed before its
row is deleted, and removed after that; what a crash leaves is renamed back or removed, as its row says.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Collection, Iterable
from pathlib import Path
from uuid import UUID

log = logging.getLogger(__name__)
SUFFIX = ".expired"


def set_aside(attempts_dir: Path, attempts: Iterable[UUID]) -> None:
    """Rename the folders of attempts whose rows are about to go; those that are not there are left out."""
    for attempt in attempts:
        _rename(attempts_dir / str(attempt), attempts_dir / f"{attempt}{SUFFIX}")


def settle(attempts_dir: Path, attempts: Iterable[UUID], with_a_row: Collection[UUID]) -> int:
    """Remove folders that were set aside; one whose attempt still has a row is put back. Gives how many went."""
    removed = 0
    for attempt in attempts:
        expired = attempts_dir / f"{attempt}{SUFFIX}"
        if attempt in with_a_row:
            _rename(expired, attempts_dir / str(attempt))
        else:
            removed += _remove(expired)
    return removed


def left_over(attempts_dir: Path) -> list[UUID]:
    """The attempts whose folders are set aside, as a crash may leave them."""
    names = [name.removesuffix(SUFFIX) for name in _names(attempts_dir) if name.endswith(SUFFIX)]
    return [attempt for name in names if (attempt := _attempt_of(name)) is not None]


def folders(attempts_dir: Path) -> list[UUID]:
    """The attempts that have a folder."""
    return [attempt for name in _names(attempts_dir) if (attempt := _attempt_of(name)) is not None]


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except FileNotFoundError:
        return []


def _attempt_of(name: str) -> UUID | None:
    """The attempt whose folder has this name; None for anything else, which is none of ours to remove."""
    try:
        attempt = UUID(name)
    except ValueError:
        return None
    return attempt if str(attempt) == name else None


def _rename(old: Path, new: Path) -> None:
    try:
        old.rename(new)
    except FileNotFoundError:
        return
    except OSError as error:
        log.warning("%s cannot be renamed: %s", old, error)


def _remove(folder: Path) -> bool:
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return False
    except OSError as error:
        log.warning("%s cannot be removed: %s", folder, error)
        return False
    return True
