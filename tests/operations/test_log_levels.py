"""How grave a line is, and finding the grave ones in a log that grows."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobistemer_tui.operations import log_search
from jobistemer_tui.operations.log_levels import Level, Problems, level_lines, level_of, next_problem
from jobistemer_tui.operations.log_reader import LogReader
from tests.support.log_folder import LogFolderWriter

NONE, DEBUG, INFO, WARNING, ERROR = Level


@pytest.mark.parametrize(
    ("line", "level"),
    [
        (b"hello", NONE),
        (b"mirror terrors, no problem", NONE),
        (b"2026-11-24 06:30:01 WARN slow", WARNING),
        (b"rsync error: code 12", ERROR),
        (b"Warning: x", WARNING),
        (b"INFO retry after error", INFO),
        (b"DEBUG warn threshold is 3", DEBUG),
        (b"level=warning msg=\"an error\"", WARNING),
        (b"ts=1 lvl=dbug", NONE),
        (b"[error] x", ERROR),
        (b"(debug) x", DEBUG),
        (b"<crit> y", ERROR),
        (b"debug: x", DEBUG),
        (b"the debug build is here", NONE),
        (b"E0824 12:01:02.000 klog", ERROR),
        (b"I0824 12:01:02.000 an error was handled", INFO),
        (b"<11>Nov 24 host app: broken", ERROR),
        (b"<12>Nov 24 host app: hm", WARNING),
        (b"<14>fine, no error", INFO),
        (b"<15>x", DEBUG),
        (b'{"level":"warn","msg":"an ERROR"}', WARNING),
        (b'{"msg":"x","severity" : "CRITICAL"}', ERROR),
        (b'{"level":30,"msg":"error"}', INFO),
        (b'{"level":60}', ERROR),
        (b'{"level":10}', DEBUG),
        (b'{"level":4}', WARNING),
        (b'{"level":"odd"}', NONE),
        (b'{"msg":"an error"}', ERROR),
        (b"ValueError: bad", ERROR),
        (b"java.lang.IllegalStateException: x", ERROR),
        (b"\x1b[1;31mERROR\x1b[0m upload failed", ERROR),
        (b"10:00 \x1b[33mwarning\x1b[0m: slow", WARNING),
        (b"\x1b[2m{\"level\":30,\"msg\":\"an error\"}\x1b[0m", INFO),
        (b"", NONE),
        (b"\xff\x00terror", NONE),
        (b"\xff error \x00", ERROR),
    ],
)  # fmt: skip
def test_the_level_that_a_line_names(line: bytes, level: Level) -> None:
    assert level_of(line) is level


LINES = (
    b"start",  # 0
    b"DEBUG x",
    b"  more of x",
    b"INFO y",
    b"WARN z",
    b"\tat z",  # 5
    b"  INFO of its own",
    b"plain",
    b"Traceback (most recent call last):",
    b'  File "x"',
    b"ValueError: bad",  # 10
    b"",
    b"no errors",
)


def reader_of(folder: Path, *lines: bytes) -> LogReader:
    LogFolderWriter(folder).write(b"\n".join(lines))
    reader = LogReader(folder)
    reader.refresh()
    return reader


@pytest.mark.parametrize("chunk", [1 << 20, 16])
def test_lines_of_a_least_level(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    monkeypatch.setattr(log_search, "CHUNK", chunk)
    reader = reader_of(tmp_path, *LINES)
    assert list(level_lines(reader, INFO)) == [0, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
    assert list(level_lines(reader, WARNING)) == [4, 5, 8, 9, 10]
    assert list(level_lines(reader, ERROR)) == [8, 9, 10]
    assert list(level_lines(reader, WARNING, 5)) == [5, 8, 9, 10]
    assert list(level_lines(reader, DEBUG)) == list(range(13))


@pytest.mark.parametrize("length", [3, 80, 5_000])
def test_a_long_traceback_keeps_its_level_while_it_is_followed(tmp_path: Path, length: int) -> None:
    """Regression: behind its 64th line the lines that came later had no level."""
    reader = reader_of(tmp_path, b" x", b"ERROR it failed", *[b"  more"] * length, b"and on")
    assert list(level_lines(reader, ERROR, length)) == [length, length + 1]
    problems = Problems(length)
    problems.scan(reader, reader.line_count)
    assert list(problems.lines) == [length, length + 1]


def test_what_is_cancelled_gives_what_it_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_search, "CHUNK", 16)
    reader = reader_of(tmp_path, *LINES)
    assert list(level_lines(reader, WARNING, cancelled=lambda: True)) == []
    problems = Problems()
    problems.scan(reader, 13, cancelled=lambda: True)
    assert 0 < problems.scanned < 13


@pytest.mark.parametrize("chunk", [1 << 20, 16])
def test_problems_are_found_piece_by_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    monkeypatch.setattr(log_search, "CHUNK", chunk)
    reader = reader_of(tmp_path, *LINES)
    for step in (1, 3, 13):
        problems = Problems()
        while problems.scanned < reader.line_count:
            problems.scan(reader, problems.scanned + step)
        assert list(problems.lines) == [4, 5, 8, 9, 10]
        assert list(problems.levels) == [WARNING, WARNING, ERROR, ERROR, ERROR]
        assert [problems.between(*span) for span in ((0, 4), (4, 5), (4, 13), (11, 13))] == [0, WARNING, ERROR, 0]
        problems.forget(8)
        assert (list(problems.lines), len(problems.levels), problems.scanned) == ([4, 5], 2, 8)


def test_the_nearest_problem_in_both_directions(tmp_path: Path) -> None:
    reader = reader_of(tmp_path, *[b"x"] * 1000, b"ERROR a", *[b"x"] * 1000, b"warn b", *[b"x"] * 500)
    assert [next_problem(reader, start, 1) for start in (0, 1000, 1001, 2001, 2002)] == [1000, 1000, 2001, 2001, None]
    assert [next_problem(reader, start, -1) for start in (2501, 2001, 2000, 1000, 999)] == [
        2001,
        2001,
        1000,
        1000,
        None,
    ]
    assert next_problem(reader, -1, -1) is None
