"""Insert makes a row once, whoever tries how often."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from jobistemer_tui.domain.records import FileState, JobFile
from jobistemer_tui.storage.contract import Store
from jobistemer_tui.storage.tables import JOB_FILES, JOB_VERSIONS, JOBS, JOBS_BY_KEY, OCCURRENCES
from tests.support.sample_records import NOW, sample_job, sample_occurrence, sample_version


def test_the_first_insert_makes_the_row(store: Store) -> None:
    assert store.write(lambda t: t.insert(JOBS, sample_job())) is True
    assert store.read(lambda r: r.get(JOBS, sample_job().id)) == sample_job()


def test_a_taken_key_changes_nothing(store: Store) -> None:
    store.write(lambda t: t.insert(JOBS, sample_job()))
    assert store.write(lambda t: t.insert(JOBS, sample_job(name="other"))) is False
    assert store.read(lambda r: r.scan(JOBS_BY_KEY)) == [sample_job()]


def test_within_one_transaction_too(store: Store) -> None:
    assert store.write(lambda t: [t.insert(JOBS, sample_job()), t.insert(JOBS, sample_job())]) == [True, False]


def test_a_taken_key_comes_before_other_constraints(store: Store) -> None:
    """A request that is repeated has the same id and the same request id, and its job may be gone by then."""
    request = sample_occurrence(request_id=UUID(int=7))
    store.write(lambda t: [t.insert(JOBS, sample_job()), t.insert(OCCURRENCES, request)])
    assert store.write(lambda t: t.insert(OCCURRENCES, request)) is False
    orphan = replace(request, job_id=UUID(int=1))
    assert store.write(lambda t: t.insert(OCCURRENCES, orphan)) is False


def test_keys_of_several_columns(store: Store) -> None:
    store.write(lambda t: t.insert(JOBS, sample_job()))
    first, second = sample_version(1), sample_version(2)
    assert store.write(lambda t: [t.insert(JOB_VERSIONS, v) for v in (first, second, first)]) == [True, True, False]
    assert store.read(lambda r: r.get(JOB_VERSIONS, sample_job().id, 2)) == second


def test_keys_of_text(store: Store) -> None:
    file = JobFile("/jobs/ä b.toml", "/jobs", FileState.LOADED, "hash", NOW, ["a"], [{"line": 1}])
    assert store.write(lambda t: t.insert(JOB_FILES, file)) is True
    assert store.read(lambda r: r.get(JOB_FILES, file.path)) == file


def test_get_gives_none_for_a_key_that_is_not_there(store: Store) -> None:
    assert store.read(lambda r: r.get(JOBS, UUID(int=1))) is None


@pytest.mark.parametrize("key", [(), (1, 2, 3)])
def test_get_wants_a_whole_key(store: Store, key: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="key"):
        store.read(lambda r: r.get(JOB_VERSIONS, *key))


def test_delete_removes_the_row_once(store: Store) -> None:
    store.write(lambda t: t.insert(JOBS, sample_job()))
    assert store.write(lambda t: [t.delete(JOBS, sample_job().id) for _ in range(2)]) == [True, False]
    assert store.read(lambda r: r.get(JOBS, sample_job().id)) is None
    assert store.write(lambda t: t.insert(JOBS, sample_job())) is True
