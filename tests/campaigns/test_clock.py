"""`--campaign clock`: the wall clock of a live engine jumps to and fro; nothing runs twice and nothing is lost.

libfaketime, from the package index, sets the wall clock of the engine and of all that it starts; the monotonic and the
boot clock go on as they are.
"""

from __future__ import annotations

from pathlib import Path

import libfaketime  # type: ignore[import-untyped]  # it has no stubs
import psutil
import pytest

from jobistemer_tui.domain.clock import SystemClock
from tests.support.campaign_home import CampaignHome
from tests.support.wait_until import let_pass, wait_until

LIBRARY = Path(libfaketime.__file__).parent / "vendor/libfaketime/src/libfaketime.so.1"
HOUR, YEAR = 3600, 365 * 86400
JUMPS = (1, -1, 90, -90, HOUR, -HOUR, 3 * HOUR + 60, -3 * HOUR - 60, YEAR)
PATIENCE_S = 1200.0
"""A cursor that is less than two minutes ahead is waited for, and a long gap for a minute of steady clock.

The instants of a job that is due each second are counted in some minutes for a year.
"""
MORE_MEMORY = 50 * 1024 * 1024


def test_a_second_to_and_fro(home: CampaignHome) -> None:
    jump(home, [1, -1], stay_s=1.0)


@pytest.mark.campaign("clock")
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("seconds", JUMPS)
def test_campaign_and_back(home: CampaignHome, seconds: int) -> None:
    """Three times; once where each way takes a minute or two until the clock is believed."""
    jump(home, [seconds] * (1 if abs(seconds) >= HOUR else 3), stay_s=4.0)


@pytest.mark.campaign("clock")
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("seconds", [HOUR + 60, YEAR])
def test_campaign_long_enough_to_be_believed(home: CampaignHome, seconds: int) -> None:
    """After a minute of steady clock the gap counts; back again, what it decided is taken back."""
    jump(home, [seconds], stay_s=75.0)


@pytest.mark.campaign("clock")
@pytest.mark.timeout(300)
def test_campaign_strobe(home: CampaignHome) -> None:
    """Ten times a second, for ten seconds."""
    jump(home, [30, -30] * 50, stay_s=0.1, work=False)


def jump(home: CampaignHome, offsets: list[int], *, stay_s: float, work: bool = True) -> None:
    """Set the clock of the running engine by each of these offsets and back."""
    assert LIBRARY.exists(), f"{LIBRARY} is missing: this campaign needs the libfaketime of the test extra"
    clock = home.folder / "clock"
    set_clock(clock, 0)
    engine = home.start_engine(environ=faked(clock))
    home.wait_for_work()
    memory = psutil.Process(engine.pid).memory_info().rss
    for offset in offsets:
        set_clock(clock, offset)
        let_pass(stay_s)
        if work:
            home.wait_for_work(seconds=PATIENCE_S)
        set_clock(clock, 0)
        let_pass(stay_s)
    assert engine.poll() is None, home.engine_log()
    home.wait_until_abreast(seconds=PATIENCE_S)
    home.wait_for_work(seconds=PATIENCE_S)
    wait_until(lambda: is_calm(engine.pid), what="the engine to be calm again")
    assert psutil.Process(engine.pid).memory_info().rss < memory + MORE_MEMORY
    assert home.finish() == []


def faked(clock: Path) -> dict[str, str]:
    """The environment of a process whose wall clock this file sets."""
    return {
        "LD_PRELOAD": str(LIBRARY), "FAKETIME_TIMESTAMP_FILE": str(clock), "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_RESET": "1",
    }  # fmt: skip


def set_clock(clock: Path, offset: int) -> None:
    """So many seconds before or behind the true time, all at once."""
    beside = clock.with_suffix(".new")
    beside.write_text(f"{offset:+d}\n")
    beside.rename(clock)


def is_calm(pid: int) -> bool:
    """Whether a process takes less than a fifth of a core; looks for a second."""
    process, clock = psutil.Process(pid), SystemClock()
    before, began = sum(process.cpu_times()[:2]), clock.read().monotonic
    let_pass(1.0)
    return (sum(process.cpu_times()[:2]) - before) / (clock.read().monotonic - began) < 0.2
