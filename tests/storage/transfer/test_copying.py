"""Everything of one store into another: repeatable, merged by ids, nothing overwritten, nothing half."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jobistemer_tui.domain.records import Occurrence
from jobistemer_tui.domain.states import OccurrenceState
from jobistemer_tui.errors import Refused, StoreUnavailable
from jobistemer_tui.storage.contract import Store, Transaction
from jobistemer_tui.storage.open import open_store
from jobistemer_tui.storage.tables import (
    ATTEMPTS,
    ATTEMPTS_BY_ID,
    EVENTS_BY_SEQUENCE,
    JOB_FILES,
    JOB_STATES,
    JOB_VERSIONS,
    JOBS,
    NODES,
    OCCURRENCES,
    OCCURRENCES_BY_ID,
    TABLES,
    TASK_RUNS,
    Table,
)
from jobistemer_tui.storage.transfer import copying, rows
from jobistemer_tui.storage.transfer.comparing import compare_stores
from jobistemer_tui.storage.transfer.copying import Copied, copy_store
from tests.storage.migrations.make_old import ROWS
from tests.support.sample_records import (
    NOW,
    instant,
    sample_attempt,
    sample_event,
    sample_job,
    sample_node,
    sample_occurrence,
    sample_task_run,
)

DONE = OccurrenceState.COMPLETED


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Store]:
    """A store to copy from."""
    (tmp_path / "source").mkdir()
    store = open_store(f"sqlite:{tmp_path / 'source' / 'store.db'}")
    yield store
    store.close()


def put(store: Store, *placed: tuple[Table[Any], Any]) -> None:
    def work(transaction: Transaction) -> None:
        for table, row in placed:
            assert transaction.insert(table, row)

    store.write(work)


def run(number: int, **values: Any) -> list[tuple[Table[Any], Any]]:
    """A run that has ended, with its task and try."""
    row = sample_occurrence(number, **{"state": DONE, "handled_at": NOW, **values})
    task = sample_task_run(row)
    return [(OCCURRENCES, row), (TASK_RUNS, task), (ATTEMPTS, sample_attempt(task))]


def copy(source: Store, target: Store, *, served: bool = False, update: bool = False) -> Copied:
    return copy_store(source, target, served=served, update=update, progress=lambda rows: None)


def test_a_row_of_each_table_and_the_same_again(source: Store, store: Store) -> None:
    put(source, *ROWS)
    copied = copy(source, store)
    assert copied.made == {table.name: 1 for table in TABLES}
    assert copied.is_whole
    assert compare_stores(source, store).equal
    again = copy(source, store)
    assert again.made.total() == 0
    assert again.there == copied.made
    assert again.attempts == [ROWS[4][1].id]
    back = copy(store, source)
    assert back.made.total() == 0


def test_many_runs_and_events_go_page_by_page_with_their_numbers(
    source: Store, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "PAGE", 7)
    monkeypatch.setattr(copying, "BATCH", 3)
    put(source, (JOBS, sample_job()), *(placed for number in range(20) for placed in run(number)))
    source.write(lambda t: [t.append(sample_event(f"event {number % 5}")) for number in range(40)])
    seen: list[int] = []
    copied = copy_store(source, store, served=False, update=False, progress=seen.append)
    assert copied.made["occurrence"] == 20
    assert max(seen) == 61
    assert compare_stores(source, store).equal
    numbers = [(event.sequence, event.kind) for event in store.read(lambda r: r.scan(EVENTS_BY_SEQUENCE))]
    assert numbers == [(number + 1, f"event {number % 5}") for number in range(40)]


def test_anothers_history_is_merged_with_the_same_ids_and_nothing_lost(source: Store, store: Store) -> None:
    put(source, (JOBS, sample_job(1)), *run(1), *run(2))
    source.write(lambda t: [t.append(sample_event(kind)) for kind in ("same", "there", "there")])
    put(store, (JOBS, sample_job(1)), (JOBS, sample_job(2)), *run(2), *run(3))
    store.write(lambda t: [t.append(sample_event(kind)) for kind in ("here", "same")])
    copied = copy(source, store)
    assert copied.is_whole
    assert (copied.made["occurrence"], copied.there["occurrence"]) == (1, 1)
    compared = compare_stores(source, store)
    assert compared.contained
    assert not compared.equal
    assert [row.id for row in store.read(lambda r: r.scan(OCCURRENCES_BY_ID))] == sorted(
        sample_occurrence(number).id for number in (1, 2, 3)
    )
    kinds = [event.kind for event in store.read(lambda r: r.scan(EVENTS_BY_SEQUENCE))]
    assert kinds == ["here", "same", "there", "there"]
    assert copy(source, store).made.total() == 0


def test_what_is_there_otherwise_is_reported_and_left_with_all_that_is_below_it(source: Store, store: Store) -> None:
    theirs = run(1, owner=sample_node(1).id)
    second = sample_attempt(theirs[1][1], number=2)
    put(
        source,
        (JOBS, sample_job(cursor_at=instant(9))),
        *theirs,
        (ATTEMPTS, second),
        *run(2, state=OccurrenceState.PLANNED),
    )
    put(store, (JOBS, sample_job()), *run(1))
    copied = copy(source, store)
    assert {(one.table, one.key) for one in copied.conflicts} == {
        ("job", (sample_job().id,)),
        ("occurrence", (sample_occurrence(1).id,)),
    }
    assert not copied.is_whole
    assert store.read(lambda r: r.get(JOBS, sample_job().id)) == sample_job()
    assert store.read(lambda r: r.count(ATTEMPTS_BY_ID)) == 1
    assert store.read(lambda r: r.count(OCCURRENCES_BY_ID)) == 1, "the target plans its own job itself"
    compared = compare_stores(source, store)
    assert not compared.contained
    assert (compared.differing["occurrence"], compared.only_here["occurrence"]) == (1, 1)
    assert ("occurrence", (sample_occurrence(1).id,)) in compared.named


def test_what_does_not_fit_is_reported_and_the_rest_comes_along(source: Store, store: Store) -> None:
    """Another job has the key: no ids that we make do that, but a store may hold anything."""
    put(source, (JOBS, sample_job(1)), (JOBS, sample_job(2, key="taken")), (NODES, sample_node()))
    put(store, (JOBS, sample_job(3, key="taken")))
    copied = copy(source, store)
    (conflict,) = copied.conflicts
    assert (conflict.table, conflict.key) == ("job", (sample_job(2).id,))
    assert (copied.made["job"], copied.made["node"]) == (1, 1)


@pytest.mark.parametrize(
    ("state", "served", "comes"),
    [
        (OccurrenceState.RUNNING, False, False),
        (OccurrenceState.CANCELING, False, False),
        (OccurrenceState.QUEUED, True, False),
        (OccurrenceState.PLANNED, True, False),
        (OccurrenceState.QUEUED, False, True),
        (OccurrenceState.PLANNED, False, True),
        (OccurrenceState.FAILED, True, True),
    ],
)
def test_what_moves_stays_behind(source: Store, state: OccurrenceState, served: bool, comes: bool) -> None:
    target = open_store("memory:")
    put(source, (JOBS, sample_job()), *run(1, state=state))
    copied = copy(source, target, served=served)
    assert target.read(lambda r: r.count(ATTEMPTS_BY_ID)) == target.read(lambda r: r.count(OCCURRENCES_BY_ID)) == comes
    assert copied.moving == (not comes)
    assert copied.is_whole is comes


def test_messages_that_wait_stay_behind_while_an_engine_serves(source: Store) -> None:
    target = open_store("memory:")
    put(source, *ROWS)
    copied = copy(source, target, served=True)
    assert {name for name in (table.name for table in TABLES) if not copied.made[name]} == {
        "notification", "handover", "job_gap", "occurrence", "task_run", "attempt", "log_chunk",
    }  # fmt: skip
    assert copied.moving == 4


def test_a_copy_goes_on_where_the_source_has_moved_on(source: Store) -> None:
    target = open_store("memory:")
    put(source, (JOBS, sample_job()), (NODES, sample_node()), *run(1, state=OccurrenceState.QUEUED))
    copy(source, target)
    moved = replace(sample_occurrence(1), state=DONE, handled_at=NOW, finished_at=instant(5))

    def end(transaction: Transaction) -> None:
        there = transaction.get(OCCURRENCES, moved.id)
        assert there is not None
        assert transaction.replace(OCCURRENCES, there, moved)
        assert transaction.replace(JOBS, sample_job(), sample_job(rev=7))

    source.write(end)
    assert copy(source, target).differing == 2
    copied = copy(source, target, update=True)
    assert copied.updated == {"job": 1, "occurrence": 1}
    assert compare_stores(source, target).equal


def test_a_store_that_was_served_is_never_brought_to_anothers_state(source: Store) -> None:
    target = open_store("memory:")
    put(target, (NODES, sample_node(5)))
    with pytest.raises(Refused, match="has worked"):
        copy(source, target, update=True)


def test_a_store_is_not_copied_to_itself(source: Store) -> None:
    with pytest.raises(Refused, match="same store"):
        copy(source, source)


def test_a_target_that_fails_is_said(source: Store) -> None:
    target = open_store("memory:")
    put(source, (JOBS, sample_job()))
    target.close()
    with pytest.raises(StoreUnavailable):
        copy(source, target)


def test_a_copy_that_is_cut_short_is_completed_and_has_no_half_runs(
    source: Store, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Cut(Exception):
        """As if the process had been killed between two transactions."""

    def stop(rows: int) -> None:
        if rows > 30:
            raise Cut

    monkeypatch.setattr(copying, "BATCH", 4)
    put(source, (JOBS, sample_job()), *(placed for number in range(20) for placed in run(number)))
    with pytest.raises(Cut):
        copy_store(source, store, served=False, update=False, progress=stop)
    there = store.read(lambda r: r.scan(OCCURRENCES_BY_ID))
    assert 0 < len(there) < 20
    assert store.read(lambda r: r.count(ATTEMPTS_BY_ID)) == len(there)
    assert copy(source, store).is_whole
    assert compare_stores(source, store).equal


def test_what_may_differ_between_rows_that_mean_the_same(source: Store) -> None:
    target = open_store("memory:")
    put(source, *ROWS)
    copy(source, target)

    def rewrite(transaction: Transaction) -> None:
        version, file = ROWS[1][1], next(row for table, row in ROWS if table is JOB_FILES)
        assert transaction.replace(JOB_VERSIONS, version, replace(version, published_at=instant(1), source_line=9))
        assert transaction.replace(JOB_FILES, file, replace(file, settled="here", read_at=instant(2)))

    target.write(rewrite)
    assert compare_stores(source, target).equal
    state = next(row for table, row in ROWS if table is JOB_STATES)
    target.write(lambda t: t.replace(JOB_STATES, state, replace(state, value={"seen": 4})))
    assert compare_stores(source, target).differing == {"job_state": 1}


def test_a_job_file_is_to_be_read_again_by_the_engine_of_the_target(source: Store) -> None:
    target = open_store("memory:")
    file = replace(next(row for table, row in ROWS if table is JOB_FILES), settled="all done")
    put(source, (JOB_FILES, file))
    copy(source, target)
    there = target.read(lambda r: r.get(JOB_FILES, file.path))
    assert there is not None
    assert there.settled is None


def test_occurrences_are_compared_whole() -> None:
    one: Occurrence = sample_occurrence()
    assert rows.same(OCCURRENCES, one, one)
    assert not rows.same(OCCURRENCES, one, replace(one, pinned=True))
