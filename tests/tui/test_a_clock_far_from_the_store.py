"""On a machine whose clock is far from the store's, what a person does counts from the time by which it is dated."""

from __future__ import annotations

from datetime import timedelta

import pytest

from jobistemer_tui.tui.screens.schedule_actions import FRESH
from tests.support.sample_jobs import ahead
from tests.support.screen import Running, running


def set_store(run: Running, hours: float) -> None:
    run.operations.acts_at = run.operations.time + timedelta(hours=hours)


@pytest.mark.parametrize("hours", [-3, 3])
async def test_a_length_is_counted_from_then(hours: float) -> None:
    """Regression: by a clock that was behind a pause of two hours had ended when it began, and was refused."""
    async with running() as run:
        set_store(run, hours)
        await run.press("j", "p")
        await run.until_shown("Pause backup-home")
        await run.type("2h")
        await run.press("enter")
        await run.until_called("pause", "backup-home", None, ahead(hours=hours + 2))
        await run.press("Z")
        await run.until_shown("Put off the next run of backup-home")
        await run.type("1h")
        await run.press("enter")
        await run.until_called("snooze", "backup-home", ahead(hours=hours + 1), None)


async def test_what_was_done_together_is_taken_back_together() -> None:
    """Regression: by a clock that was ahead it seemed to have been done long before."""
    async with running() as run:
        set_store(run, -3)
        await run.press("space", "space", "p")
        await run.until_shown("Pause 2 jobs")
        await run.press("enter")
        await run.until_called_times(2)
        await run.until_told("2 jobs paused; u takes it back")
        await run.press("u")
        await run.until_called_times(4)
        await run.until_told("taken back: pause of 2 jobs")


async def test_an_old_act_is_asked_about() -> None:
    """Regression: by a clock that was behind it seemed to be still to come, and so not old."""
    async with running() as run:
        set_store(run, 3)
        await run.press("j", "S", "y")
        await run.until_called("skip", "backup-home")
        assert run.operations.acts_at is not None
        run.operations.acts_at += FRESH + timedelta(seconds=1)
        await run.press("u")
        await run.until_shown("Take this back?")
