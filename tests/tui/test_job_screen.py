"""One job: its history, its siblings, what the keys do."""

from __future__ import annotations

from jobistemer_tui.tui.screens.job_screen import JobScreen
from jobistemer_tui.tui.screens.occurrence_screen import OccurrenceScreen
from tests.support.sample_jobs import Sample, ago, occurrence, sample_id
from tests.support.screen import running
from tests.support.wait_until import wait_until_async


async def test_newest_first_with_reasons_in_words() -> None:
    async with running(size=(120, 40)) as run:
        await run.press("enter")
        table = [row for row in run.rows if " ago " in row and row[2:8].strip()]
        assert [row[2:8] for row in table] == ["► RUN ", "✓ OK  ", "↷ SKIP", "△ MISS", "⊘ CANC"]
        assert "an earlier run was still going" in table[2]
        assert "no engine was running" in table[3]
        assert "tomorrow 02:00:07" in run.text


async def test_cursor_begins_on_the_occurrence_that_runs() -> None:
    sample = Sample()
    newer = occurrence("backup-db", "newer", sample.occurrences[sample_id("backup-db/1")].row.status, ago(seconds=9), 1)
    sample.occurrences[newer.row.id] = newer
    async with running(sample) as run:
        await run.press("enter")
        assert run.selected == str(sample_id("backup-db/last"))
        await run.press("k")
        assert run.selected == str(newer.row.id)
        run.operations.commit()
        await run.settle()
        assert run.selected == str(newer.row.id)


async def test_into_an_occurrence_and_back_keeps_the_cursor() -> None:
    async with running() as run:
        await run.press("enter", "j", "j", "enter")
        assert isinstance(run.screen, OccurrenceScreen)
        await run.press("escape")
        assert isinstance(run.screen, JobScreen)
        assert run.selected == str(sample_id("backup-db/2"))


async def test_siblings_are_the_jobs_beside_it() -> None:
    async with running() as run:
        await run.press("enter", "right_square_bracket")
        assert "▸ backup-home" in run.rows[0]
        await run.press("left_square_bracket")
        assert "▸ backup-db" in run.rows[0]
        await run.press("left_square_bracket")
        await run.until_told("no further job")


async def test_actions_of_the_job() -> None:
    async with running() as run:
        await run.press("j", "enter", "r", "enter")
        await run.until_called("trigger", "backup-home")
        await run.press("p", "enter")
        await run.until_called("pause", "backup-home")
        await run.press("y")
        assert f"copied occurrence {sample_id('backup-home/last')}" in run.told
        await run.press("c")
        await run.until_told("nothing to cancel")


async def test_cancel_acts_on_the_occurrence_under_the_cursor() -> None:
    async with running() as run:
        await run.press("enter", "c")
        await run.until_shown("Cancel this run?")
        await run.press("y")
        await run.until_called("cancel", sample_id("backup-db/last"))


async def test_a_job_that_never_ran_says_when_it_will() -> None:
    async with running() as run:
        await run.press("j", "j", "j", "j", "j", "enter")
        assert "Never ran. Next: Tue 1 Dec 06:32:07 (in 6d16h)." in run.text
        assert "r runs it now, W says more." in run.text
        await run.press("y")
        assert "copied job monthly-report" in run.told


async def test_a_job_that_disappears_is_named() -> None:
    async with running() as run:
        await run.press("j", "enter")
        del run.operations.sample.jobs["backup-home"]
        run.operations.commit()
        await run.until_shown("✗ no job backup-home")
        await wait_until_async(lambda: run.app.feed.idle)
