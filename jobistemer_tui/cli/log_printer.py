"""Prints one attempt's log, as far as it has not been printed yet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import Enum, auto
from pathlib import Path
from typing import Any

from jobistemer_tui.cli import output
from jobistemer_tui.domain.instants import instant_json
from jobistemer_tui.domain.sizes import size_text
from jobistemer_tui.operations.clean_text import clean_bytes
from jobistemer_tui.operations.log_reader import LogLine, LogReader, LogState
from jobistemer_tui.operations.read_models import AttemptRow

_LINES_AT_ONCE = 1_000
_BYTES_AT_ONCE = 1 << 20


class Style(Enum):
    """How lines are written. The raw ones are for outputs that are no terminal."""

    RAW = auto()
    RAW_PREFIXED = auto()
    CLEAN = auto()
    CLEAN_PREFIXED = auto()
    JSON = auto()
    JSON_LINES = auto()


class LogPrinter:
    """The log of one attempt of a task."""

    def __init__(self, folder: Path, task: str, attempt: AttemptRow, style: Style) -> None:
        self._reader = LogReader(folder)
        self._task = task
        self._attempt = attempt
        self._style = style
        self._position = 0
        self._last_time: datetime | None = None
        self.collected: list[dict[str, Any]] = []

    def print_new(self, *, ended: bool) -> None:
        """Print whole lines that were written since; all that is left once the attempt has ended."""
        self._reader.ended = ended
        if self._reader.refresh() and self._reader.first_changed < self._position:
            self._position = self._place_after_slide()
        stop = self._reader.line_count if ended else self._reader.whole_line_count
        if self._style is Style.RAW:
            self._print_bytes(stop)
        for line in self._lines(stop):
            self._print_line(line)
            self._last_time = line.time or self._last_time
        self._position = max(self._position, stop)

    def explain(self, failure: str) -> None:
        """Say why there is nothing, where that is not just an empty log; `failure` is what the log cannot tell."""
        name = self._name()
        if failure:
            output.talk(f"{name}: {failure}")
        match self._reader.state:
            case LogState.EXPIRED:
                output.talk(f"{name}: the log is no longer kept")
            case LogState.UNREADABLE:
                output.talk(f"{name}: the log cannot be read: {self._reader.error}")
            case LogState.NOT_STARTED if not failure:
                output.talk(f"{name}: has not started")
            case LogState.PRESENT | LogState.NOT_STARTED:
                pass

    def _place_after_slide(self) -> int:
        """Beyond the cap the kept end slides: go on behind what was printed last, by its time."""
        first = self._reader.first_changed
        return first if self._last_time is None else max(first, self._reader.line_at_time(self._last_time))

    def _lines(self, stop: int) -> Iterator[LogLine]:
        while self._position < stop:
            lines = self._reader.lines(self._position, min(self._position + _LINES_AT_ONCE, stop))
            if not lines:
                return
            yield from lines
            self._position += len(lines)

    def _print_bytes(self, stop: int) -> None:
        offset, end = self._reader.line_start(self._position), self._reader.line_start(stop)
        while offset < end:
            data = self._reader.read(offset, min(_BYTES_AT_ONCE, end - offset))
            if not data:
                break
            output.raw(data)
            offset += len(data)
        self._position = max(self._position, stop)

    def _print_line(self, line: LogLine) -> None:
        match self._style:
            case Style.RAW | Style.RAW_PREFIXED:
                output.raw(self._name().encode() + b" | " + self._whole(line) + b"\n")
            case Style.CLEAN:
                output.line(clean_bytes(line.text, limit=None, tab_size=8) + _more(line))
            case Style.CLEAN_PREFIXED:
                output.line(f"{self._name()} | {clean_bytes(line.text, limit=None, tab_size=8)}{_more(line)}")
            case Style.JSON:
                self.collected.append(self._as_json(line))
            case Style.JSON_LINES:
                output.as_json_line(self._as_json(line))

    def _name(self) -> str:
        """The task, and which try of it, where it was not the first."""
        return self._task if self._attempt.number == 1 else f"{self._task}#{self._attempt.number}"

    def _whole(self, line: LogLine) -> bytes:
        if not line.hidden_bytes:
            return line.text
        start = self._reader.line_start(line.number) + len(line.text)
        return line.text + self._reader.read(start, line.hidden_bytes)

    def _as_json(self, line: LogLine) -> dict[str, Any]:
        return {
            "task": self._task,
            "attempt": str(self._attempt.id),
            "line": line.number + 1,
            "stream": None if line.stream is None else line.stream.value,
            "at": instant_json(line.time),
            "text": line.text.decode("utf-8", "replace"),
        }


def _more(line: LogLine) -> str:
    return f" … +{size_text(line.hidden_bytes)}" if line.hidden_bytes else ""
