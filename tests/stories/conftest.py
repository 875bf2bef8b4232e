"""What the stories share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.real_home import RealHome


@pytest.fixture
def home(tmp_path: Path) -> Iterator[RealHome]:
    """A home of its own, ended with everything that it started."""
    real = RealHome(tmp_path)
    yield real
    real.end()
