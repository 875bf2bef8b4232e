"""What the stories share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.real_home import RealHome


@pytest.fixture
def home(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[RealHome]:
    """A home of its own, ended with everything that it started; a parameter is its kind of store."""
    real = RealHome(tmp_path, getattr(request, "param", "sqlite"))
    yield real
    real.end()
