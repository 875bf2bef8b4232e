"""The folders: whose they are, who may change them, where they lie, and how much room there is."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from jobistemer_tui.domain.sizes import size_text
from jobistemer_tui.operations.doctor.finding import Finding, ok, problem, warning


def permissions(folders: Sequence[tuple[Path, os.stat_result | None]], user: int) -> Finding:
    """Folders with what `stat` says of them; None: not made yet."""
    there = [(folder, status) for folder, status in folders if status is not None]
    for folder, status in there:
        mode = stat.S_IMODE(status.st_mode)
        if not stat.S_ISDIR(status.st_mode):
            return problem("home", f"{folder} is no folder", "move it away, or choose another with --home")
        if status.st_uid not in (user, 0) or mode & 0o002:
            return problem("home", f"{folder} can be changed by others (mode {mode:04o})", f"chmod 700 {folder}")
        if status.st_uid == user and not mode & 0o200:
            return problem("home", f"{folder} cannot be written (mode {mode:04o})", f"chmod 700 {folder}")
    for folder, status in there:
        if stat.S_IMODE(status.st_mode) & 0o077:
            return warning("home", f"others can look into {folder}", f"chmod 700 {folder}")
    return ok("home", ", ".join(str(folder) for folder, _ in there) or "not made yet; the first start makes it")


def room(free: int, wanted: int, *, has_reserve: bool, has_store: bool) -> Finding:
    """Bytes that are free, and those below which nothing new is started."""
    text, needed = f"{size_text(free)} free", size_text(wanted)
    if free < wanted:
        return problem("disk", f"{text}: nothing new is started", f"make room: {needed} are needed")
    if free < 3 * wanted:
        return warning("disk", text, f"below {needed} nothing new is started")
    return ok("disk", text if not has_store else f"{text}, {'with' if has_reserve else 'without'} a reserve")


def file_system(folder: Path, network: str | None) -> Finding:
    """Where the database lies."""
    if network is not None:
        return problem(
            "file system", f"{folder} is on {network}", "keep the database on a local disk: --store sqlite:PATH"
        )
    return ok("file system", "local")


def locks(files: Sequence[tuple[Path, os.stat_result]], user: int) -> Finding:
    """The lock files beside the database. They stay when nobody holds them; that they are there means nothing."""
    for path, status in files:
        if not stat.S_ISREG(status.st_mode):
            return problem("locks", f"{path} is no regular file", "stop the engine and move it away")
        if status.st_uid != user:
            return problem("locks", f"{path} belongs to another user", "stop their engine, or use a home of your own")
    return ok("locks", f"{len(files)} lock files" if files else "none yet")
