"""Jobs that name different limits for one concurrency group: the smallest holds, and the others are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from jobistemer_tui.jobfiles.reading import Diagnostic, FileReading, HeldJob, place_of

CODE = "group_limit"


def warn_of_limits(files: Sequence[FileReading]) -> list[FileReading]:
    """The readings, with a warning for each job whose limit is not the smallest of its group."""
    smallest: dict[str, HeldJob] = {}
    for job in (job for file in files for job in file.held):
        group = job.group
        if group is not None and group.limit < _limit(smallest.get(group.name), group.limit + 1):
            smallest[group.name] = job
    if not smallest:
        return list(files)
    return [_warned(file, smallest) for file in files]


def _limit(job: HeldJob | None, default: int) -> int:
    group = None if job is None else job.group
    return default if group is None else group.limit


def _warned(file: FileReading, smallest: dict[str, HeldJob]) -> FileReading:
    found = [warning for job in file.held if (warning := _warning(job, smallest)) is not None]
    return replace(file, diagnostics=(*file.diagnostics, *found)) if found else file


def _warning(job: HeldJob, smallest: dict[str, HeldJob]) -> Diagnostic | None:
    group = job.group
    if group is None:
        return None
    holder = smallest[group.name]
    limit = _limit(holder, group.limit)
    if limit == group.limit:
        return None
    message = (
        f'the group "{group.name}" has the limit {group.limit} here, but {limit} in the job '
        f'"{holder.name}" at {place_of(holder)}; the smallest holds'
    )
    hint = f"write limit = {limit}, or raise it in the other job"
    return Diagnostic(job.path, job.line, job.column, message, hint, "warning", CODE, job.source_line)
