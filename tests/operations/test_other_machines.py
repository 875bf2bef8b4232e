"""What another machine does, seen from here: its engine, and the output of its tasks."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from jobistemer_tui.domain.records import LogChunk
from jobistemer_tui.domain.states import AttemptState
from jobistemer_tui.engine.log_pieces import FILES, PIECE, is_whole
from jobistemer_tui.engine.log_shipping import LogShipper
from jobistemer_tui.engine.store_calls import StoreCalls
from jobistemer_tui.engine.supervisor.log_format import RECORD_BYTES
from jobistemer_tui.engine.supervisor_client import attempt_folder
from jobistemer_tui.operations.local import LocalOperations
from jobistemer_tui.operations.read_models import EngineRole
from jobistemer_tui.storage.contract import Store
from jobistemer_tui.storage.open import open_store
from jobistemer_tui.storage.presence import SharedStore
from jobistemer_tui.storage.read_only import ReadOnlyStore
from jobistemer_tui.storage.tables import ATTEMPTS, JOBS, LOG_CHUNKS, NODES, OCCURRENCES, TASK_RUNS
from tests.support.engine_world import START
from tests.support.manual_clock import ManualClock
from tests.support.postgres_server import schema_url
from tests.support.sample_records import sample_attempt, sample_job, sample_node, sample_occurrence, sample_task_run
from tests.support.wait_until import wait_until, wait_until_async

RUN = sample_task_run(sample_occurrence())
ATTEMPT = sample_attempt(RUN)


class FakeRunner:
    """What the shipper asks of the runner."""

    def __init__(self) -> None:
        self.given: frozenset[UUID] = frozenset({ATTEMPT.id})
        self.on_end: Any = None


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store on a server, with the try in it."""
    store = open_store(schema_url(tmp_path))
    rows: list[tuple[Any, Any]] = [
        (JOBS, sample_job()), (OCCURRENCES, sample_occurrence()), (TASK_RUNS, RUN), (ATTEMPTS, ATTEMPT),
    ]  # fmt: skip
    store.write(lambda tx: [tx.insert(table, row) for table, row in rows])
    yield store
    store.close()


@pytest.fixture
def runner() -> FakeRunner:
    """The owner's runner."""
    return FakeRunner()


@pytest.fixture
def shipper(store: Store, runner: FakeRunner, tmp_path: Path) -> LogShipper:
    """The owner's shipper."""
    clock = ManualClock(START)
    return LogShipper(StoreCalls(store, clock), clock, runner, tmp_path / "owner")  # type: ignore[arg-type]  # a fake


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of the try, on the owner's disk."""
    folder = attempt_folder(tmp_path / "owner", ATTEMPT.id)
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def elsewhere(store: Store, tmp_path: Path) -> LocalOperations:
    """Another machine."""
    nodes, attempts = tmp_path / "nodes", tmp_path / "attempts"
    return LocalOperations(store, clock=ManualClock(START), actor="test", nodes_dir=nodes, attempts_dir=attempts)


async def test_a_log_grows_elsewhere_and_ends_whole(
    shipper: LogShipper, runner: FakeRunner, folder: Path, elsewhere: LocalOperations
) -> None:
    here = elsewhere.log(ATTEMPT.id).folder
    assert not here.exists()
    output, index = (folder / name for name in FILES)
    output.write_bytes(b"one\n")
    index.write_bytes(bytes(RECORD_BYTES))
    runner.given |= {spoilt := UUID(int=7)}
    attempt_folder(folder.parent, spoilt).write_text("its folder cannot be read, and that keeps nothing else back")
    await shipper.ship()
    here = elsewhere.log(ATTEMPT.id).folder
    assert [(here / name).read_bytes() for name in FILES] == [b"one\n", bytes(RECORD_BYTES)]
    rest = random.Random(1).randbytes(3 * PIECE + 5)
    output.write_bytes(b"one\n" + rest)
    await shipper.ship()
    wait_until(lambda: (here / FILES[0]).stat().st_size == 4 + PIECE, what="a piece, without being asked")
    assert not (here / "result.json").exists()
    runner.given = frozenset()
    runner.on_end(ATTEMPT.id)
    await shipper.ship()
    wait_until(lambda: (here / "result.json").exists(), what="the rest")
    assert (here / FILES[0]).read_bytes() == b"one\n" + rest


