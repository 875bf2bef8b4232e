"""The views by number at every size, in one session that is resized; and what each says where it has nothing."""

from __future__ import annotations

from pathlib import Path

from jobistemer_tui.tui.screens.occurrence_screen import OccurrenceScreen
from tests.support.sample_jobs import Sample, sample_rows
from tests.support.screen import Running, running
from tests.support.screen_texts import assert_screen_text

SIZES = ((80, 24), (120, 40), (200, 60))
VIEWS = {"runs": "2"}


async def resize(run: Running, width: int, height: int) -> None:
    await run.pilot.resize_terminal(width, height)
    await run.settle()


async def test_the_views_at_every_size(logs: Path) -> None:
    async with running(logs=logs) as run:
        for width, height in SIZES:
            await resize(run, width, height)
            for name, key in VIEWS.items():
                await run.press(key)
                assert_screen_text(f"{name}_{width}x{height}", run.rows)
        await resize(run, 40, 10)
        for name, key in VIEWS.items():
            await run.press(key)
            assert_screen_text(f"{name}_40x10", run.rows)


async def test_views_with_nothing_to_show() -> None:
    sample = Sample(jobs={row.name: row for row in sample_rows()[1:3]}, occurrences={})
    async with running(sample) as run:
        for name, key in VIEWS.items():
            await run.press(key)
            assert_screen_text(f"{name}_none_80x24", run.rows)


async def test_runs_are_opened_cancelled_copied_and_filtered(logs: Path) -> None:
    async with running(logs=logs) as run:
        await run.press("2", "enter")
        assert isinstance(run.screen, OccurrenceScreen)
        await run.press("escape", "c", "y")
        assert run.operations.calls[-1][0] == "cancel"
        await run.press("exclamation_mark")
        assert "4 of 23 runs · problems only" in run.text
        await run.press("escape", "slash")
        await run.type("status:miss by:sched job:backup-d")
        assert len(run.feed_screen.table.keys) == 1
        await run.press("enter", "r")
        await run.until_called("trigger", "backup-db")
        for row in [row for row in run.operations.runs(limit=None) if row.finished_at is None]:
            del run.operations.sample.occurrences[row.id]
        run.operations.commit()
        await run.press("escape")
        await run.until_shown("Nothing is running. Last ended today 14:29:0")
