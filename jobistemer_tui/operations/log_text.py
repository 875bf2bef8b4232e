"""A log as plain text: what is saved, piped and printed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jobistemer_tui.operations.clean_text import styled_runs
from jobistemer_tui.operations.log_reader import LINE_BYTES, LogReader
from jobistemer_tui.operations.log_sgr import sgr_sequence

_HARMLESS = re.compile(rb"[ -~\n]*")
_AT_ONCE = 2_000


def plain_line(text: bytes, hidden_bytes: int = 0) -> str:
    """One line as it is shown, without colours; a cut is visible."""
    shown = "".join(run for run, _ in styled_runs(text))
    return f"{shown} … +{hidden_bytes} bytes" if hidden_bytes else shown


def coloured_line(text: bytes, hidden_bytes: int = 0) -> str:
    """One line in the task's own colours, which end with it; a cut is visible."""
    shown = "".join(f"{sgr}{run}\x1b[0m" if (sgr := sgr_sequence(style)) else run for run, style in styled_runs(text))
    return f"{shown} … +{hidden_bytes} bytes" if hidden_bytes else shown


def plain_text(reader: LogReader) -> Iterator[str]:
    """The lines there are now as text that any terminal shows as it is, in pieces that end in a newline."""
    start, stop = 0, reader.line_count
    while start < stop:
        upto = min(start + _AT_ONCE, stop)
        yield _harmless_block(reader, start, upto) or "".join(
            plain_line(line.text, line.hidden_bytes) + "\n" for line in reader.lines(start, upto)
        )
        start = upto


def _harmless_block(reader: LogReader, start: int, stop: int) -> str:
    """The lines at once, if they hold nothing but printable ASCII; else empty."""
    begin, end = reader.line_start(start), reader.line_start(stop)
    if end - begin > LINE_BYTES * 16:
        return ""
    data = reader.read(begin, end - begin)
    if not _HARMLESS.fullmatch(data):
        return ""
    return data.decode("ascii") if data.endswith(b"\n") else data.decode("ascii") + "\n"
