"""What an import gives: jobs in the words of a job file, and a report of what became of each line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from jobistemer_tui.settings.quick_dataclass import dataclass


class Fate(StrEnum):
    """What became of a line: carried over, carried over with another meaning, or not carried over."""

    CARRIED = "carried"
    CHANGED = "changed"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Note:
    """One sentence of the report, about `text` on `line` (from 1; 0: about the whole file) of `file`."""

    fate: Fate
    file: str
    line: int
    text: str
    message: str
    job: str | None = None


@dataclass(frozen=True, slots=True)
class ImportedJob:
    """A job by its name, as the table of a job file (`[jobs.NAME]`), with where it comes from."""

    name: str
    table: Mapping[str, Any]
    origin: str


@dataclass(frozen=True, slots=True)
class Imported:
    """All jobs of one import in order, and the report in the order of the lines."""

    jobs: tuple[ImportedJob, ...]
    notes: tuple[Note, ...]

    @property
    def complete(self) -> bool:
        """Whether nothing was left behind."""
        return all(note.fate is not Fate.LOST for note in self.notes)


@dataclass(frozen=True, slots=True)
class Person:
    """Who imports, and so who will run the jobs. `home_of` gives another account's home, None for an unknown one."""

    name: str
    home: str
    uid: int
    home_of: Callable[[str], str | None]

    @property
    def is_root(self) -> bool:
        """Whether jobs may be run as somebody else."""
        return self.uid == 0


FAITHFUL: Mapping[str, Any] = {
    "overlap_policy": "allow",
    "recovery_strategy": "mark-as-missed",
    "execution_timeout": "none",
    "leftovers": "leave",
}
"""What cron does: it starts a job beside itself, makes up for nothing, and neither ends a job nor what it leaves."""


_NO_PROSE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\ud800-\udfff]")


def prose(text: str) -> str:
    """A text to be read by people: bytes that were not UTF-8, and what would steer a terminal, are replaced."""
    return _NO_PROSE.sub("\ufffd", text)


def unfit(text: str) -> str:
    """Why a job file cannot hold a text that has to stay as it is; empty if it can."""
    if any("\ud800" <= character <= "\udfff" for character in text):
        return "it is not UTF-8"
    return "it holds a zero byte" if "\0" in text else ""
