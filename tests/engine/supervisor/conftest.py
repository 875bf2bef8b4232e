"""Each test gets a place of its own and must leave no process behind."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.engine.supervisor.harness import MARKER, Place


@pytest.fixture
async def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Place]:
    place = Place(tmp_path)
    monkeypatch.setenv(MARKER, place.marker)
    yield place
    await place.leave()
