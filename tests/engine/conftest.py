"""A home with real engines, and a world for transactions, for the tests of this folder."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support.engine_home import MARKER, EngineHome
from tests.support.engine_world import World
from tests.support.store_backends import MEMORY, Backend, Place


@pytest.fixture
async def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[EngineHome]:
    """A home of its own for a test; no process may be left behind."""
    made = EngineHome(tmp_path)
    monkeypatch.setenv(MARKER, made.marker)
    yield made
    await made.leave()


@pytest.fixture
def backend() -> Backend:
    """The kind of store below `world`; what is tried over others has a fixture of this name of its own."""
    return MEMORY


@pytest.fixture
def world(backend: Backend, tmp_path: Path) -> Iterator[World]:
    """A world over a fresh store."""
    place = Place(backend, tmp_path, alone=True)
    yield World(place.fresh())
    place.close()
