"""Stores for the tests: every test that asks for `store` or `place` runs over every backend."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jobistemer_tui.storage.contract import Store
from tests.support.store_backends import Backend, Place, every_backend

backend = every_backend


@pytest.fixture
def place(backend: Backend, tmp_path: Path) -> Iterator[Place]:
    """Where this test's store lives."""
    place = Place(backend, tmp_path)
    yield place
    place.close()


@pytest.fixture
def store(place: Place) -> Store:
    """An open, empty store."""
    return place.fresh()
