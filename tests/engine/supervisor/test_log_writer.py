"""The log's two caps, compared with the plain rule for any sequence of chunks; and disks that fail."""

from __future__ import annotations

import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobistemer_tui.engine.supervisor import log_format
from jobistemer_tui.engine.supervisor.log_format import NOTE, RECORD_BYTES, STDERR, STDOUT, Record, cut_line
from jobistemer_tui.engine.supervisor.log_writer import LogWriter, finish_abandoned

Chunks = list[tuple[int, int]]
_CHUNKS = st.lists(st.tuples(st.integers(1, 40), st.sampled_from([STDOUT, STDERR])), max_size=30)


def written(chunks: Chunks) -> bytes:
    """Bytes that tell their own position."""
    return bytes(position % 251 for position in range(sum(size for size, _ in chunks)))


def streams(chunks: Chunks) -> list[int]:
    return [stream for size, stream in chunks for _ in range(size)]


def write(folder: Path, chunks: Chunks, head: int, tail: int) -> LogWriter:
    log = LogWriter(folder, head, tail)
    data = memoryview(written(chunks))
    position = 0
    for number, (size, stream) in enumerate(chunks):
        log.write(data[position : position + size], stream, number * 20_000)
        position += size
    return log


def read(folder: Path) -> tuple[bytes, list[int]]:
    """The log and the stream of each of its bytes."""
    path = folder / log_format.OUTPUT
    if not path.exists():
        return b"", []
    records = log_format.unpack((folder / log_format.INDEX).read_bytes())
    assert [record.offset for record in records] == [
        sum(earlier.length for earlier in records[:number]) for number in range(len(records))
    ]
    return path.read_bytes(), [record.stream for record in records for _ in range(record.length)]


def expected(chunks: Chunks, head: int, tail: int) -> tuple[bytes, list[int]]:
    data, names = written(chunks), streams(chunks)
    start = max(min(head, len(data)), len(data) - tail)
    line = cut_line(start - head) if start > head else b""
    return data[:head] + line + data[start:], [*names[:head], *[NOTE] * len(line), *names[start:]]


@settings(max_examples=150, deadline=None)
@given(chunks=_CHUNKS, head=st.integers(0, 120), tail=st.integers(0, 120), abandoned=st.booleans())
def test_head_and_tail_are_exact(chunks: Chunks, head: int, tail: int, abandoned: bool) -> None:
    folder = Path(mkdtemp())
    try:
        log = write(folder, chunks, head, tail)
        total = sum(size for size, _ in chunks)
        if abandoned and tail:
            finish_abandoned(folder, tail)
        else:
            assert log.finish() == max(total - head - tail, 0)
        assert read(folder) == expected(chunks, head, tail)
        assert {path.name for path in folder.iterdir()} <= {log_format.OUTPUT, log_format.INDEX}
    finally:
        shutil.rmtree(folder)


def test_a_record_is_twenty_four_little_endian_bytes() -> None:
    record = Record(offset=1, length=2, stream=STDERR, at_us=3)
    packed = bytes.fromhex("0100000000000000 0300000000000000 02000000 02 000000")
    assert log_format.pack(record) == packed
    assert len(packed) == RECORD_BYTES
    assert log_format.unpack(packed + packed[:23]) == [record]


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let writes beyond `size` bytes of any file fail, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("limit", [0, 10, 100, 150, 240, 1000])
def test_what_does_not_fit_on_the_disk_is_dropped_and_counted(tmp_path: Path, limit: int) -> None:
    chunks = [(30, STDOUT), (30, STDERR)] * 20
    with largest_file(limit):
        log = write(tmp_path, chunks, 600, 300)
        dropped = log.finish()
    data, names = read(tmp_path)
    assert len(data) == len(names)
    note = sum(name == NOTE for name in names)
    assert 1200 - dropped == len(data) - note
    assert len(data) <= limit
    assert dropped >= 300
    assert (dropped == 300) == (limit == 1000)


def test_writing_goes_on_when_there_is_room_again(tmp_path: Path) -> None:
    log = LogWriter(tmp_path, 1000, 0)
    log.write(memoryview(b"a" * 50), STDOUT, 0)
    with largest_file(60):
        log.write(memoryview(b"b" * 50), STDOUT, 1_000_000)
    log.write(memoryview(b"c" * 50), STDOUT, 2_000_000)
    assert log.finish() == 40
    assert read(tmp_path)[0] == b"a" * 50 + b"b" * 10 + b"c" * 50


def test_a_folder_that_cannot_be_written_drops_everything(tmp_path: Path) -> None:
    log = write(tmp_path / "missing", [(30, STDOUT)] * 3, 40, 40)
    assert log.output_bytes == 90
    assert log.finish() == 90
