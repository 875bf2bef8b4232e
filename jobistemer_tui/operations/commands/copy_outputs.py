"""The output of attempts from one store to another: folders beside a store of one machine, pieces on a server."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from uuid import UUID

from jobistemer_tui.engine.log_pieces import (
    FILES,
    ends_of,
    is_whole,
    keep,
    last_piece,
    next_pieces,
    pieces_from,
    unpacked,
)
from jobistemer_tui.storage.contract import Store


def copy_outputs(
    source: Store, source_folders: Path, target: Store, target_folders: Path, attempts: Iterable[UUID]
) -> int:
    """Copy what the target lacks; gives of how many attempts. Raises OSError, StoreError."""
    if target.capabilities.many_engines:
        return sum(_store(target, attempt, source_folders / str(attempt)) for attempt in attempts)
    with _alone_in(target_folders):
        return sum(_copy(source, attempt, source_folders / str(attempt), target_folders) for attempt in attempts)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Whoever else copies into the same folder waits."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _copy(source: Store, attempt: UUID, folder: Path, target_folders: Path) -> bool:
    """Make a folder of what the source has of an attempt; False if it is there, or the source has nothing."""
    wanted = target_folders / str(attempt)
    if wanted.exists():
        return False
    beside = target_folders / f".{attempt}.copy"  # under another name until it is whole
    shutil.rmtree(beside, ignore_errors=True)
    if _is_folder(folder):
        shutil.copytree(folder, beside, symlinks=True, ignore=_traps, copy_function=_link)
    elif not source.capabilities.many_engines or not _unpack(source, attempt, beside):
        return False
    beside.rename(wanted)
    return True


def _store(target: Store, attempt: UUID, folder: Path) -> bool:
    """Put what a folder holds into a store on a server, where every node can show it."""
    if not _is_folder(folder) or target.read(lambda reader: is_whole(reader, attempt)):
        return False
    positions = target.read(partial(ends_of, attempt=attempt))  # an earlier copy may have been cut short
    while chunks := next_pieces(attempt, folder, positions):
        target.write(partial(keep, chunks=chunks))
        positions |= {chunk.file: chunk.position + chunk.size for chunk in chunks}
    target.write(partial(keep, chunks=[last_piece(attempt)]))
    return True


def _unpack(source: Store, attempt: UUID, folder: Path) -> bool:
    """Make a folder of what a store on a server has; False if it has nothing, or not all yet."""
    if not source.read(lambda reader: is_whole(reader, attempt)):
        return False
    folder.mkdir(mode=0o700, parents=True)
    for file in FILES:
        position = 0
        with (folder / file).open("wb") as made:
            while chunks := source.read(partial(pieces_from, attempt=attempt, file=file, position=position)):
                made.writelines(unpacked(chunk) for chunk in chunks)
                position = chunks[-1].position + chunks[-1].size
        if not position:
            (folder / file).unlink()  # the task wrote nothing
    return True


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _traps(folder: str, names: list[str]) -> set[str]:
    """What a task has left beside files and folders: links that lead elsewhere, pipes. They stay where they are."""
    kinds = {name: os.lstat(f"{folder}/{name}").st_mode for name in names}
    return {name for name, kind in kinds.items() if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind))}


def _link(source: str, target: str) -> None:
    """Finished output never changes, so that one file can have both names where they are on one file system."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)
