"""The log reader against logs that the supervisor's own writer makes."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobistemer_tui.engine.supervisor.log_format import INDEX, OUTPUT
from jobistemer_tui.operations.log_reader import LINE_BYTES, LogReader, LogState, Stream
from tests.support.log_folder import LOG_START, LogFolderWriter, write_big_log


def read(folder: Path, *, ended: bool = False) -> LogReader:
    reader = LogReader(folder, ended=ended)
    reader.refresh()
    return reader


def texts(reader: LogReader) -> list[bytes]:
    return [line.text for line in reader.lines(0, reader.line_count)]


def test_lines_have_stream_and_time(tmp_path: Path) -> None:
    writer = LogFolderWriter(tmp_path)
    writer.write(b"out\n")
    writer.write(b"err\n", stderr=True)
    writer.write(b"half ")
    writer.write(b"half\n", stderr=True)
    writer.write(b"\nopen")
    reader = read(tmp_path)
    assert [(line.number, line.text, line.stream) for line in reader.lines(0, 99)] == [
        (0, b"out", Stream.STDOUT),
        (1, b"err", Stream.STDERR),
        (2, b"half half", Stream.BOTH),
        (3, b"", Stream.STDOUT),
        (4, b"open", Stream.STDOUT),
    ]
    assert [line.time for line in reader.lines(0, 3)] == [LOG_START + timedelta(seconds=s) for s in (1, 2, 3)]
    assert (reader.line_count, reader.whole_line_count) == (5, 4)
    assert [line.text for line in reader.tail(2)] == [b"", b"open"]
    assert reader.lines(3, 3) == reader.lines(9, 12) == []


def test_following_a_log_that_grows(tmp_path: Path) -> None:
    reader = LogReader(tmp_path / "log")
    assert not reader.refresh()
    assert (reader.state, reader.line_count) == (LogState.NOT_STARTED, 0)
    writer = LogFolderWriter(tmp_path / "log")
    writer.write(b"one\ntw")
    assert reader.refresh()
    assert reader.state is LogState.PRESENT
    assert texts(reader) == [b"one", b"tw"]
    assert not reader.refresh()
    writer.write(b"o\nthree\n")
    assert reader.refresh()
    assert reader.first_changed == 1
    assert texts(reader) == [b"one", b"two", b"three"]


def test_bytes_without_a_record_wait_until_the_end(tmp_path: Path) -> None:
    LogFolderWriter(tmp_path).write(b"one\n")
    with (tmp_path / OUTPUT).open("ab") as file:
        file.write(b"being written")
    reader = read(tmp_path)
    assert texts(reader) == [b"one"]
    (tmp_path / "result.json").write_text("{}")
    reader.refresh()
    assert texts(reader) == [b"one", b"being written"]
    assert reader.lines(1, 2)[0].stream is None


def test_a_log_without_index_is_shown(tmp_path: Path) -> None:
    (tmp_path / OUTPUT).write_bytes(b"a\nb\n")
    line = read(tmp_path).lines(1, 2)[0]
    assert (line.text, line.stream, line.time) == (b"b", None, None)


@pytest.mark.parametrize("index", [b"\xff" * 24, b"\xff" * 50, b"\x00" * 23])
def test_a_damaged_index_never_raises(tmp_path: Path, index: bytes) -> None:
    (tmp_path / OUTPUT).write_bytes(b"a\nb\n")
    (tmp_path / INDEX).write_bytes(index)
    assert texts(read(tmp_path, ended=True)) == [b"a", b"b"]


def test_states(tmp_path: Path) -> None:
    assert read(tmp_path / "no").state is LogState.NOT_STARTED
    assert read(tmp_path / "no", ended=True).state is LogState.EXPIRED
    (tmp_path / "void").touch()
    assert read(tmp_path, ended=True).state is LogState.NOT_STARTED
    (tmp_path / "void").unlink()
    assert read(tmp_path).state is LogState.NOT_STARTED
    assert read(tmp_path, ended=True).state is LogState.PRESENT


def link(path: Path) -> None:
    path.symlink_to("/etc/passwd")


@pytest.mark.parametrize("make", [link, os.mkfifo, os.mkdir])
def test_what_is_no_plain_file_is_unreadable(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / OUTPUT)
    reader = read(tmp_path)
    assert reader.state is LogState.UNREADABLE
    assert reader.error
    assert texts(reader) == []


def test_the_live_tail_and_the_joined_log(tmp_path: Path) -> None:
    writer = LogFolderWriter(tmp_path, head_bytes=20, tail_bytes=40)
    reader = LogReader(tmp_path)
    for number in range(50):
        writer.write(b"line %04d\n" % number, stderr=number % 2 == 1)
        reader.refresh()
        assert reader.tail(1)[0].text == b"line %04d" % number
        assert reader.tail(1)[0].stream is (Stream.STDERR if number % 2 else Stream.STDOUT)
    assert texts(reader)[:2] == [b"line 0000", b"line 0001"]
    gap = next(line for line in reader.lines(0, 99) if b"bytes cut here" in line.text)
    assert gap.stream is Stream.NOTE
    assert gap.time is not None
    writer.finish()
    reader.refresh()
    assert texts(reader) == [
        b"line 0000", b"line 0001", b"", b"--- 440 bytes cut here ---",
        b"line 0046", b"line 0047", b"line 0048", b"line 0049",
    ]  # fmt: skip
    assert texts(read(tmp_path, ended=True)) == texts(reader)
    assert [line.stream for line in reader.tail(2)] == [Stream.STDOUT, Stream.STDERR]


def test_a_tail_without_a_gap_continues_the_line(tmp_path: Path) -> None:
    writer = LogFolderWriter(tmp_path, head_bytes=4, tail_bytes=100)
    writer.write(b"one two\nthree\n")
    reader = read(tmp_path)
    assert texts(reader) == [b"one two", b"three"]
    writer.finish()
    reader.refresh()
    assert texts(reader) == [b"one two", b"three"]


def test_while_the_tail_is_joined_nothing_is_shown_twice(tmp_path: Path) -> None:
    writer = LogFolderWriter(tmp_path / "a", head_bytes=10, tail_bytes=20)
    for number in range(9):
        writer.write(b"line %03d\n" % number)
    tails = {path.name: path.read_bytes() for path in (tmp_path / "a").glob("tail.*")}
    assert len(tails) == 4
    writer.finish()
    for name, data in tails.items():
        (tmp_path / "a" / name).write_bytes(data)
    (tmp_path / "a" / "result.json").unlink()
    joined = texts(read(tmp_path / "a"))
    assert joined.count(b"line 008") == 1
    assert joined[-1] == b"line 008"


def test_a_log_that_is_cut_short_is_read_anew(tmp_path: Path) -> None:
    writer = LogFolderWriter(tmp_path)
    writer.write(b"line\n" * 9000)
    reader = read(tmp_path)
    os.truncate(tmp_path / OUTPUT, 12)
    assert reader.refresh()
    assert texts(reader) == [b"line", b"line", b"li"]


def test_a_long_line_is_cut_and_says_so(tmp_path: Path) -> None:
    LogFolderWriter(tmp_path).write(b"a\n" + b"m" * 1_000_000 + b"\nb\n")
    reader = read(tmp_path)
    long = reader.lines(1, 2)[0]
    assert (len(long.text), long.hidden_bytes) == (LINE_BYTES, 1_000_000 - LINE_BYTES)
    assert [line.text for line in reader.lines(0, 3)][::2] == [b"a", b"b"]


def test_times_lead_to_lines(tmp_path: Path) -> None:
    writer = LogFolderWriter(tmp_path, head_bytes=12, tail_bytes=1000)
    for number in range(5):
        writer.write(b"line %d\n" % number, after=60)
    reader = read(tmp_path)
    minutes = [0, 1, 1.5, 2, 5, 6]
    found = [reader.line_at_time(LOG_START + timedelta(minutes=minute)) for minute in minutes]
    assert found == [0, 0, 1, 1, 4, 5]


def test_jumps_in_a_big_log(tmp_path: Path) -> None:
    write_big_log(tmp_path, 100_000)
    reader = read(tmp_path)
    assert (reader.line_count, reader.size) == (100_000, 1_400_000)
    pick = random.Random(1)
    for start in [0, 584, 585, 99_990, *(pick.randrange(100_000) for _ in range(50))]:
        assert [line.text for line in reader.lines(start, start + 30)] == [
            b"%08d line" % number for number in range(start, min(start + 30, 100_000))
        ]
        assert reader.line_at_offset(reader.line_start(start)) == start
        assert reader.line_at_offset(reader.line_start(start) + 13) == start


def test_reading_while_another_thread_refreshes(tmp_path: Path) -> None:
    writer = LogFolderWriter(tmp_path, head_bytes=50_000, tail_bytes=20_000)
    reader = LogReader(tmp_path)
    done = threading.Event()

    def refresh() -> None:
        while not done.is_set():
            reader.refresh()

    with ThreadPoolExecutor() as pool:
        refreshing = pool.submit(refresh)
        try:
            for number in range(3000):
                writer.write(b"%08d some words in a line\n" % number)
                assert len(reader.tail(3)) <= 3
        finally:
            done.set()  # the pool waits for it
        refreshing.result()
    reader.refresh()
    assert reader.tail(1)[0].text.startswith(b"00002999")


CHUNK = st.sampled_from([b"a", b"\n", b"bc\n", b"\n\n", b"d" * 9000, b"e\n" * 5000])
CHUNKS = st.lists(st.tuples(CHUNK, st.booleans()))


@settings(max_examples=60, deadline=None)
@given(chunks=CHUNKS, head=st.integers(1, 20_000), tail=st.integers(1, 9_000), every=st.integers(1, 3))
def test_following_gives_what_opening_gives(
    tmp_path_factory: pytest.TempPathFactory, chunks: list[tuple[bytes, bool]], head: int, tail: int, every: int
) -> None:
    """Whatever is written and however often it is looked at, the index is that of a reader opened just now."""
    folder = tmp_path_factory.mktemp("log")
    writer = LogFolderWriter(folder, head_bytes=head, tail_bytes=tail)
    follower = LogReader(folder)
    for number, (chunk, stderr) in enumerate(chunks):
        writer.write(chunk, stderr=stderr)
        if number % every == 0:
            follower.refresh()
    for finish in (False, True):
        if finish:
            writer.finish()
        follower.refresh()
        opened = read(folder)
        assert follower.lines(0, follower.line_count) == opened.lines(0, opened.line_count)
        whole = follower.read(0, follower.size)
        assert [line.text[:50] for line in follower.lines(0, 10**6)] == [
            line[:50] for line in (whole.removesuffix(b"\n").split(b"\n") if whole else [])
        ]
