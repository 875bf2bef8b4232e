"""How often the sweep looks at all jobs: as often as it sweeps, unless there are so many that it takes long."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.engine import sweep
from jobistemer_tui.engine.poke import poke
from jobistemer_tui.engine.store_calls import StoreCalls
from jobistemer_tui.storage.contract import Reader
from tests.engine.test_node import trigger
from tests.support.engine_home import EngineHome


@pytest.mark.parametrize(("takes", "apart"), [(0.0, 5.0), (1.0, 50.0)], ids=["quick", "slow"])
async def test_looking_at_all_jobs_takes_a_small_part_of_the_time(
    home: EngineHome, monkeypatch: pytest.MonkeyPatch, takes: float, apart: float
) -> None:
    """Regression: ten thousand jobs were read three times every five seconds, and nothing was started meanwhile."""
    looks: list[float] = []
    real = StoreCalls.read

    def read(self: StoreCalls, work: Callable[[Reader], Any]) -> Any:
        if work is sweep._jobs_and_planned:
            looks.append(home.clock.read().monotonic)
            home.clock.advance(takes)
        return real(self, work)

    monkeypatch.setattr(StoreCalls, "read", read)
    gate = home.folder / "gate"
    home.job("holder", f"until [ -e {gate} ]; do sleep 0.02; done", schedule=None)
    await home.start()
    trigger(home, "holder")
    poke(home.nodes)
    await home.until(lambda: home.rows("holder", O.RUNNING))
    await home.until(lambda: len(looks) >= 4, step=1.0)
    gate.touch()
    await home.until(lambda: home.rows("holder", O.COMPLETED))
    between = [later - earlier for earlier, later in pairwise(looks[1:4])]
    assert all(apart <= seconds < 2 * apart for seconds in between), between
