"""Marks, and what the acting keys do to one and to many: what they ask, what they call, and what they leave alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from jobistemer_tui.domain.params import Param
from jobistemer_tui.operations.read_models import JobDetail, JobRow
from jobistemer_tui.tui.screens.schedule_actions import acts_since
from tests.support.fake_operations import FakeOperations
from tests.support.sample_jobs import Sample, sample_id
from tests.support.screen import running
from tests.support.screen_texts import assert_at_every_size, assert_screen_text

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=["80x24", "120x40", "200x60"])


class WithParams(Sample):
    """Jobs with parameters: one that is to be chosen, one that is needed, one with a hostile description."""

    def job_detail(self, row: JobRow, instants: int) -> JobDetail:
        params = {
            "target": Param("nas", ("nas", "cloud", "usb"), "where the copy goes"),
            "ticket": Param(None, (), "why it is run by hand"),
            "level": Param("5", (), "[/x]\x1b[2J how hard to press"),
        }
        return replace(super().job_detail(row, instants), params=params)


def kinds(operations: FakeOperations) -> list[object]:
    return [call[0] for call in operations.calls]


async def test_marked_jobs_are_paused_together_and_esc_forgets_the_marks() -> None:
    async with running() as run:
        await run.press("space", "space")
        await run.until_shown("◆ 2 rows are marked")
        await run.press("p")
        await run.until_shown("Pause 2 jobs")
        await run.type("2h")
        await run.press("enter")
        await run.until_called_times(2)
        assert {call[1] for call in run.operations.calls} == {"backup-db", "backup-home"}
        await run.until_told("2 jobs paused until today 16:32:07; u takes it back")
        assert "marked" not in run.text
        await run.press("g", "space", "space", "p")
        await run.until_called_times(4)
        assert kinds(run.operations)[2:] == ["resume", "resume"], "all of them are paused, so the same key resumes"
        await run.until_told("2 jobs resumed; u takes it back")
        await run.press("u")
        await run.until_called_times(6)
        assert run.operations.calls[4:] == [("undo", 3), ("undo", 4)]
        await run.until_told("taken back: resume of 2 jobs")
        await run.press("space", "escape")
        assert "marked" not in run.text
        assert "▸ Jobs" in run.rows[0]


def test_only_what_was_done_since_then_is_taken_back_together() -> None:
    """A job that was as it should be already keeps the older act that made it so."""
    operations = FakeOperations()
    operations.pause("backup-db")
    operations.time += timedelta(minutes=1)
    since = operations.now()
    operations.pause("backup-home")
    acts = acts_since(operations, ["backup-db", "backup-home", "backup-offsite"], since)
    assert [act.job for act in acts] == ["backup-home"]


async def test_a_mark_stays_with_its_row_and_what_is_filtered_away_is_not_acted_on() -> None:
    async with running() as run:
        await run.press("space", "space", "slash")
        await run.type("backup-h")
        await run.press("enter")
        await run.until_shown("◆ 1 row is marked")
        await run.press("X", "y")
        await run.until_called("stop", "backup-home")
        assert len(run.operations.calls) == 1


async def test_several_runs_are_cancelled_only_after_their_number_was_typed() -> None:
    async with running() as run:
        await run.press("2")
        await run.until_shown("Progress")
        await run.press("space", "space", "c")
        await run.until_shown("Cancel 2 runs?")
        await run.press("c", "y", "enter")
        await run.until_shown("type 2, or leave with esc")
        assert run.operations.calls == []
        await run.press("backspace", "backspace", "2", "enter")
        await run.until_called_times(2)
        assert kinds(run.operations) == ["cancel", "cancel"]


async def test_a_job_is_run_with_its_parameters_once_for_each_sheet() -> None:
    sample = Sample()
    operations = FakeOperations(WithParams(sample.jobs, sample.occurrences, sample.files))
    async with running(operations=operations) as run:
        await run.press("j", "r")
        await run.until_shown("Run backup-home now")
        await run.press("down", "enter")
        await run.until_shown("it needs a value")
        assert run.operations.calls == []
        await run.type("disk full")
        await run.press("enter", "enter")
        await run.until_called("trigger", "backup-home")
        assert run.operations.given == [({"target": "cloud", "ticket": "disk full"}, False, None)]
        assert len(run.operations.calls) == 1


async def test_a_run_is_repeated_in_part_after_a_question_and_with_a_reason() -> None:
    async with running() as run:
        await run.press("j", "j", "R")
        await run.until_shown("Run backup-offsite")
        for answer in ("enter", "escape", "R"):
            await run.press(answer)
            if answer != "R":
                await run.press("R")
        await run.press("escape")
        assert run.operations.calls == []
        await run.press("R", "t")
        await run.until_shown("From which task")
        await assert_at_every_size("dialog_from_task", run)
        await run.press("down", "tab")
        await run.type("disk swapped")
        await run.press("enter")
        await run.until_called("replay", sample_id("backup-offsite/last"), "disk swapped", False, "dump", False)
        await run.press("R", "f")
        await run.until_shown("linked to the old one")
        await assert_at_every_size("dialog_retry_why", run)
        await run.press("enter")
        await run.until_called_times(2)
        assert run.operations.calls[1][2:4] == ("asked for in the screen", True)
        said = len(run.said)
        await run.press("g", "j", "space", "space", "R", "a")
        await run.until_shown("Run 2 runs again")
        await run.press("enter")
        await run.until_told("2 of 2 runs: asked to run again")
        assert len(run.said) == said + 1, "one notice for all of them"


async def test_a_key_that_repeats_asks_once() -> None:
    async with running() as run:
        await run.pilot.press("r", "r", "r")
        await run.until_shown("Run backup-db now")
        await run.press("escape")
        await run.settle()
        assert "Run backup-db now" not in run.text
        assert run.operations.calls == []


async def test_a_window_that_only_reads_has_none_of_these_keys() -> None:
    async with running(read_only=True) as run:
        await run.press("space", "p", "r", "R", "S", "Z", "X", "P", "c", "u")
        assert run.operations.calls == []
        assert "r run now" not in run.rows[-1]


@SIZES
async def test_the_sheets_as_text(size: tuple[int, int]) -> None:
    suffix = f"{size[0]}x{size[1]}"
    sample = Sample()
    operations = FakeOperations(WithParams(sample.jobs, sample.occurrences, sample.files))
    async with running(operations=operations, size=size) as run:
        await run.press("j", "j", "r")
        await run.until_shown("Run backup-offsite now")
        assert_screen_text(f"dialog_run_{suffix}", run.rows)
        await run.press("escape", "R")
        await run.until_shown("again?")
        assert_screen_text(f"dialog_retry_{suffix}", run.rows)
        await run.press("escape", "2")
        await run.until_shown("Progress" if size[0] >= 70 else "Runs")
        await run.press("space", "space", "c")
        await run.until_shown("Cancel 2 runs?")
        assert_screen_text(f"dialog_cancel_many_{suffix}", run.rows)
