"""Several engines over one store: each occurrence is claimed once and has its effect once, whoever comes first.

`--campaign race`: 2, 4 and 8 engines over `RACE_OCCURRENCES` (10,000), skip and queue mixed.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from jobistemer_tui.domain.clock import SystemClock
from tests.support.postgres_server import schema_url
from tests.support.race import Race, judge, racing

MANY = int(os.environ.get("RACE_OCCURRENCES", "10000"))


def run_race(folder: Path, *, engines: int, count: int, seconds: float) -> dict[str, int]:
    """Let engines race until all has ended; gives how many each began."""
    race, url = Race(folder, count), schema_url(folder)
    with racing(url, folder, engines) as store:
        race.ask_for_all(store)
        race.wait_for(store, count, seconds=seconds)
    return judge(url, folder, count)


@pytest.mark.timeout(600)
def test_two_engines(tmp_path: Path) -> None:
    shares = run_race(tmp_path, engines=2, count=500, seconds=540)
    assert len(shares) == 2, "one engine did everything"


@pytest.mark.campaign("race")
@pytest.mark.timeout(14_400)
@pytest.mark.parametrize("engines", [2, 4, 8])
def test_campaign_many_engines(tmp_path: Path, engines: int) -> None:
    began = SystemClock().read().monotonic
    shares = run_race(tmp_path, engines=engines, count=MANY, seconds=3000)
    took = SystemClock().read().monotonic - began
    sys.stderr.write(f"{engines} engines, {MANY} occurrences: {took:.0f} s, {sorted(shares.values())}\n")
    assert len(shares) == engines
