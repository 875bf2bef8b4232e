"""The pieces of a log that go into a shared store: never a record that still grows, never what a trap leads to."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from jobistemer_tui.domain.instants import to_microseconds
from jobistemer_tui.engine.log_pieces import FILES, next_pieces, unpacked
from jobistemer_tui.engine.supervisor.log_format import INDEX, OUTPUT, STDOUT
from jobistemer_tui.engine.supervisor.log_segment import Segment
from tests.support.factories import NOW

ATTEMPT = UUID(int=1)
SOON, LATER = timedelta(milliseconds=10), timedelta(seconds=1)


class Log:
    """A log that is written and shipped."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.segment = Segment(folder / OUTPUT)
        self.shipped = dict.fromkeys(FILES, b"")

    def write(self, text: bytes, at: datetime) -> None:
        self.segment.append(text, STDOUT, to_microseconds(at), self.segment.size)

    def ship(self, *, running: datetime | None) -> None:
        positions = {file: len(data) for file, data in self.shipped.items()}
        for piece in next_pieces(ATTEMPT, self.folder, positions, running=running):
            self.shipped[piece.file] += unpacked(piece)


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path)


def test_a_record_is_not_shipped_while_it_may_grow(log: Log) -> None:
    """Regression: it was, so that elsewhere the bytes that it took in later had no time and no stream."""
    log.write(b"one\n", NOW)
    log.ship(running=NOW + SOON)
    assert log.shipped == {OUTPUT: b"one\n", INDEX: b""}
    log.write(b"two\n", NOW + SOON)
    log.write(b"three\n", NOW + LATER)
    log.ship(running=NOW + LATER)
    first = (log.folder / INDEX).read_bytes()[: len(log.shipped[INDEX])]
    assert log.shipped[INDEX] == first != b""
    log.write(b"four\n", NOW + LATER + SOON)
    log.ship(running=None)
    assert log.shipped == {file: (log.folder / file).read_bytes() for file in FILES}


def test_a_record_that_was_written_since_the_clock_was_read_waits(log: Log) -> None:
    """Regression: the clock is read before the file, and what came between passed for a record of the future."""
    log.write(b"one\n", NOW + SOON)
    log.ship(running=NOW)
    assert log.shipped[INDEX] == b""


def test_what_a_silent_task_wrote_last_is_shipped(log: Log) -> None:
    log.write(b"it begins\n", NOW)
    log.ship(running=NOW + LATER)
    assert log.shipped == {file: (log.folder / file).read_bytes() for file in FILES}


def test_a_record_of_before_the_clock_went_back_grows_no_more(log: Log) -> None:
    log.write(b"one\n", NOW)
    log.write(b"two\n", NOW - LATER)
    log.ship(running=NOW - LATER + SOON)
    assert log.shipped[INDEX] == (log.folder / INDEX).read_bytes()[: len(log.shipped[INDEX])] != b""


@pytest.mark.parametrize("trap", [lambda path: path.symlink_to("/etc/passwd"), os.mkfifo, Path.mkdir])
def test_no_trap_is_followed(tmp_path: Path, trap: Callable[[Path], None]) -> None:
    """Regression: a link that a task had left was shipped with what it led to, and a pipe stopped all shipping."""
    for file in FILES:
        trap(tmp_path / file)
    assert next_pieces(ATTEMPT, tmp_path, dict.fromkeys(FILES, 0)) == []
