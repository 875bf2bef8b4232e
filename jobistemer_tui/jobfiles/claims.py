"""A job's key belongs to one file: the one that already runs it, else the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from jobistemer_tui.jobfiles.reading import Diagnostic, FileReading, HeldJob, place_of


def refuse_taken_keys(files: Sequence[FileReading], owners: Mapping[str, str]) -> list[FileReading]:
    """The readings, those that claim another file's key with an error for each and without jobs.

    A file that is broken now keeps the keys that `owners` gives it: what runs of it goes on.
    """
    by_path = {file.path: file for file in files}
    claimed: dict[str, HeldJob] = {}
    result: list[FileReading] = []
    for file in files:
        taken = [
            _diagnostic(job, holder)
            for job in file.held
            if (holder := _holder(job, by_path, owners) or _first(job, claimed, owners)) is not None
        ]
        if taken:
            file = replace(file, jobs=(), published=(), diagnostics=(*file.diagnostics, *taken))
        claimed.update((job.key, job) for job in file.held)
        result.append(file)
    return result


def _holder(job: HeldJob, files: Mapping[str, FileReading], owners: Mapping[str, str]) -> str | None:
    """Where the file that runs the key holds it; None if it is this file, or holds it no longer."""
    owner = files.get(owners.get(job.key, job.path))
    if owner is None or owner.path == job.path:
        return None
    if not owner.ok:
        return owner.path
    return next((place_of(one) for one in owner.held if one.key == job.key), None)


def _first(job: HeldJob, claimed: Mapping[str, HeldJob], owners: Mapping[str, str]) -> str | None:
    earlier = claimed.get(job.key)
    if earlier is None or owners.get(job.key) == job.path:
        return None
    return place_of(earlier)


def _diagnostic(job: HeldJob, holder: str) -> Diagnostic:
    message = f'the job "{job.key}" is already defined in {holder}'
    hint = "rename one of the two, or give it an id of its own"
    return Diagnostic(job.path, job.line, job.column, message, hint, code="taken", source_line=job.source_line)
