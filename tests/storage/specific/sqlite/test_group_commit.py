"""Group commit: one failure never takes or repeats its neighbours (https://sqlite.org/lang_transaction.html)."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from jobistemer_tui.errors import StoreError, StoreFull, StoreUnavailable
from jobistemer_tui.storage.contract import Transaction
from jobistemer_tui.storage.sqlite import SqliteStore
from jobistemer_tui.storage.sqlite.connect import connect, disconnect
from jobistemer_tui.storage.sqlite.group_commit import GroupCommit
from jobistemer_tui.storage.tables import JOBS, NODES, OCCURRENCES
from jobistemer_tui.storage.writer import Outcome
from tests.support.sample_records import sample_job, sample_node, sample_occurrence
from tests.support.store_work import Work, append_event, insert_job

Statements = list[str]


@pytest.fixture
def statements(connection: sqlite3.Connection) -> Statements:
    """The transaction statements that the connection executes from now on."""
    seen: Statements = []
    words = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")
    connection.set_trace_callback(lambda text: seen.append(text) if text.startswith(words) else None)
    return seen


def events(connection: sqlite3.Connection) -> list[str]:
    return [kind for (kind,) in connection.execute("SELECT kind FROM event ORDER BY sequence")]


def leave_no_room(connection: sqlite3.Connection) -> None:
    """From now on the database may not grow by a page."""
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")


def too_large(transaction: Transaction) -> bool:
    return transaction.insert(NODES, sample_node(host="x" * 1_000_000))


def errors(outcomes: list[Outcome]) -> list[type]:
    return [type(outcome.error) for outcome in outcomes]


def test_a_group_is_one_commit(
    connection: sqlite3.Connection, group_commit: GroupCommit, statements: Statements
) -> None:
    outcomes = group_commit.commit([append_event("a"), append_event("b"), append_event("c")])
    assert [outcome.result for outcome in outcomes] == [1, 2, 3]
    assert statements == ["BEGIN IMMEDIATE", "COMMIT"]
    assert events(connection) == ["a", "b", "c"]


def test_what_has_queued_up_is_one_group(sqlite_store: SqliteStore, path: Path) -> None:
    """Each commit writes one frame to the WAL whose header says how large the database is then."""
    gate = threading.Event()
    first = sqlite_store.submit(lambda t: gate.wait(60))
    futures = [sqlite_store.submit(append_event(str(number))) for number in range(50)]
    before = _commits(path)
    gate.set()
    assert [future.result(60) for future in futures] == list(range(1, 51))
    assert first.result(60) is True
    assert _commits(path) - before in (1, 2)


def _commits(path: Path) -> int:
    """How many commit records the WAL has. A copy is read: opening the WAL itself would drop our locks."""
    copy = path.with_name("copy-of-wal")
    subprocess.run(["cp", f"{path}-wal", copy], check=True)
    wal = copy.read_bytes()
    page_size = int.from_bytes(wal[8:12])
    headers = range(32, len(wal), 24 + page_size)
    return sum(int.from_bytes(wal[at + 4 : at + 8]) > 0 for at in headers)


def test_a_failure_is_undone_alone(
    connection: sqlite3.Connection, group_commit: GroupCommit, statements: Statements
) -> None:
    def half_done(transaction: Transaction) -> None:
        append_event("half")(transaction)
        raise ZeroDivisionError

    outcomes = group_commit.commit([append_event("a"), half_done, insert_orphan, append_event("b")])
    assert errors(outcomes) == [type(None), ZeroDivisionError, StoreError, type(None)]
    assert statements.count("COMMIT") == 1
    assert events(connection) == ["a", "b"]


def test_a_failure_that_has_written_nothing_costs_its_neighbours_nothing(
    connection: sqlite3.Connection, group_commit: GroupCommit, statements: Statements
) -> None:
    outcomes = group_commit.commit([append_event("a"), lambda transaction: 1 // 0, insert_orphan, append_event("b")])
    assert errors(outcomes) == [type(None), ZeroDivisionError, StoreError, type(None)]
    assert statements == ["BEGIN IMMEDIATE", "COMMIT"]
    assert events(connection) == ["a", "b"]


def insert_orphan(transaction: Transaction) -> bool:
    return transaction.insert(OCCURRENCES, sample_occurrence(job=99))


def test_a_full_disk_leaves_the_neighbours_committed_once(
    connection: sqlite3.Connection, group_commit: GroupCommit
) -> None:
    """SQLITE_FULL has rolled everything back by the time we hear of it."""
    runs: list[str] = []

    def counted(name: str) -> Work:
        def work(transaction: Transaction) -> Any:
            runs.append(name)
            return append_event(name)(transaction)

        return work

    leave_no_room(connection)
    outcomes = group_commit.commit([counted("a"), too_large, counted("b")])
    assert errors(outcomes) == [type(None), StoreFull, type(None)]
    assert events(connection) == ["a", "b"]
    assert [outcomes[0].result, outcomes[2].result] == [1, 2]
    assert runs == ["a", "a", "b"]
    assert isinstance(outcomes[1].error.__cause__ if outcomes[1].error else None, sqlite3.OperationalError)


def test_a_full_disk_for_one_alone(connection: sqlite3.Connection, group_commit: GroupCommit) -> None:
    leave_no_room(connection)
    assert errors(group_commit.commit([too_large])) == [StoreFull]
    assert not connection.in_transaction
    assert errors(group_commit.commit([append_event("after")])) == [type(None)]


def test_work_that_swallows_the_full_disk_commits_nothing(
    connection: sqlite3.Connection, group_commit: GroupCommit
) -> None:
    """The transaction is gone, so its next statement would commit by itself."""

    def stubborn(transaction: Transaction) -> None:
        with pytest.raises(StoreFull):
            too_large(transaction)
        with pytest.raises(StoreFull):
            append_event("stray")(transaction)

    leave_no_room(connection)
    for group in ([stubborn], [append_event("a"), stubborn, append_event("b")]):
        assert StoreFull in errors(group_commit.commit(group))
    assert events(connection) == ["a", "b"]


def vanish(connection: sqlite3.Connection) -> Callable[[Transaction], None]:
    """Work whose transaction is rolled back under it without an error that it could see."""

    def work(transaction: Transaction) -> None:
        append_event("vanished")(transaction)
        connection.execute("ROLLBACK")

    return work


def test_a_transaction_that_vanished_is_noticed(connection: sqlite3.Connection, group_commit: GroupCommit) -> None:
    """Else the next savepoint would begin, and its release commit, a transaction of its own."""
    outcomes = group_commit.commit([append_event("a"), vanish(connection), append_event("b")])
    assert errors(outcomes) == [type(None), StoreUnavailable, type(None)]
    assert events(connection) == ["a", "b"]


def test_a_statement_after_the_transaction_vanished_is_refused(
    connection: sqlite3.Connection, group_commit: GroupCommit
) -> None:
    def work(transaction: Transaction) -> None:
        connection.execute("ROLLBACK")
        append_event("stray")(transaction)

    for group in ([work], [work, work]):
        assert set(errors(group_commit.commit(group))) == {StoreUnavailable}
    assert events(connection) == []


class Failing:
    """A connection on which one statement fails, once."""

    def __init__(self, connection: sqlite3.Connection, text: str) -> None:
        self._connection = connection
        self._text: str | None = text

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction

    def execute(self, text: str, *values: Any) -> sqlite3.Cursor:
        if text == self._text:
            self._text = None
            raise sqlite3.OperationalError(f"injected at {text}")
        return self._connection.execute(text, *values)


@pytest.mark.parametrize("text", ["SAVEPOINT work", "ROLLBACK TO work", "RELEASE work", "COMMIT"])
def test_whichever_statement_fails_each_is_done_once(
    connection: sqlite3.Connection, group_commit: GroupCommit, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    def fails(transaction: Transaction) -> None:
        append_event("half")(transaction)
        raise ZeroDivisionError

    monkeypatch.setattr(group_commit, "_connection", Failing(connection, text))
    outcomes = group_commit.commit([append_event("a"), fails, append_event("b")])
    assert errors(outcomes) == [type(None), ZeroDivisionError, type(None)]
    assert events(connection) == ["a", "b"]


@pytest.mark.parametrize("text", ["BEGIN IMMEDIATE", "COMMIT"])
def test_alone_its_failure_is_told(
    connection: sqlite3.Connection, group_commit: GroupCommit, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(group_commit, "_connection", Failing(connection, text))
    (outcome,) = group_commit.commit([append_event("a")])
    assert isinstance(outcome.error, StoreUnavailable)
    assert isinstance(outcome.error.__cause__, sqlite3.OperationalError)
    assert events(connection) == []
    assert not connection.in_transaction


def test_a_rollback_that_fails_is_told_by_the_next(
    connection: sqlite3.Connection, group_commit: GroupCommit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(transaction: Transaction) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(group_commit, "_connection", Failing(connection, "ROLLBACK"))
    assert errors(group_commit.commit([fails])) == [ZeroDivisionError]
    assert errors(group_commit.commit([append_event("a")])) == [StoreUnavailable]
    assert errors(group_commit.commit([append_event("b")])) == [type(None)]
    assert events(connection) == ["b"]


def test_a_busy_store_fails_the_group_after_one_wait(
    connection: sqlite3.Connection, group_commit: GroupCommit, path: Path
) -> None:
    other = connect(path)
    other.execute("BEGIN IMMEDIATE")
    connection.execute("PRAGMA busy_timeout = 10")
    outcomes = group_commit.commit([append_event("a"), append_event("b")])
    assert errors(outcomes) == [StoreUnavailable, StoreUnavailable]
    assert "busy" in str(outcomes[0].error)
    disconnect(path, [other])


def test_the_store_tells_a_full_disk(sqlite_store: SqliteStore) -> None:
    leave_no_room(sqlite_store._connection)
    gate = threading.Event()
    holder = sqlite_store.submit(lambda t: gate.wait(60))
    futures: list[Future[Any]] = [sqlite_store.submit(work) for work in (insert_job(1), too_large, insert_job(2))]
    gate.set()
    assert holder.result(60)
    assert [type(future.exception(20)) for future in futures] == [type(None), StoreFull, type(None)]
    assert sqlite_store.read(lambda r: [r.get(JOBS, sample_job(n).id) for n in (1, 2)]) == [
        sample_job(1),
        sample_job(2),
    ]


def test_the_thread_that_commits_cannot_wait_for_itself(sqlite_store: SqliteStore) -> None:
    told: list[BaseException] = []
    gate = threading.Event()

    def write(future: Future[Any]) -> None:
        try:
            sqlite_store.write(insert_job(2))
        except RuntimeError as error:
            told.append(error)

    future = sqlite_store.submit(lambda t: gate.wait(60))
    future.add_done_callback(write)
    gate.set()
    sqlite_store.close()
    assert len(told) == 1


def test_the_writer_outlives_a_defect(
    sqlite_store: SqliteStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Else every waiter would hang for ever."""
    with monkeypatch.context() as patch:
        patch.setattr(GroupCommit, "_alone", lambda self, work: 1 // 0)
        assert isinstance(sqlite_store.submit(insert_job(1)).exception(20), ZeroDivisionError)
    assert sqlite_store.submit(insert_job(1)).result(60) is True
    assert "writer failed" in caplog.text


def test_a_listener_that_exits_does_not_end_the_writer(sqlite_store: SqliteStore) -> None:
    sqlite_store.on_change(lambda: sys.exit(1))
    assert [sqlite_store.submit(insert_job(number)).result(60) for number in (1, 2)] == [True, True]
