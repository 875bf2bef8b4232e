"""Schedules beyond cron lines in a whole engine: starts of the machine, exclusions, kinds of other packages."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine import host
from tests.support.engine_home import EngineHome
from tests.support.kinds import bring_kind


async def ran(home: EngineHome, name: str, times: int) -> None:
    await home.until(lambda: len(home.rows(name, O.COMPLETED)) == times, step=0.5)


async def test_reboot_runs_once_a_boot_whoever_restarts_the_engine(
    home: EngineHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.job("greet", schedule="@reboot")
    node = await home.start()
    await ran(home, "greet", 1)
    await home.stop(node)
    home.clock.advance(600)
    await home.stop(await home.start())
    home.clock.advance(600)
    node = await home.start()
    home.clock.advance(65)
    await home.quiet()
    assert len(home.rows("greet")) == 1
    await home.stop(node)
    monkeypatch.setattr(host, "boot_id", lambda: "the next boot")
    home.clock.advance(600)
    await home.start()
    await ran(home, "greet", 2)
    assert {row.state for row in home.rows("greet")} == {O.COMPLETED}


async def test_an_excluded_minute_is_skipped_by_a_whole_engine(home: EngineHome) -> None:
    home.write(
        "a.toml",
        "[jobs.a]\ntimezone = 'UTC'\nrun = 'true'\n"
        "schedule = { cron = '* * * * *', exclude = ['1,2 * * * *'], jitter = '2s' }\n",
    )
    await home.start()
    await ran(home, "a", 1)
    fates = [(row.scheduled_at.minute, row.state, row.reason) for row in home.rows("a")][:3]
    assert fates == [
        (1, O.SKIPPED, Reason.EXCLUDED),
        (2, O.SKIPPED, Reason.EXCLUDED),
        (3, O.COMPLETED, None),
    ]
    started = home.rows("a", O.COMPLETED)[0].started_at
    assert started is not None
    assert 0 <= (started - home.rows("a", O.COMPLETED)[0].scheduled_at).total_seconds() <= 2.5


BREAKS_WITH_ITS_CALENDAR = """
from datetime import timedelta
from pathlib import Path
from jobistemer_tui.schedules import Schedule

class Minutes(Schedule):
    def next_after(self, instant):
        if not Path(calendar).exists():
            raise OSError("the calendar is gone")
        return instant.replace(second=0, microsecond=0) + timedelta(minutes=1)
    def describe(self):
        return "every minute"

def make(value, **rest):
    global calendar
    calendar = value
    return Minutes()
"""


async def test_a_kind_that_breaks_later_stops_neither_the_engine_nor_the_other_jobs(
    home: EngineHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(site)
    bring_kind(site, "fragile", BREAKS_WITH_ITS_CALENDAR)
    calendar = tmp_path / "calendar"
    calendar.touch()
    home.write("bad.toml", f"[jobs.bad]\ntimezone = 'UTC'\nrun = 'true'\nschedule = {{ fragile = '{calendar}' }}\n")
    home.job("good")
    await home.start()
    calendar.unlink()
    await home.until(lambda: (job := home.the_job("bad")) is not None and job.error is not None, step=5.0)
    job = home.the_job("bad")
    assert job is not None
    assert job.error == 'the schedule "fragile" failed: OSError: the calendar is gone'
    done = len(home.rows("good", O.COMPLETED))
    await home.until(lambda: len(home.rows("good", O.COMPLETED)) > done, step=5.0)


async def test_a_kind_that_is_not_installed_refuses_its_file_and_no_other(home: EngineHome) -> None:
    home.write("bad.toml", "[jobs.bad]\nrun = 'true'\nschedule = { tides = 'high' }\n")
    home.job("good")
    await home.start()
    assert home.the_job("bad") is None
    assert home.the_job("good") is not None
    assert "file_refused" in home.kinds()
