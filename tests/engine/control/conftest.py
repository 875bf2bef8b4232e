"""Acts are tried over every backend."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.engine_world import World
from tests.support.store_backends import BACKENDS, Backend, Place


@pytest.fixture(params=BACKENDS, ids=lambda backend: backend.name)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A world over a fresh store."""
    backend: Backend = request.param
    place = Place(backend, tmp_path, alone=True)
    yield World(place.fresh())
    place.close()
