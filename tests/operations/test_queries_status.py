"""The header, the engine and the files."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from jobistemer_tui.domain.records import FileState, JobFile
from jobistemer_tui.domain.states import OccurrenceState as S
from jobistemer_tui.engine.engine_lock import EngineLock, EngineOwner
from jobistemer_tui.operations import queries_status
from jobistemer_tui.operations.local import LocalOperations
from jobistemer_tui.operations.read_models import Counts, EngineRole
from jobistemer_tui.storage.contract import Store
from tests.support.factories import NOW, add, add_job, make_definition, make_node, make_occurrence

PROBLEM = {
    "file": "/jobs/b.toml", "line": 3, "column": 5, "message": "unknown key", "hint": "remove it",
    "severity": "error", "code": "unknown_key", "source_line": "    x = 1",
}  # fmt: skip


def job_file(path: str, state: FileState, **values: Any) -> JobFile:
    return JobFile(path, "/jobs", state, "hash", NOW, **values)


def test_an_empty_store_counts_nothing(operations: LocalOperations) -> None:
    assert operations.counts() == Counts()
    assert operations.files() == []
    assert operations.jobs() == []
    assert operations.runs() == []


def test_the_header_counts_what_is_live(store: Store, operations: LocalOperations) -> None:
    job = add_job(store, make_definition())
    add_job(store, make_definition("paused"), paused_at=NOW)
    add_job(store, make_definition("over"), paused_at=NOW, paused_until=NOW)
    add_job(store, make_definition("gone"), retired_at=NOW, paused_at=NOW)
    states = [S.RUNNING, S.CANCELING, S.PENDING, S.QUEUED, S.QUEUED, S.COMPLETED, S.PLANNED]
    add(store, *(make_occurrence(job, NOW + timedelta(hours=n), state) for n, state in enumerate(states)))
    add(store, job_file("/jobs/a.toml", FileState.LOADED), job_file("/jobs/b.toml", FileState.REFUSED))
    assert operations.counts() == Counts(jobs=3, running=2, queued=3, paused=1, refused_files=1)


def test_figures_are_the_same_where_all_jobs_are_known_already(store: Store, operations: LocalOperations) -> None:
    add_job(store, make_definition("a", schedule="0 5 * * *"))
    add_job(store, make_definition("b", schedule="0 6 * * *"))
    add_job(store, make_definition("by-hand", schedule=None))
    operations.jobs()
    seen = []
    for act in (operations.pause, operations.stop, operations.resume):
        for name in ("a", "b"):
            act(name)
            figures = operations.counts()
            assert figures == store.read(lambda reader: queries_status.counts(reader, operations.now()))
            seen.append((figures.jobs, figures.paused, figures.all_paused))
    assert seen == [(3, 1, False), (3, 2, True), (3, 2, True), (3, 2, False), (3, 1, False), (3, 0, False)]


def test_files_show_their_problems(store: Store, operations: LocalOperations) -> None:
    add(
        store,
        job_file("/jobs/b.toml", FileState.REFUSED, errors=[PROBLEM, {"message": "odd"}]),
        job_file("/jobs/a.toml", FileState.LOADED, jobs=["backup"]),
    )
    good, bad = operations.files()
    assert (good.path, good.loaded, good.jobs, good.problems) == ("/jobs/a.toml", True, ("backup",), ())
    assert (bad.path, bad.loaded) == ("/jobs/b.toml", False)
    first, second = bad.problems
    assert (first.line, first.column, first.message, first.hint) == (3, 5, "unknown key", "remove it")
    assert (first.severity, first.source_line) == ("error", "    x = 1")
    assert (second.file, second.line, second.message) == ("/jobs/b.toml", 0, "odd")


def test_without_an_engine_the_last_one_is_told(store: Store, operations: LocalOperations) -> None:
    nobody = operations.engine()
    assert (nobody.role, nobody.since, nobody.pid) == (EngineRole.NONE, None, None)
    add(store, make_node(1, started_at=NOW - timedelta(days=1)), make_node(2, host="birch", stopped_at=NOW))
    last = operations.engine()
    assert (last.role, last.host, last.since, last.pid) == (EngineRole.NONE, "birch", NOW, None)


def test_the_holder_of_the_lock_serves(operations: LocalOperations, tmp_path: Path) -> None:
    (tmp_path / "nodes").mkdir()
    lock = EngineLock.acquire(tmp_path / "nodes", EngineOwner(os.getpid(), "alder", UUID(int=1), NOW))
    try:
        mine = operations.engine()
        assert (mine.role, mine.host, mine.pid, mine.since) == (EngineRole.SERVING, "alder", os.getpid(), NOW)
    finally:
        lock.release()
    lock = EngineLock.acquire(tmp_path / "nodes", EngineOwner(1, "birch", UUID(int=1), NOW))
    try:
        assert operations.engine().role is EngineRole.ATTACHED
    finally:
        lock.release()
    assert operations.engine().role is EngineRole.NONE
