"""The views by number at every size, in one session that is resized; and what each says where it has nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from jobistemer_tui.tui.screens.files_screen import FilesScreen
from jobistemer_tui.tui.screens.job_screen import JobScreen
from jobistemer_tui.tui.screens.occurrence_screen import OccurrenceScreen
from tests.support.sample_jobs import Sample, sample_activity, sample_rows
from tests.support.screen import Running, running
from tests.support.screen_texts import SIZES, assert_at_every_size, assert_screen_text

VIEWS = {"runs": "2", "agenda": "3", "activity": "4"}


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
    sample = Sample(jobs={row.name: row for row in sample_rows()[1:3]}, occurrences={}, activity=[])
    async with running(sample) as run:
        for name, key in VIEWS.items():
            await run.press(key)
            await assert_at_every_size(f"{name}_none", run)


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
        await run.press("enter", "r", "enter")
        await run.until_called("trigger", "backup-db")
        for row in [row for row in run.operations.runs(limit=None) if row.finished_at is None]:
            del run.operations.sample.occurrences[row.id]
        run.operations.commit()
        await run.press("escape")
        await run.until_shown("Nothing is running. Last ended today 14:29:0")


async def test_activity_goes_to_its_target_and_takes_back(logs: Path) -> None:
    async with running(logs=logs) as run:
        pause = run.operations.sample.activity[5].act
        assert pause is not None
        run.operations.acts.append(pause)
        await run.press("4", "u")
        await run.until_told("“disk almost full” is nothing that can be taken back")
        await run.press("j", "enter")
        assert isinstance(run.screen, OccurrenceScreen)
        await run.press("escape", "j", "u")
        await run.until_called("undo", 6)
        await run.press("enter")
        assert isinstance(run.screen, JobScreen)
        await run.press("escape", "j", "enter")
        assert isinstance(run.screen, FilesScreen)
        await run.press("4", "greater_than_sign", "less_than_sign", "slash")
        await run.type("kind:run by:engine job:backup-o")
        assert run.feed_screen.table.keys == ["3"]
        await run.type("zzz")
        assert "No event among those looked at fits." in run.text


async def test_a_long_audit_is_turned_page_by_page() -> None:
    row = sample_activity()[0]
    sample = Sample(activity=[replace(row, sequence=number) for number in range(1, 1_201)])
    async with running(sample) as run:
        await run.press("4")
        pages = []
        for key in ("greater_than_sign", "greater_than_sign", "greater_than_sign", "less_than_sign"):
            pages.append((run.feed_screen.table.keys[0], len(run.feed_screen.table.keys)))
            await run.press(key)
        assert pages == [("1200", 500), ("700", 500), ("200", 200), ("200", 200)]
        assert run.feed_screen.table.keys[0] == "700"
        assert "there are no older events" in run.told
        await run.press("less_than_sign")
        sample.activity.append(replace(row, sequence=1_201))
        run.operations.commit()
        await run.press("g")
        assert run.feed_screen.table.keys[0] == "1201"


async def test_the_agenda_skips_turns_and_folds(logs: Path) -> None:
    async with running(logs=logs) as run:
        await run.press("3", "j", "enter")
        assert isinstance(run.screen, JobScreen)
        await run.press("escape", "S")
        await run.until_shown("Skip this run?")
        assert "backup-home, today 14:59:19" in run.text
        await run.press("y")
        await run.until_called("skip", "backup-home")
        assert "1 paused hidden" in run.text
        await run.press("full_stop")
        assert "‖ Today      15:00" in run.text
        await run.press("v")
        assert "Next 7 days" in run.text
        await run.press("v")
        assert "what begins from each time on" in run.text
        await run.press("greater_than_sign")
        assert "Nothing due in 24 h. First: monthly-report Tue 1 Dec 06:32:07" in run.text
        await run.press("less_than_sign", "less_than_sign")
        await run.until_told("what has been is in Runs (2) and Activity (4)")
        await run.press("slash")
        await run.type("tag:report")
        assert run.feed_screen.table.keys[0].startswith("report-sales@")
        await run.press("enter", "y", "exclamation_mark")
        assert "copied run to come report-sales@2026-11-24T17:00:00Z" in run.told
        assert "No row fits “tag:report”." in run.text
