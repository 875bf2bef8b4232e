"""Fixtures for what only the LMDB backend promises."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jobistemer_tui.storage.lmdb import LmdbStore

Open = Callable[[], LmdbStore]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the store of this test is."""
    return tmp_path / "store.lmdb"


@pytest.fixture
def open_lmdb(path: Path) -> Iterator[Open]:
    """Opens the store, as often as wanted."""
    stores: list[LmdbStore] = []

    def open_it() -> LmdbStore:
        stores.append(LmdbStore.open(path))
        return stores[-1]

    yield open_it
    for store in stores:
        store.close()


@pytest.fixture
def lmdb_store(open_lmdb: Open) -> LmdbStore:
    """An open store."""
    return open_lmdb()
