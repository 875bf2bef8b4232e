"""The last lines of an attempt's log, for a glance; the log screen shows all of it."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from pathlib import Path

from jobistemer_tui.operations.log_reader import LogLine, LogReader, Stream
from jobistemer_tui.operations.log_text import plain_line
from jobistemer_tui.settings.quick_dataclass import dataclass

# A line of a glance is one row of a screen; what lies behind this many bytes is never seen.
_GLANCE_BYTES = 2_000


@dataclass(frozen=True, slots=True)
class TailLine:
    """A cleaned line, when it was read (None if unknown), and whether it came from standard error."""

    text: str
    at: datetime | None
    stderr: bool


def log_tail(folder: Path, count: int) -> tuple[TailLine, ...]:
    """At most `count` last lines of the log in `folder`; nothing if there is none. Called in the feed's thread."""
    reader = _reader(folder)
    reader.refresh()
    return tuple(_glance(line) for line in reader.tail(count))


@lru_cache(maxsize=4)
def _reader(folder: Path) -> LogReader:
    """The reader of a log that was looked at before takes in only what is new."""
    return LogReader(folder)


def _glance(line: LogLine) -> TailLine:
    text = line.text[:_GLANCE_BYTES]
    return TailLine(plain_line(text), line.time, line.stream in {Stream.STDERR, Stream.BOTH})