async def test_the_next_engine_goes_on_where_the_last_one_was(
    shipper: LogShipper, runner: FakeRunner, folder: Path, store: Store, tmp_path: Path
) -> None:
    (folder / FILES[0]).write_bytes(b"one\n")
    await shipper.ship()
    (folder / FILES[0]).write_bytes(b"one\ntwo\n")
    clock = ManualClock(START)
    again = LogShipper(StoreCalls(store, clock), clock, runner, tmp_path / "owner")  # type: ignore[arg-type]  # a fake
    await again.ship()
    chunk = store.read(lambda reader: reader.get(LOG_CHUNKS, ATTEMPT.id, FILES[0], 4))
    assert chunk is not None
    assert chunk.size == 4


def spoil(folder: Path) -> None:
    """Let it be no folder, so that nothing in it can be read."""
    folder.rmdir()
    folder.touch()


def mend(folder: Path) -> None:
    folder.unlink()
    folder.mkdir()


async def test_the_next_engine_ships_what_the_last_one_was_killed_over_or_could_not_read(
    shipper: LogShipper, runner: FakeRunner, folder: Path, store: Store
) -> None:
    """Regression: the end of such a log was never seen elsewhere, and whoever followed it waited for ever."""
    runner.given = frozenset()
    spoil(folder)
    runner.on_end(ATTEMPT.id)
    await shipper.ship()
    assert not store.read(lambda reader: is_whole(reader, ATTEMPT.id)), "nothing of it could be read"
    mend(folder)
    (folder / FILES[0]).write_bytes(b"the end\n")
    ended = replace(ATTEMPT, state=AttemptState.SUCCESS)
    store.write(lambda tx: tx.replace(ATTEMPTS, ATTEMPT, ended))
    running = asyncio.ensure_future(shipper.run())
    await wait_until_async(lambda: store.read(lambda reader: is_whole(reader, ATTEMPT.id)), what="all")
    running.cancel()
    await asyncio.wait([running])
    assert store.read(lambda reader: reader.get(LOG_CHUNKS, ATTEMPT.id, FILES[0], 0)) is not None
    assert await shipper._left_behind() == []


def test_nothing_in_the_store_names_a_file_here(store: Store, elsewhere: LocalOperations, tmp_path: Path) -> None:
    evil = LogChunk(ATTEMPT.id, "../../evil", 0, 4, "c$")
    store.write(lambda tx: (tx.insert(LOG_CHUNKS, evil), tx.insert(LOG_CHUNKS, replace(evil, file="other"))))
    assert not elsewhere.log(ATTEMPT.id).folder.exists()
    assert list(tmp_path.rglob("evil")) == []


def test_an_engine_that_serves_elsewhere_is_the_engine(
    store: Store, elsewhere: LocalOperations, tmp_path: Path
) -> None:
    assert isinstance(store, SharedStore)
    node = sample_node(stopped_at=None)
    store.write(lambda tx: tx.insert(NODES, node))
    assert elsewhere.engine().role is EngineRole.NONE
    presence = store.join(node.id)
    looking = LocalOperations(
        ReadOnlyStore(store), clock=ManualClock(START), actor="test", nodes_dir=tmp_path, attempts_dir=tmp_path
    )
    for status in (elsewhere.engine(), looking.engine()):
        assert (status.role, status.host, status.pid) == (EngineRole.ATTACHED, node.host, None)
    presence.close()
    wait_until(lambda: elsewhere.engine().role is EngineRole.NONE, what="the lock to be free")
