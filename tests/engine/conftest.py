"""A home with real engines for the tests of this folder."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.engine_home import MARKER, EngineHome


@pytest.fixture
async def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[EngineHome]:
    """A home of its own for a test; no process may be left behind."""
    made = EngineHome(tmp_path)
    monkeypatch.setenv(MARKER, made.marker)
    yield made
    await made.leave()
