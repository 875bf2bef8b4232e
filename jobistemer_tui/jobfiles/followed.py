"""Jobs that follow others: of any file that is read, and never in a circle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from jobistemer_tui.jobfiles.graph import circle
from jobistemer_tui.jobfiles.reading import Diagnostic, FileReading, HeldJob, place_of
from jobistemer_tui.jobfiles.words import shown
from jobistemer_tui.settings.near_words import did_you_mean, nearest

CYCLE, UNKNOWN = "after_cycle", "after_unknown"


def judge_followed(files: Sequence[FileReading]) -> list[FileReading]:
    """The readings: those with a job of a circle with an error for it and without jobs, the others with warnings.

    Every file of a circle is refused, so that what runs of them goes on as it was, whichever save closed the circle.
    """
    jobs = {job.name: job for file in files for job in file.held}
    followed = {name: job.followed for name, job in jobs.items()}
    if not any(followed.values()):
        return list(files)
    circles = {name: found for found in _circles(followed) for name in found}
    return [_judged(file, jobs, followed, circles) for file in files]


def _circles(followed: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    """Circles, each job in one of them at most."""
    left = {name: [one for one in names if one in followed] for name, names in followed.items()}
    while found := circle(left):
        yield found
        for name in set(found):
            left[name] = []


def _judged(
    file: FileReading, jobs: Mapping[str, HeldJob], followed: Mapping[str, Sequence[str]],
    circles: Mapping[str, list[str]],
) -> FileReading:  # fmt: skip
    errors = [_cycle(job, circles[name], jobs) for job in file.held if (name := job.name) in circles]
    warnings = [_unknown(job, name, jobs) for job in file.held for name in followed[job.name] if name not in jobs]
    if not (errors or warnings):
        return file
    diagnostics = (*file.diagnostics, *errors, *warnings)
    if errors:
        return replace(file, jobs=(), published=(), diagnostics=diagnostics)
    return replace(file, diagnostics=diagnostics)


def _cycle(job: HeldJob, names: Sequence[str], jobs: Mapping[str, HeldJob]) -> Diagnostic:
    start = names.index(job.name)
    turned = [*names[start:-1], *names[: start + 1]] if start < len(names) - 1 else names
    places = ", ".join(f"{name} at {place_of(jobs[name])}" for name in dict.fromkeys(turned))
    message = f"jobs follow one another in a circle: {' after '.join(turned)} ({places})"
    hint = "take the after out of one of them"
    return Diagnostic(job.path, job.line, job.column, message, hint, code=CYCLE, source_line=job.source_line)


def _unknown(job: HeldJob, name: str, jobs: Mapping[str, HeldJob]) -> Diagnostic:
    hint = did_you_mean(nearest(name, jobs), "it never runs after that until a file holds such a job")
    message = f"the job is to run after {shown(name)}, but no job of the files that were read has this name"
    return Diagnostic(job.path, job.line, job.column, message, hint, "warning", UNKNOWN, job.source_line)
