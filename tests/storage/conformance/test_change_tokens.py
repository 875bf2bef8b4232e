"""Change tokens and listeners."""

from __future__ import annotations

import logging

import pytest

from jobistemer_tui.storage.contract import Store
from jobistemer_tui.storage.tables import JOBS
from tests.support.racing_store import race
from tests.support.sample_records import sample_job
from tests.support.store_backends import Place
from tests.support.store_work import insert_job
from tests.support.wait_until import wait_until


def test_a_commit_changes_the_token(store: Store) -> None:
    tokens = [store.change_token()]
    for number in range(3):
        store.write(insert_job(number))
        tokens.append(store.change_token())
    assert len(set(tokens)) == 4


def test_without_a_commit_it_stays(store: Store) -> None:
    store.write(lambda t: t.insert(JOBS, sample_job()))
    token = store.change_token()
    store.read(lambda r: r.get(JOBS, sample_job().id))
    store.write(lambda t: t.insert(JOBS, sample_job()))
    with pytest.raises(ZeroDivisionError):
        store.write(lambda t: (t.insert(JOBS, sample_job(2)), 1 // 0))
    assert store.change_token() == token


def test_a_commit_of_another_process_changes_it(place: Place) -> None:
    store = place.fresh()
    token = store.change_token()
    if store.capabilities.processes:
        race("insert", place.url, processes=1, count=1)
        assert store.change_token() != token
    else:
        assert place.reopen().write(lambda t: t.insert(JOBS, sample_job())) is True
        assert store.change_token() == token


def test_listeners_hear_of_commits(store: Store) -> None:
    heard: list[int] = []
    stop = store.on_change(lambda: heard.append(1))
    store.write(lambda t: t.insert(JOBS, sample_job(1)))
    wait_until(lambda: heard)
    stop()
    stop()
    store.write(lambda t: t.insert(JOBS, sample_job(2)))
    store.close()
    assert heard == [1]


def test_a_listener_that_raises_spoils_nothing(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    heard: list[int] = []
    store.on_change(lambda: heard.append(1 // 0))
    store.on_change(lambda: heard.append(1))
    with caplog.at_level(logging.ERROR):
        assert store.write(lambda t: t.insert(JOBS, sample_job())) is True
        wait_until(lambda: heard)
    assert "listener" in caplog.text
    assert store.write(lambda t: t.insert(JOBS, sample_job(2))) is True


def test_work_that_fails_is_not_announced(store: Store) -> None:
    heard: list[int] = []
    store.on_change(lambda: heard.append(1))
    with pytest.raises(ZeroDivisionError):
        store.write(lambda t: 1 // 0)
    store.close()
    assert heard == []
