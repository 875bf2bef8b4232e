"""Where the engine's own log goes: a file in the data folder, and for `run` also standard error.

The file has one JSON object a line: `time` (UTC), `level`, `logger`, `message`, then what the line is about (FIELDS,
where known) and `traceback`. The screen paints on the terminal, so nothing may be written there beside it.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

MAX_BYTES = 1 << 20
KEPT_FILES = 3
FIELDS = ("job", "job_id", "occurrence_id", "attempt_id", "notification_id", "node_id")
"""What a line may be about: the names to give as `extra` when logging."""


class _PrivateFile(RotatingFileHandler):
    """Readable by its owner alone, as everything in the data folder; times are UTC."""

    def _open(self):  # type: ignore[no-untyped-def]  # the stub's type of the stream is its own
        os.close(os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
        return super()._open()


class _JsonFormatter(logging.Formatter):
    """One line of JSON; escapes keep it one line, and harmless to a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {
            "time": at.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name.removeprefix("jobistemer_tui."),
            "message": record.getMessage(),
            **{name: str(record.__dict__[name]) for name in FIELDS if name in record.__dict__},
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line)


class _CleanFormatter(logging.Formatter):
    """Messages may quote file names and errors, which no terminal may obey."""

    def __init__(self, clean: Callable[[str], str]) -> None:
        super().__init__("%(levelname)s: %(message)s")
        self._clean = clean

    def formatMessage(self, record: logging.LogRecord) -> str:
        """One clean line."""
        return self._clean(super().formatMessage(record))


def log_to_file(path: Path) -> None:
    """Write the program's log from INFO up to `path`, at most MAX_BYTES a file; calling it again changes nothing."""
    logger = logging.getLogger("jobistemer_tui")
    if any(isinstance(handler, _PrivateFile) for handler in logger.handlers):
        return
    handler = _PrivateFile(path, maxBytes=MAX_BYTES, backupCount=KEPT_FILES, encoding="utf-8", delay=True)
    handler.setFormatter(_JsonFormatter())
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)


def log_to_stderr(clean: Callable[[str], str]) -> None:
    """Write warnings and errors to standard error as well; `clean` makes a text safe for a terminal."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setLevel(logging.WARNING)
    handler.setFormatter(_CleanFormatter(clean))
    logging.getLogger("jobistemer_tui").addHandler(handler)
