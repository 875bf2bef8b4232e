"""What the campaigns share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.campaign_home import CampaignHome


@pytest.fixture
def home(tmp_path: Path) -> Iterator[CampaignHome]:
    """A home of its own, ended with everything that it started."""
    real = CampaignHome(tmp_path)
    real.write_jobs()
    yield real
    real.end()
