"""Search, filter and plain text over a log."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobistemer_tui.operations import log_search
from jobistemer_tui.operations.log_reader import LogReader
from jobistemer_tui.operations.log_search import matching_lines, stream_lines
from jobistemer_tui.operations.log_text import plain_text
from tests.support.log_folder import HOSTILE_LINES, LogFolderWriter, write_big_log


def reader_of(folder: Path, *lines: bytes) -> LogReader:
    writer = LogFolderWriter(folder)
    writer.write(b"\n".join(lines))
    reader = LogReader(folder)
    reader.refresh()
    return reader


def test_search_goes_both_ways_from_the_line_itself(tmp_path: Path) -> None:
    reader = reader_of(tmp_path, b"x", b"hit", b"y", b"a hit", b"z")
    hit = re.compile(b"hit")
    assert [reader.search(hit, start, 1) for start in range(5)] == [1, 1, 3, 3, None]
    assert [reader.search(hit, start, -1) for start in range(5)] == [None, 1, 1, 3, 3]
    assert list(reader.matching_lines(hit)) == [1, 3]
    assert list(matching_lines(reader, hit, invert=True)) == [0, 2, 4]
    assert reader.search(hit, -5, -1) is None


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (b"^b", [1, 3]),
        (b"b$", [1, 2]),
        (b"a\\s+b", []),
        (b"[^x]b", [2]),
        (b"", [0, 1, 2, 3]),
        (b"^$", []),
        (b"a[^z]*b", [2]),
        (b"ERROR", [3]),
    ],
)
def test_a_pattern_matches_within_a_line(tmp_path: Path, pattern: bytes, expected: list[int]) -> None:
    reader = reader_of(tmp_path, b"a", b"b\r", b"a-b", b"b \x1b[31mERR\x1b[0mOR", b"")
    assert list(reader.matching_lines(re.compile(pattern))) == expected


def test_a_big_log_is_searched_across_chunks(tmp_path: Path) -> None:
    write_big_log(tmp_path, 200_000)
    reader = LogReader(tmp_path)
    reader.refresh()
    assert list(reader.matching_lines(re.compile(b"99999 line"))) == [99_999, 199_999]
    assert len(reader.matching_lines(re.compile(b"line$"))) == 200_000
    assert reader.search(re.compile(b"00000007"), 199_999, -1) == 7
    assert len(stream_lines(reader, stderr=True)) == 20_000
    assert list(stream_lines(reader, stderr=True, start=199_998)) == [199_998, 199_999]
    assert len(stream_lines(reader, stderr=False)) == 180_000


def test_of_a_line_longer_than_a_chunk_the_beginning_is_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_search, "CHUNK", 100)
    reader = reader_of(tmp_path, b"begin" + b"m" * 1000 + b"end", b"end", b"begin")
    assert list(reader.matching_lines(re.compile(b"begin"))) == [0, 2]
    assert list(reader.matching_lines(re.compile(b"end"))) == [1]


def test_a_cancelled_search_ends_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_search, "CHUNK", 100)
    write_big_log(tmp_path, 1000)
    reader = LogReader(tmp_path)
    reader.refresh()
    assert len(reader.matching_lines(re.compile(b"line"), cancelled=lambda: True)) == 7


@settings(max_examples=80, deadline=None)
@given(
    lines=st.lists(st.sampled_from([b"", b"a", b"ab", b"b a", b"a" * 70]), min_size=1, max_size=30),
    pattern=st.sampled_from([b"a", b"^a$", b"b", b"a[^c]*b", b"\\w+", b"$"]),
    start=st.integers(0, 30),
)
def test_search_agrees_with_looking_at_each_line(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], pattern: bytes, start: int
) -> None:
    reader = reader_of(tmp_path_factory.mktemp("log"), *lines)
    there = [line.text for line in reader.lines(0, 99)]
    compiled = re.compile(pattern)
    expected = [number for number, text in enumerate(there) if number >= start and compiled.search(text)]
    assert list(reader.matching_lines(compiled, start)) == expected
    assert reader.search(compiled, start, 1) == (expected[0] if expected else None)


def test_lines_of_one_stream(tmp_path: Path) -> None:
    writer = LogFolderWriter(tmp_path)
    writer.write(b"out\nhalf ")
    writer.write(b"err\nerr\n", stderr=True)
    writer.write(b"out\n")
    reader = LogReader(tmp_path)
    reader.refresh()
    assert list(stream_lines(reader, stderr=True)) == [1, 2]
    assert list(stream_lines(reader, stderr=False)) == [0, 1, 3]
    assert list(stream_lines(reader, stderr=True, start=2)) == [2]


def test_plain_text_is_harmless_and_complete(tmp_path: Path) -> None:
    reader = reader_of(tmp_path, *HOSTILE_LINES, b"end")
    text = "".join(plain_text(reader))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    assert len(text.splitlines()) == len(HOSTILE_LINES) + 1
    assert text.endswith("\nend\n")
    assert "… +934464 bytes" in text


def test_plain_text_of_a_plain_log_is_the_log(tmp_path: Path) -> None:
    write_big_log(tmp_path, 10_000)
    reader = LogReader(tmp_path)
    reader.refresh()
    assert "".join(plain_text(reader)) == (tmp_path / "output.log").read_text()
