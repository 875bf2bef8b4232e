"""The text that a job is written in, as its file is now."""

from __future__ import annotations

import os

from jobistemer_tui.domain.records import FileState, JobFile
from jobistemer_tui.settings.quick_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class SourceText:
    """A job file, read now. `line` (from 1) is where the job stood when it was read last.

    `problem` says why there is no text. `changed`: it is no longer what the engine has read; `refused`: what was read
    last was not accepted, so that an older text is in force.
    """

    path: str
    line: int
    text: str
    problem: str = ""
    changed: bool = False
    refused: bool = False


def read_source(path: str, line: int, known: JobFile | None) -> SourceText:
    """Read the file of a job: a regular file of at most 1 MiB that nobody else can write, as an engine reads it."""
    from jobistemer_tui.jobfiles.trust import Untrusted, content_hash, read_trusted

    if not os.path.isabs(path):
        return SourceText(path, line, "", "no job file: something else runs it, and its runs are recorded")
    try:
        content = read_trusted(os.path.realpath(path), os.geteuid())
    except Untrusted as error:
        return SourceText(path, line, "", f"{path} {error.message}")
    changed = known is not None and known.content_hash != content_hash(content)
    refused = known is not None and known.state is FileState.REFUSED
    return SourceText(path, line, content.decode("utf-8", "replace"), changed=changed, refused=refused)
