"""Writes the log of an attempt as the supervisor does, chunk by chunk, while a reader looks on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from jobistemer_tui.domain.instants import to_microseconds
from jobistemer_tui.engine.supervisor.log_format import STDERR, STDOUT, Record, index_name, pack
from jobistemer_tui.engine.supervisor.log_writer import LogWriter

LOG_START = datetime(2026, 11, 24, 6, 29, 40, tzinfo=UTC)

HOSTILE_LINES = (
    b"\x1b]0;renamed\x07\x1b]2;renamed\x1b\\title",
    b"\x1b]52;c;ZXZpbA==\x07clipboard",
    b"\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\",
    b"\x1bP1$r0m\x1b\\\x1b_apc\x1b\\\x1b^pm\x1b\\\x1bXsos\x1b\\strings",
    b"\x1b[2J\x1b[H\x1b[?1049h\x1b[6n\x1b[20tcursor",
    b"\x1bc\x1b(0\x1b#8\x1b7reset",
    b"\x9b31m\x9d0;raw\x9c raw C1 \x85\x90",
    "\u009b31m\u009d0;x\u009c encoded C1 \u0085".encode(),
    "\u202egnp.exe\u202c \u2066isolate\u2069 \u200fmark\u061c".encode(),
    "zero\u200bwidth\u200d\ufeff\u00ad \u2028line\u2029paragraph".encode(),
    b"NUL \x00 BEL \x07 BS \x08\x08 VT \x0b FF \x0c SO \x0e DEL \x7f",
    b"invalid \xff\xfe \xc3( \xed\xa0\x80 \xf4\x90\x80\x80",
    b"[/x] [bold red]markup[/] [@click=app.quit]quit[/]",
    b"unfinished \x1b]0;never ends",
    b"unfinished \x1b[12",
    b"half done \x1b",
    b"10%\r50%\r\x1b[32m100%\x1b[0m",
    b"tab\there \x1b[1;31mred\x1b[0m \x1b[38;5;208morange\x1b[0m \x1b[48;2;0;64;0mgreen\x1b[0m",
    b"e" + "\u0301".encode() * 100_000,
    "\U000e0041\u115f\u3164 \u1160\u1161".encode(),
    b"m" * 1_000_000,
    b"\x1b[1m\x1b[0mx" * 20_000,
)


class LogFolderWriter:
    """The log of one attempt in `folder`; times are seconds after LOG_START."""

    def __init__(self, folder: Path, *, head_bytes: int = 1 << 30, tail_bytes: int = 1 << 20) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._writer = LogWriter(folder, head_bytes, tail_bytes)
        self._seconds = 0.0

    def write(self, data: bytes, *, stderr: bool = False, after: float = 1.0) -> None:
        """Write a chunk, `after` seconds later than the one before."""
        self._seconds += after
        at_us = to_microseconds(LOG_START + timedelta(seconds=self._seconds))
        self._writer.write(memoryview(data), STDERR if stderr else STDOUT, at_us)

    def finish(self) -> None:
        """The attempt has ended."""
        self._writer.finish()
        (self.folder / "result.json").write_text("{}")


def write_big_log(folder: Path, lines: int) -> None:
    """`00000000 line` and so on, in one go, a record for each thousand lines; each tenth record is stderr."""
    folder.mkdir(parents=True, exist_ok=True)
    start = to_microseconds(LOG_START)
    offset = 0
    with (folder / "output.log").open("wb") as data, (folder / index_name("output.log")).open("wb") as index:
        for first in range(0, lines, 1000):
            block = b"".join(b"%08d line\n" % line for line in range(first, min(first + 1000, lines)))
            stream = STDERR if first // 1000 % 10 == 9 else STDOUT
            data.write(block)
            index.write(pack(Record(offset, len(block), stream, start + first * 1000)))
            offset += len(block)
