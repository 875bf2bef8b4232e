"""Where a job is written, for a person who wants to edit it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jobistemer_tui.jobfiles.folders import absolute_roots, files_of
from jobistemer_tui.jobfiles.read import read_paths
from jobistemer_tui.jobfiles.reading import is_python


def place_of_job(paths: Sequence[Path], name: str, *, run_code: bool = True) -> tuple[Path, int] | None:
    """File and line of the job of that name in the files under `paths`; None if no file without errors has it.

    Without `run_code` files in Python, which have to be run to be read, are left out. Raises NotFound, JobFileError.
    """
    if not run_code:
        paths = [Path(file) for root in absolute_roots(paths) for file in files_of(root, {}) if not is_python(file)]
    jobs = [job for file in read_paths(paths).files for job in file.jobs]
    return next(((Path(job.path), job.line) for job in jobs if job.definition.name == name), None)
