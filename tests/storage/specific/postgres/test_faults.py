"""What is lost on the way, or ended by the server: answers, sessions, the whole schema; and who must not be between."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from jobistemer_tui.errors import StoreError, StoreFull, StoreUnavailable
from jobistemer_tui.storage.contract import Reader, Transaction
from jobistemer_tui.storage.postgres import PostgresStore, lost_answer, watcher
from jobistemer_tui.storage.postgres.address import Address
from jobistemer_tui.storage.postgres.connect import Connection, connect
from jobistemer_tui.storage.postgres.failures import connecting_error, store_error
from jobistemer_tui.storage.postgres.lost_answer import Gate, was_committed
from jobistemer_tui.storage.tables import EVENTS_BY_SEQUENCE, JOBS, JOBS_BY_KEY
from tests.support.postgres_proxy import COMMIT, Line, Pool, running
from tests.support.postgres_server import end_sessions, server_url
from tests.support.sample_records import sample_event, sample_job
from tests.support.store_work import append_event, insert_job
from tests.support.wait_until import wait_until


@pytest.fixture
def line(url: str) -> Iterator[Line]:
    """A line to the server that can lose answers."""
    PostgresStore.open(url).close()
    with running(Line(server_url())) as line:
        assert isinstance(line, Line)
        yield line


@pytest.fixture
def far_store(line: Line, url: str) -> Iterator[PostgresStore]:
    """The store through the line."""
    store = PostgresStore.open(line.url(url))
    yield store
    store.close()


def kinds(store: PostgresStore) -> list[str]:
    return [event.kind for event in store.read(lambda r: r.scan(EVENTS_BY_SEQUENCE))]


def test_a_commit_whose_answer_is_lost_is_done_once(line: Line, far_store: PostgresStore) -> None:
    far_store.write(append_event("first"))
    line.lose_answer = COMMIT
    assert far_store.write(append_event("second")) == 2
    assert line.lost == 1
    assert far_store.write(append_event("third")) == 3
    assert kinds(far_store) == ["first", "second", "third"]


def test_a_group_whose_answer_is_lost_is_done_once(line: Line, far_store: PostgresStore) -> None:
    gate = threading.Event()
    holder = far_store.submit(lambda t: (gate.wait(60), t.append(sample_event("held")))[1])
    events = [far_store.submit(append_event(str(number))) for number in range(5)]
    job = far_store.submit(insert_job(1))
    line.lose_answer = b'INTO "job"'  # of the group: it is lost before the commit, and each runs again alone
    gate.set()
    assert holder.result(60) == 1
    assert [future.result(60) for future in events] == [2, 3, 4, 5, 6]
    assert job.result(60) is True
    assert line.lost == 1
    assert kinds(far_store) == ["held", *map(str, range(5))]


def test_a_group_whose_fate_nobody_can_tell_is_not_done_again(
    line: Line, far_store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lost_answer, "_TRIES", 0)
    begun, gate = threading.Event(), threading.Event()

    def hold(transaction: Transaction) -> bool:
        begun.set()
        return gate.wait(60)  # it writes nothing, so it has no commit

    holder = far_store.submit(hold)
    assert begun.wait(60)
    futures = [far_store.submit(append_event(str(number))) for number in range(3)]
    line.lose_answer = COMMIT
    gate.set()
    assert holder.result(60)
    for future in futures:
        with pytest.raises(StoreUnavailable, match="cannot say"):
            future.result(60)
    assert line.lost == 1
    wait_until(lambda: kinds(far_store) == ["0", "1", "2"])


def test_a_reader_may_be_idle_for_long(url: str, postgres_store: PostgresStore) -> None:
    postgres_store.write(insert_job(1))
    hasty = PostgresStore.open(f"{url}&options=-c%20idle_in_transaction_session_timeout=50ms")

    def work(reader: Reader) -> int:
        assert not threading.Event().wait(0.5)  # as long as another store is read
        return reader.count(JOBS_BY_KEY)

    assert hasty.read(work) == 1
    hasty.close()


def test_what_a_piece_of_a_group_is_refused_spoils_no_other(postgres_store: PostgresStore) -> None:
    """A change whose answer nobody waits for is refused by the server; the group runs again, piece by piece."""
    gate = threading.Event()
    postgres_store.write(insert_job(1))
    holder = postgres_store.submit(lambda t: gate.wait(60))
    before = postgres_store.submit(append_event("before"))
    too_long = replace(sample_job(1), group_name=secrets.token_hex(20_000))  # more than an index may hold
    refused = postgres_store.submit(lambda t: t.replace(JOBS, sample_job(1), too_long))
    after = postgres_store.submit(append_event("after"))
    gate.set()
    holder.result(60)
    assert (before.result(60), after.result(60)) == (1, 2)
    with pytest.raises(StoreError, match="cannot be stored"):
        refused.result(60)
    with pytest.raises(StoreError, match="cannot be stored"):
        postgres_store.write(lambda t: t.replace(JOBS, sample_job(1), too_long))
    assert kinds(postgres_store) == ["before", "after"]
    assert postgres_store.read(lambda r: r.get(JOBS, sample_job(1).id)) == sample_job(1)


def test_a_line_that_is_lost_before_the_work_is_made_anew(line: Line, far_store: PostgresStore) -> None:
    far_store.write(insert_job(1))
    assert far_store.read(lambda r: r.count(JOBS_BY_KEY)) == 1
    line.cut()
    assert far_store.write(insert_job(2)) is True
    assert far_store.read(lambda r: r.count(JOBS_BY_KEY)) == 2


def test_a_line_that_is_lost_inside_the_work_is_told(line: Line, far_store: PostgresStore) -> None:
    def work(transaction: Transaction) -> bool:
        line.cut()
        return transaction.insert(JOBS, sample_job())

    with pytest.raises(StoreUnavailable):
        far_store.write(work)
    assert far_store.write(insert_job(1)) is True


def test_sessions_that_the_server_ends_are_made_anew(postgres_store: PostgresStore, url: str) -> None:
    heard: list[int] = []
    postgres_store.on_change(lambda: heard.append(1))
    for number in range(3):
        assert postgres_store.write(insert_job(number)) is True
        postgres_store.read(lambda r: r.count(JOBS_BY_KEY))
        assert end_sessions(url) > 1
    wait_until(lambda: len(heard) >= 3)
    heard.clear()
    other = PostgresStore.open(url)
    wait_until(lambda: (other.write(append_event("of another")), heard)[1])
    other.close()


def test_others_commits_are_heard_of(postgres_store: PostgresStore, url: str) -> None:
    heard: list[int] = []
    postgres_store.on_change(lambda: heard.append(1))
    other = PostgresStore.open(url)
    wait_until(lambda: (other.write(append_event("of another")), heard)[1])
    other.close()


def test_without_notices_they_are_still_found(
    postgres_store: PostgresStore, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(psycopg.Connection, "notifies", lambda *_, **__: iter(()))
    heard: list[int] = []
    postgres_store.on_change(lambda: heard.append(1))
    other = PostgresStore.open(url)
    wait_until(lambda: (other.write(append_event("of another")), heard)[1])
    other.close()


def test_a_schema_that_is_dropped_is_told(postgres_store: PostgresStore, connection: Connection) -> None:
    connection.execute(SQL("DROP SCHEMA {} CASCADE").format(Identifier(postgres_store._address.schema)))
    with pytest.raises(StoreUnavailable, match="gone"):
        postgres_store.write(insert_job(1))
    with pytest.raises(StoreUnavailable, match="gone"):
        postgres_store.read(lambda r: r.count(JOBS_BY_KEY))


def test_a_schema_that_is_replaced_is_not_ours(postgres_store: PostgresStore, connection: Connection) -> None:
    connection.execute("UPDATE store SET id = gen_random_uuid()")
    assert postgres_store.files_are_ours() is False
    with pytest.raises(StoreUnavailable, match="another store"):
        postgres_store.check(thorough=False)


def test_text_with_a_nul_is_refused_and_spoils_nothing(postgres_store: PostgresStore) -> None:
    with pytest.raises(StoreError, match="cannot be stored"):
        postgres_store.write(lambda t: t.insert(JOBS, sample_job(name="a\0b")))
    assert postgres_store.write(insert_job(1)) is True


@pytest.mark.parametrize("strict", [False, True])
def test_a_pool_that_lends_sessions_by_transaction_is_refused(url: str, strict: bool) -> None:
    with (
        running(Pool(server_url(), strict=strict)) as pool,
        pytest.raises(StoreUnavailable, match="transaction pooling") as caught,
    ):
        PostgresStore.open(pool.url(url))
    assert "session mode" in caught.value.hint


def test_the_fate_of_a_transaction(address: Address, postgres_store: PostgresStore) -> None:
    connection = connect(address)

    def begin() -> Gate:
        connection.execute("BEGIN")
        row = connection.execute("SELECT commits, last_event, pg_current_xact_id()::text FROM store").fetchone()
        assert row is not None
        return Gate(row[0], row[1], row[2], connection.info.backend_pid)

    gate = begin()
    connection.execute("UPDATE store SET commits = commits + 1")
    connection.execute("COMMIT")
    assert was_committed(address, gate) is True
    gate = begin()
    connection.execute("ROLLBACK")
    assert was_committed(address, gate) is False
    gate = begin()  # its session waits for ever, and is ended
    assert was_committed(address, gate) is False
    connection.close()


def test_a_fate_that_nobody_can_tell(address: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lost_answer, "_TRIES", 2)
    monkeypatch.setattr(lost_answer, "_PAUSE_S", 0.0)
    with pytest.raises(StoreUnavailable, match="cannot say"):
        was_committed(address, Gate(0, 0, "3", 0))


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (psycopg.errors.DiskFull("no space"), StoreFull, "space"),
        (psycopg.errors.LockNotAvailable("lock"), StoreUnavailable, "busy"),
        (psycopg.errors.QueryCanceled("too long"), StoreUnavailable, "busy"),
        (psycopg.errors.InsufficientPrivilege("no"), StoreUnavailable, "refuses"),
        (psycopg.errors.ReadOnlySqlTransaction("standby"), StoreUnavailable, "no writes"),
        (psycopg.errors.FeatureNotSupported("recovery"), StoreUnavailable, "no writes"),
        (psycopg.errors.AdminShutdown("bye"), StoreUnavailable, "failed"),
        (psycopg.errors.UniqueViolation("twice"), StoreError, "fit"),
    ],
)
def test_what_the_server_says(error: psycopg.Error, kind: type[StoreError], said: str) -> None:
    meant = store_error(error)
    assert type(meant) is kind
    assert said in meant.message


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("session is read-only", "primary"),
        ("remaining connection slots are reserved for roles with the SUPERUSER attribute", "max_connections"),
        ("sorry, too many clients already", "max_connections"),
        ('password authentication failed for user "me"', "PGPASSWORD"),
        ("Connection refused", "reached from here"),
    ],
)
def test_what_a_person_can_do_about_a_server_that_cannot_be_reached(said: str, hint: str, address: Address) -> None:
    assert hint in connecting_error(psycopg.OperationalError(said), address).hint


def test_a_listener_is_not_told_of_our_own_commits_twice(postgres_store: PostgresStore) -> None:
    heard: list[int] = []
    postgres_store.on_change(lambda: heard.append(1))
    done: list[Any] = [postgres_store.write(append_event(str(number))) for number in range(20)]
    wait_until(lambda: len(heard) >= len(done))
    postgres_store.close()
    assert len(heard) == len(done)


def test_closing_waits_for_no_server_that_does_not_answer(
    postgres_store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: the thread that watches was waited for, so a screen could not be left while its server hung."""
    asked, answer = threading.Event(), threading.Event()

    def hangs(connection: Connection) -> int:
        asked.set()
        answer.wait()
        return 0

    monkeypatch.setattr(watcher, "_newest", hangs)
    monkeypatch.setattr(watcher, "PATIENCE_S", 0.0)
    postgres_store.on_change(lambda: None)
    wait_until(asked.is_set, what="the server to be asked")
    closing = threading.Thread(target=postgres_store.close)
    closing.start()
    closing.join(10)
    hung = closing.is_alive()
    answer.set()
    closing.join()
    assert not hung
