"""What is shown of a log, as a text file: saved, or for the pager. No escape gets into it but SGR, if asked for."""

from __future__ import annotations

import re
import shlex
from array import array
from collections.abc import Iterator, Mapping
from pathlib import Path

from jobistemer_tui.operations.log_reader import LogReader
from jobistemer_tui.operations.log_text import coloured_line, plain_line, plain_text


def shown_text(reader: LogReader, lines: array[int] | None, *, coloured: bool = False) -> Iterator[str]:
    """The lines of these numbers (None: all) as clean text, in pieces that end in a newline."""
    if lines is None and not coloured:
        yield from plain_text(reader)
        return
    as_text = coloured_line if coloured else plain_line
    for number in range(reader.line_count) if lines is None else lines:
        for line in reader.lines(number, number + 1):
            yield as_text(line.text, line.hidden_bytes) + "\n"


def save_text(reader: LogReader, lines: array[int] | None, path: Path, *, coloured: bool = False) -> int:
    """Write a new file; gives its characters. Raises OSError, FileExistsError if there is one already."""
    with path.open("x", encoding="utf-8", newline="\n") as file:
        return sum(file.write(piece) for piece in shown_text(reader, lines, coloured=coloured))


def file_name(job: str, task: str, number: int) -> str:
    """A name for a saved log that needs no quoting anywhere."""
    words = "-".join(re.sub(r"[^A-Za-z0-9_]+", "-", word)[:60].strip("-") or "log" for word in (job, task))
    return f"{words}-try{number}.log"


def pager_command(environ: Mapping[str, str], path: Path) -> list[str]:
    """$PAGER, else less, with the file. Raises ValueError if the variable cannot be split into words."""
    return [*(shlex.split(environ.get("PAGER", "")) or ["less"]), str(path)]
