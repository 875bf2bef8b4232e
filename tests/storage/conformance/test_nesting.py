"""Work has its transaction and must not ask the store for another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from jobistemer_tui.storage.contract import Store
from jobistemer_tui.storage.tables import JOBS
from tests.support.sample_records import sample_job

Ask = Callable[[Store], Any]

ASKS: dict[str, Ask] = {
    "submit": lambda store: store.submit(lambda t: None),
    "write": lambda store: store.write(lambda t: None),
    "read": lambda store: store.read(lambda r: None),
}


@pytest.fixture(params=ASKS)
def ask(request: pytest.FixtureRequest) -> Ask:
    """Each way to ask a store."""
    return ASKS[request.param]


def test_inside_a_write(store: Store, ask: Ask) -> None:
    with pytest.raises(RuntimeError):
        store.write(lambda t: (t.insert(JOBS, sample_job()), ask(store)))
    assert store.read(lambda r: r.get(JOBS, sample_job().id)) is None


def test_inside_a_read(store: Store, ask: Ask) -> None:
    with pytest.raises(RuntimeError):
        store.read(lambda r: ask(store))


def test_afterwards_it_is_allowed_again(store: Store, ask: Ask) -> None:
    with pytest.raises(RuntimeError):
        store.read(lambda r: ask(store))
    ask(store)


def test_a_callback_of_a_future_may_submit(store: Store) -> None:
    """It runs after the commit, perhaps on the thread that commits."""
    store.submit(lambda t: None).add_done_callback(lambda _: store.submit(lambda t: t.insert(JOBS, sample_job())))
    store.close()
