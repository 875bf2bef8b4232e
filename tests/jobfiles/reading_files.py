"""Writing and reading job files in tests; `▸` in a text marks the place of an expected diagnostic."""

from __future__ import annotations

import textwrap
from pathlib import Path

from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.jobfiles import Diagnostic, FileReading, read_paths

MARK = "▸"


def read_text(folder: Path, text: str | bytes, name: str = "jobs.toml") -> FileReading:
    """The reading of one file with that content."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else textwrap.dedent(text).encode())
    return read_paths([path]).files[0]


def read_job(folder: Path, text: str, name: str = "jobs.toml") -> JobDefinition:
    """The only job of a file without errors."""
    reading = read_text(folder, text, name)
    assert reading.ok, [diagnostic.text() for diagnostic in reading.diagnostics]
    (job,) = reading.jobs
    return job.definition


def marked(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The text without its marks, and the line and column of each."""
    text = textwrap.dedent(text)
    places: list[tuple[int, int]] = []
    while MARK in text:
        before, _, after = text.partition(MARK)
        places.append((before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1))
        text = before + after
    return text, places


def errors_of(reading: FileReading) -> list[Diagnostic]:
    """The diagnostics that are errors."""
    return [diagnostic for diagnostic in reading.diagnostics if diagnostic.severity == "error"]


def processes_with(mark: str) -> list[int]:
    """The processes whose environment has this entry (`NAME=value`)."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if mark.encode() in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
            except OSError:
                continue
    return found
