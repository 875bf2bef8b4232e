"""Where a job is written, for a person who wants to edit it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jobistemer_tui.jobfiles.read import read_paths


def place_of_job(paths: Sequence[Path], name: str) -> tuple[Path, int] | None:
    """File and line of the job of that name in the files under `paths`; None if no file without errors has it.

    Raises NotFound, JobFileError.
    """
    jobs = [job for file in read_paths(paths).files for job in file.jobs]
    return next(((Path(job.path), job.line) for job in jobs if job.definition.name == name), None)
