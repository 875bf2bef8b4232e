"""Output from another machine, put together here from the store's pieces, whoever else does the same."""

from __future__ import annotations

import base64
import zlib
from pathlib import Path
from uuid import UUID

import pytest

from jobistemer_tui.domain.records import LogChunk
from jobistemer_tui.engine.log_pieces import WHOLE
from jobistemer_tui.engine.supervisor.log_format import INDEX, OUTPUT
from jobistemer_tui.errors import HomeNotWritable, StoreError
from jobistemer_tui.operations.queries_runs import log_place
from jobistemer_tui.operations.remote_logs import RemoteLogs
from jobistemer_tui.storage.contract import Capabilities, Store
from jobistemer_tui.storage.memory import MemoryStore
from jobistemer_tui.storage.tables import LOG_CHUNKS
from tests.support.factories import NOW, add, add_job, make_attempt, make_definition, make_occurrence, make_task_run

PACKED = base64.b85encode(zlib.compress(b"four")).decode()
PIECES = (b"one\n", b"two and more\n", b"three\n")


def ship(store: Store, attempt: UUID, file: str, position: int, data: bytes) -> None:
    text = base64.b85encode(zlib.compress(data)).decode()
    store.write(lambda tx: tx.insert(LOG_CHUNKS, LogChunk(attempt, file, position, len(data), text)))


@pytest.fixture
def store() -> Store:
    return MemoryStore()


@pytest.fixture
def attempt(store: Store) -> UUID:
    """A try whose output is in the store, in pieces."""
    job = add_job(store, make_definition())
    occurrence = make_occurrence(job, NOW)
    run = make_task_run(occurrence, "dump")
    attempt = make_attempt(run)
    add(store, occurrence, run, attempt)
    for number, data in enumerate(PIECES):
        ship(store, attempt.id, OUTPUT, len(b"".join(PIECES[:number])), data)
    return attempt.id


def output(folder: Path) -> bytes:
    return (folder / OUTPUT).read_bytes()


@pytest.mark.parametrize("there", [0, 2, 4, 7, 17, 20, 23])
def test_what_was_cut_short_is_made_whole(store: Store, attempt: UUID, tmp_path: Path, there: int) -> None:
    """Regression: a piece of which the end was lacking was left so, and the next one came behind it."""
    folder = tmp_path / "remote-logs" / str(attempt)
    folder.mkdir(parents=True)
    (folder / OUTPUT).write_bytes(b"".join(PIECES)[:there])
    assert not RemoteLogs(store, tmp_path)._fetch(attempt, folder)
    assert output(folder) == b"".join(PIECES)


@pytest.mark.parametrize(
    ("size", "data"),
    [(0, PACKED), (-4, PACKED), (5, PACKED), (1 << 40, PACKED), (4, "\x7f"), (4, "c$"), (4, "")],
)
def test_what_no_node_has_written_is_refused(store: Store, attempt: UUID, tmp_path: Path, size: int, data: str) -> None:
    """Regression: a piece of no bytes was read for ever, others ended the thread that reads for the screen."""
    store.write(lambda tx: tx.insert(LOG_CHUNKS, LogChunk(attempt, INDEX, 0, size, data)))
    with pytest.raises(StoreError, match="damaged in the store"):
        RemoteLogs(store, tmp_path)._add(attempt, tmp_path / "remote-logs" / "it", INDEX)


def test_a_place_that_cannot_be_written_is_said(
    store: Store, attempt: UUID, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "remote-logs").touch()
    monkeypatch.setattr(MemoryStore, "capabilities", Capabilities(False, False, many_engines=True))
    place = store.read(lambda reader: log_place(reader, tmp_path, attempt))
    with pytest.raises(HomeNotWritable, match="remote-logs"):
        RemoteLogs(store, tmp_path).place(place)


def test_two_at_once_write_the_same(
    store: Store, attempt: UUID, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: each appended what it had read, and the output was there twice."""
    folder = tmp_path / "remote-logs" / str(attempt)
    first, second = RemoteLogs(store, tmp_path), RemoteLogs(store, tmp_path)
    make = first._make

    def make_after_the_other(made: Path) -> None:
        second._fetch(attempt, made)
        make(made)

    monkeypatch.setattr(first, "_make", make_after_the_other)
    first._fetch(attempt, folder)
    assert output(folder) == b"".join(PIECES)
    ship(store, attempt, WHOLE, 0, b"")
    assert first._fetch(attempt, folder)
    assert (folder / "result.json").exists()
