"""One occurrence: tasks on the time axis, reasons, the log's end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from jobistemer_tui.domain.states import OccurrenceState, Reason, TaskRunState
from jobistemer_tui.tui.screens.attempt_log_screen import AttemptLogScreen
from jobistemer_tui.tui.screens.occurrence_screen import OccurrenceScreen
from tests.support.sample_jobs import Sample, ago, sample_id
from tests.support.sample_logs import DUMP_LOG, write_log
from tests.support.screen import running


async def test_failed_run(logs: Path) -> None:
    async with running(logs=logs) as run:
        await run.press("j", "j", "enter", "enter")
        text = run.text
        assert "✗ FAILED  scheduled today 05:59:56  started +0.4s  ran 30m11s  trigger schedule" in text
        assert "Tasks 5: ✓3 ✗1 ↷1   tries 6   a task failed" in text
        assert "(a task it needs did not succeed)" in text
        assert run.selected == str(sample_id(f"{sample_id('backup-offsite/last')}/upload"))
        assert "upload · try 3 of 3 · exit 23 · 6m31s · pid 48113" in text
        assert "06:30:07 ┃ ERROR upload failed, giving up" in text
        assert "06:29:37 │ photos/2026/10/IMG_2201.CR3" in text


async def test_live_run_moves_with_the_clock(logs: Path) -> None:
    async with running(logs=logs, size=(120, 40)) as run:
        await run.press("enter", "enter")
        assert "running 4m11s" in run.text
        assert "waits for dump, probe" in run.text
        assert "┆" in run.text
        run.operations.time += timedelta(seconds=60)
        await run.until_shown("running 5m11s")


async def test_siblings_in_time(logs: Path) -> None:
    async with running(logs=logs) as run:
        await run.press("j", "j", "enter", "enter", "right_square_bracket")
        await run.until_told("no newer occurrence")
        await run.press("left_square_bracket")
        assert "✓ COMPLETED" in run.text
        await run.press("right_square_bracket")
        assert "✗ FAILED" in run.text


async def test_cancel_and_copy(logs: Path) -> None:
    async with running(logs=logs) as run:
        await run.press("enter", "enter", "y")
        assert f"copied occurrence {sample_id('backup-db/last')}" in run.told
        await run.press("c")
        await run.until_shown("It has been running for 4m11s.")
        await run.press("y")
        await run.until_called("cancel", sample_id("backup-db/last"))
        await run.until_shown("BEING CANCELLED")


async def test_enter_opens_the_newest_try(logs: Path) -> None:
    async with running(logs=logs) as run:
        await run.press("j", "j", "enter", "enter", "enter")
        assert isinstance(run.screen, AttemptLogScreen)
        key = sample_id("backup-offsite/last")
        assert run.screen.attempt_id == sample_id(f"{key}/upload/3")
        await run.press("escape")
        assert isinstance(run.screen, OccurrenceScreen)


async def test_a_task_that_did_not_run_says_why_instead_of_opening(logs: Path) -> None:
    async with running(logs=logs) as run:
        await run.press("j", "j", "enter", "enter", "j")
        assert "Not run: a task it needs did not succeed." in run.text
        await run.press("enter")
        assert isinstance(run.screen, OccurrenceScreen)
        await run.until_told("notify-ok has not run: a task it needs did not succeed")


async def test_no_output_is_said() -> None:
    async with running() as run:
        await run.press("j", "j", "enter", "enter", "g")
        assert " No output." in run.text


async def test_an_occurrence_that_did_not_run_gives_its_reason() -> None:
    async with running() as run:
        await run.press("enter", "j", "j", "enter")
        assert "↷ SKIPPED" in run.text
        assert "an earlier run was still going" in run.text


async def test_changes_of_tasks_appear_and_the_cursor_stays() -> None:
    sample = Sample()
    async with running(sample) as run:
        await run.press("enter", "enter", "G")
        key = sample_id("backup-db/last")
        detail = sample.occurrences[key]
        tasks = (*detail.tasks[:-1], replace(detail.tasks[-1], status=TaskRunState.CANCELED, reason=Reason.USER))
        row = replace(detail.row, status=OccurrenceState.CANCELING)
        sample.occurrences[key] = replace(detail, row=row, tasks=tasks)
        run.operations.commit()
        await run.until_shown("someone cancelled it")
        assert run.selected == str(detail.tasks[-1].id)


async def test_a_growing_log_is_followed_without_a_change_of_the_store(logs: Path) -> None:
    async with running(logs=logs) as run:
        await run.press("enter", "enter")
        assert "reading user-defined tables" in run.text
        attempt = sample_id(f"{sample_id('backup-db/last')}/dump/1")
        write_log(logs / str(attempt), ago(seconds=250), [*DUMP_LOG, (249.0, 1, b"table public.items\n")])
        await run.until_shown("14:32:06 │ table public.items")
