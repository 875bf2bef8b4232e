"""The only writer of standard output. Data goes there, talk goes to standard error."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from typing import Any, BinaryIO

from jobistemer_tui.cli.tables import aligned
from jobistemer_tui.errors import JobistemerError
from jobistemer_tui.operations.clean_text import clean_text

STYLES = {"place": "1", "error": "1;31", "warning": "1;33", "caret": "1;32", "hint": "36"}
"""What a part of a line is, and how a terminal shows it."""


class OutputFailed(JobistemerError):
    """Standard output cannot be written: it is closed, or its disk is full."""

    code = "output"


class ReaderGone(Exception):
    """Nobody reads on (`| head`): there is no more to do. No OSError, because click would make it a failure."""


def line(text: str) -> None:
    """A line of plain text, safe for any terminal."""
    _write(clean_text(text, limit=None) + "\n")


def styled(parts: Sequence[tuple[str, str]]) -> None:
    """A line of texts, each with a word of `STYLES` or "", in colours only where a person reads along."""
    coloured = is_terminal() and _wants_colours()
    pieces = [(clean_text(text, limit=None), STYLES.get(style, "") if coloured else "") for text, style in parts]
    _write("".join(f"\x1b[{sgr}m{text}\x1b[0m" if sgr and text else text for text, sgr in pieces) + "\n")


def _wants_colours() -> bool:
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Aligned columns under their titles; nothing where there are no rows."""
    if rows:
        cleaned = [[clean_text(cell, limit=None) for cell in row] for row in rows]
        _write("".join(text + "\n" for text in aligned([titles, *cleaned])))


def as_json(value: Any) -> None:
    """A JSON document. Only ASCII is written, so that no terminal finds anything to obey in it."""
    _write(json.dumps(value, indent=2) + "\n")


def as_json_line(value: Any) -> None:
    """A JSON document in one line, of a stream of them."""
    _write(json.dumps(value) + "\n")
    flush()


def raw(data: bytes) -> None:
    """Bytes as they are; only for an output that is no terminal."""
    stream = _stream()
    try:
        stream.flush()
        _binary().write(data)
    except OSError as error:
        raise _failed(error) from error


def document(text: str) -> None:
    """A whole file: as it is, or on a terminal so that nothing in it is obeyed."""
    if is_terminal():
        for part in text.splitlines():
            line(part)
    else:
        _write(text)


def is_terminal() -> bool:
    """Whether a person reads along."""
    return sys.stdout is not None and sys.stdout.isatty()


def flush() -> None:
    """Hand over what was written. Raises ReaderGone, OutputFailed."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
    except OSError as error:
        raise _failed(error) from error


def talk(text: str) -> None:
    """A line for the person, on standard error; lost where there is none."""
    _say([clean_text(part, limit=None) for part in text.split("\n")])


def alarm(text: str) -> None:
    """The same of something that is wrong: in red, where a person reads along."""
    cleaned = clean_text(text, limit=None)
    coloured = sys.stderr is not None and sys.stderr.isatty() and _wants_colours()
    _say([f"\x1b[{STYLES['error']}m{cleaned}\x1b[0m" if coloured else cleaned])


def _say(lines: Sequence[str]) -> None:
    if sys.stderr is None:
        return
    try:
        sys.stderr.write("".join(line + "\n" for line in lines))
        sys.stderr.flush()
    except OSError:
        return


def talk_json(value: Any) -> None:
    """A JSON document for the program that called us, on standard error."""
    talk(json.dumps(value))


def prepare_streams() -> None:
    """Make sure that no file we open takes the number of a standard stream, and that any text can be written."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def give_up_stdout() -> None:
    """The reader has gone: what is still in our buffer goes nowhere instead of raising at exit."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.close(null)


def _write(text: str) -> None:
    try:
        _stream().write(text)
    except OSError as error:
        raise _failed(error) from error


def _stream() -> Any:
    if sys.stdout is None:
        raise OutputFailed("standard output is closed, so there is nowhere to write to")
    return sys.stdout


def _binary() -> BinaryIO:
    return sys.stdout.buffer


def _failed(error: OSError) -> Exception:
    if isinstance(error, BrokenPipeError):
        return ReaderGone()
    return OutputFailed(f"standard output cannot be written: {error.strerror}")
