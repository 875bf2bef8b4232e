"""The beginning of somebody who has nothing yet: when it is one, and what becomes of the choice."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from jobistemer_tui.errors import HomeNotWritable
from jobistemer_tui.operations.written_file import typed_path, write_new

if TYPE_CHECKING:
    from jobistemer_tui.wiring import Opened

EXAMPLE_NAME = "example"


def is_first_run(opened: Opened) -> bool:
    """Whether there are neither settings nor job files nor jobs."""
    places = opened.locations
    if places.config_file.exists() or visible_entries(places.jobs_dir):
        return False
    return not opened.operations.jobs() and not opened.operations.files()


def begin(opened: Opened, environ: Mapping[str, str], show: Callable[[Opened], int]) -> bool:
    """Ask how to begin, and do it; False if the person left. `show` shows a demonstration that cannot be changed."""
    from jobistemer_tui.tui.first_run import EXAMPLE, TOUR, FirstRunApp

    jobs_dir = opened.locations.jobs_dir
    while True:
        chosen = FirstRunApp(str(jobs_dir), lambda text: folder_fault(text, jobs_dir)).run()
        if chosen is None:
            return False
        if chosen.kind == TOUR:
            _tour(environ, show)
        elif chosen.kind == EXAMPLE:
            from jobistemer_tui.operations.starter_file import starter_text

            write_new(jobs_dir / f"{EXAMPLE_NAME}.toml", starter_text(EXAMPLE_NAME, "toml"))
            return True
        else:
            adopt_folder(typed_path(chosen.folder), jobs_dir)
            return True


def _tour(environ: Mapping[str, str], show: Callable[[Opened], int]) -> None:
    from jobistemer_tui.cli.demo_home import demo_home

    with demo_home(environ, keep=False) as demo:
        show(demo)


def folder_fault(text: str, jobs_dir: Path) -> str:
    """What is wrong with a folder that a person typed; empty if nothing is."""
    if not text.strip():
        return "write the path of a folder"
    try:
        folder = typed_path(text)
    except ValueError as error:
        return str(error)
    if not os.path.isdir(folder):  # False as well where nobody lets us look
        return f"there is no folder {folder}"
    if folder.resolve() == jobs_dir.resolve():
        return "that is your jobs folder, and it is empty"
    if jobs_dir.is_dir() and os.listdir(jobs_dir):
        return f"{jobs_dir} is not empty: it holds hidden files"
    return "" if os.access(folder, os.R_OK | os.X_OK) else f"{folder} cannot be read"


def adopt_folder(folder: Path, jobs_dir: Path) -> None:
    """Let the jobs folder, which is empty or not there, be another one, by a link: every command then finds it.

    Raises HomeNotWritable.
    """
    try:
        if jobs_dir.is_dir() and not jobs_dir.is_symlink():
            jobs_dir.rmdir()
        jobs_dir.symlink_to(folder, target_is_directory=True)
    except OSError as error:
        raise HomeNotWritable(f"{jobs_dir} cannot be made a link: {error.strerror}") from error


def visible_entries(folder: Path) -> list[str]:
    """The names in a folder but for hidden ones; none where it cannot be read."""
    try:
        return [name for name in os.listdir(folder) if not name.startswith(".")]
    except OSError:
        return []
