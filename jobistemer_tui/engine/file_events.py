"""Pure: what the audit calls a change in how a job file is taken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from jobistemer_tui.domain.records import Detail, FileState, JobFile
from jobistemer_tui.jobfiles.folders import SUFFIXES

RELOADED: Final = "files_reloaded"
"""The kind of event that holds what a change of files did to jobs, as a `FilePlan`."""
DENIED: Final = frozenset({"untrusted", "unreadable", "missing"})
"""Codes of diagnostics of what is not read at all: because of who could write it, or since it cannot be."""
_FOLDERS: Final = frozenset({"missing", "unreadable"})


def is_denied(errors: Sequence[Detail]) -> bool:
    """Whether a file, or a folder, was refused for what it is, not for what stands in it."""
    return any(error.get("code") in DENIED and error.get("severity") == "error" for error in errors)


def file_event(old: JobFile | None, new: JobFile) -> str:
    """The kind of event for a file that was read otherwise than before (None: never before)."""
    if new.state is FileState.REFUSED:
        return "file_denied" if is_denied(new.errors) else "file_refused"
    return "file_accepted" if old is not None and old.state is FileState.REFUSED else "file_loaded"


def gone_event(old: JobFile) -> str:
    """The kind of event for a file that is no longer there, or a folder that can be listed again."""
    is_folder = not old.content_hash and any(error.get("code") in _FOLDERS for error in old.errors)
    return "file_accepted" if is_folder and not old.path.endswith(SUFFIXES) else "file_gone"
