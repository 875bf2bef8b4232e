"""What is shown of a log, as a text file: saved, or for the pager. No escape sequence gets into it."""

from __future__ import annotations

import re
import shlex
from array import array
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TextIO

from jobistemer_tui.operations.log_reader import LogReader
from jobistemer_tui.operations.log_text import plain_line, plain_text


def shown_text(reader: LogReader, lines: array[int] | None) -> Iterator[str]:
    """The lines of these numbers (None: all) as clean text, in pieces that end in a newline."""
    if lines is None:
        yield from plain_text(reader)
        return
    for number in lines:
        for line in reader.lines(number, number + 1):
            yield plain_line(line.text, line.hidden_bytes) + "\n"


def save_text(reader: LogReader, lines: array[int] | None, path: Path) -> int:
    """Write a new file; gives its characters. Raises OSError, FileExistsError if there is one already."""
    with path.open("x", encoding="utf-8", newline="\n") as file:
        return write_text(reader, lines, file)


def write_text(reader: LogReader, lines: array[int] | None, file: TextIO) -> int:
    """Write to an open file; gives the characters written. Raises OSError."""
    return sum(file.write(piece) for piece in shown_text(reader, lines))


def file_name(job: str, task: str, number: int) -> str:
    """A name for a saved log that needs no quoting anywhere."""
    words = "-".join(re.sub(r"[^A-Za-z0-9_]+", "-", word)[:60].strip("-") or "log" for word in (job, task))
    return f"{words}-try{number}.log"


def pager_command(environ: Mapping[str, str], path: Path) -> list[str]:
    """$PAGER, else less, with the file. Raises ValueError if the variable cannot be split into words."""
    return [*(shlex.split(environ.get("PAGER", "")) or ["less"]), str(path)]
