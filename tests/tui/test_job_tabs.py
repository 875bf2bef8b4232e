"""The tabs of a job, why, and two runs side by side: what they show at three sizes, and what the keys do there."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobistemer_tui.operations.screen_settings import ScreenFiles
from jobistemer_tui.tui.dialogs.compare_dialog import CompareDialog
from jobistemer_tui.tui.dialogs.why_dialog import WhyDialog
from jobistemer_tui.tui.screens.attempt_log_screen import AttemptLogScreen
from jobistemer_tui.tui.screens.job_screen import JobScreen
from jobistemer_tui.tui.screens.job_tabs import Tab
from jobistemer_tui.tui.screens.occurrence_screen import OccurrenceScreen
from tests.support.sample_jobs import Sample, sample_id
from tests.support.screen import Running, running
from tests.support.screen_texts import assert_at_every_size, assert_screen_text

SIZES = [(80, 24), (120, 40), (200, 60)]
IDS = [f"{width}x{height}" for width, height in SIZES]


async def until_answered(run: Running, text: str) -> None:
    await run.until_shown(text)
    await run.settle()


@pytest.mark.parametrize("size", SIZES, ids=IDS)
async def test_every_tab_and_dialog_as_text(size: tuple[int, int], logs: Path) -> None:
    suffix = f"{size[0]}x{size[1]}"
    async with running(logs=logs, size=size) as run:
        await run.press("j", "j", "enter")
        for tab in (Tab.SCHEDULE, Tab.CONFIG, Tab.VERSIONS, Tab.STATS, Tab.SOURCE):
            await run.press("v")
            assert_screen_text(f"job_{tab.lower()}_{suffix}", run.rows)
        await run.press("v", "W")
        await until_answered(run, "It did not run")
        assert_screen_text(f"dialog_why_{suffix}", run.rows)
        await run.press("escape", "equals_sign")
        await until_answered(run, "BWLIMIT")
        assert_screen_text(f"dialog_compare_{suffix}", run.rows)
        await run.press("escape", "enter")
        await until_answered(run, "critical path")
        await run.press("v")
        assert_screen_text(f"occurrence_numbers_{suffix}", run.rows)


async def test_empty_tabs_say_so() -> None:
    async with running(Sample()) as run:
        await run.press("j", "j", "j", "j", "j", "enter", "V", "V")
        await assert_at_every_size("job_stats_never_ran", run)
        await run.press("v", "v", "equals_sign")
        await until_answered(run, "Nothing to compare")
        assert isinstance(run.screen, CompareDialog)
        await run.press("enter", "escape")
        assert isinstance(run.screen, JobScreen)


async def test_the_cursor_leads_to_what_a_line_names(logs: Path) -> None:
    async with running(logs=logs, size=(120, 40)) as run:
        await run.press("j", "j", "enter", "v", "v", "v")
        await run.press("j")  # the older version
        assert "the first one" in run.text
        assert "of 1 against" not in run.text
        await run.press("enter", "G", "escape", "v")
        assert "88.9%" in run.text
        await run.press("G", "enter")
        await run.until_shown("✓ COMPLETED")
        assert isinstance(run.screen, OccurrenceScreen)


async def test_hidden_settings_are_shown_on_demand() -> None:
    async with running(size=(120, 40)) as run:
        await run.press("enter", "v", "v")
        assert "max_active" not in run.text
        await run.press("full_stop")
        assert "max_active" in run.text
        await run.press("y")
        assert "copied line" in run.told


async def test_why_asks_about_another_time_and_leads_on(logs: Path) -> None:
    async with running(logs=logs) as run:
        await run.press("W")
        await until_answered(run, "It did not run")
        assert isinstance(run.screen, WhyDialog)
        await run.press("at")
        await run.type("yesterday")
        await run.press("escape", "y")
        assert "copied" in run.told
        await run.press("at", "enter", "j", "j", "j", "enter")
        await run.until_shown("SKIPPED")
        assert isinstance(run.screen, OccurrenceScreen)


async def test_a_run_with_a_single_try_opens_its_log(logs: Path, tmp_path: Path) -> None:
    """As the settings say that a log is to be shown: that was forgotten on this way to it."""
    (tmp_path / "config.toml").write_text('[screen]\nlog_wrap = true\n[keys]\nlog.follow = "F"\n')
    async with running(logs=logs, settings=ScreenFiles(tmp_path / "config.toml", tmp_path)) as run:
        await run.press("j", "j", "enter", "j", "enter")
        await run.until_shown("backup-offsite ▸")
        assert isinstance(run.screen, AttemptLogScreen)
        assert run.screen.attempt_id == sample_id(f"{sample_id('backup-offsite/1')}/dump/1")
        assert run.screen.log_view.wrap
        assert run.screen._keymap.moved == {"log.follow": ("F",)}
        await run.press("escape")
        assert isinstance(run.screen, JobScreen)


async def test_exact_and_more_lines_of_a_comparison(logs: Path) -> None:
    async with running(logs=logs) as run:
        await run.press("j", "j", "equals_sign")
        await until_answered(run, "BWLIMIT")
        await run.press("x", "plus", "minus")
        await run.until_shown("Exactly: ")
        await run.press("G", "g", "pagedown", "pageup", "q")
        assert not isinstance(run.screen, CompareDialog)


async def test_zoom_and_numbers_of_an_occurrence(logs: Path) -> None:
    async with running(logs=logs) as run:
        await run.press("j", "j", "enter", "enter", "plus", "plus")
        await run.until_shown("06:14")
        whole = run.text
        await run.press("k", "minus", "0")
        assert run.text != whole
        await run.press("v", "G", "k", "k")
        assert run.selected == str(sample_id(f"{sample_id('backup-offsite/last')}/upload/2"))
        assert "upload · try 2 of 3 · exit 12" in run.text
        await run.press("equals_sign")
        await until_answered(run, "BWLIMIT")
        await run.press("escape", "W")
        await until_answered(run, "It did not run")
