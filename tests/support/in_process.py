"""The program's own entry, run in this process: what a command does and says, without the start of Python."""

from __future__ import annotations

import io
import shlex
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass

from jobistemer_tui.cli.main import run


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended, and what it wrote."""

    code: int
    stdout: str
    stderr: str


def run_here(words: Sequence[str]) -> Done:
    """Run a command to its end."""
    out, err = _stream(), _stream()
    with redirect_stdout(out), redirect_stderr(err):
        code = run(words)
    return Done(code, _text(out), _text(err))


def run_together(line: str) -> tuple[int, str]:
    """Run the words of a line of the shell; gives the exit code, and both streams in the order of writing."""
    both = _stream()
    with redirect_stdout(both), redirect_stderr(both):
        code = run(shlex.split(line, comments=True)[1:])
    return code, _text(both)


def _stream() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)


def _text(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()
