"""What every list can do: problems only, order, hold, export."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from jobistemer_tui.tui.screens.jobs_screen import JobsScreen
from tests.support.sample_jobs import DENIED_FILE, GOOD_FILE, REFUSED_FILE, Sample
from tests.support.screen import running


async def test_problems_order_and_filter_of_jobs_and_files() -> None:
    async with running(Sample(files=[GOOD_FILE, REFUSED_FILE, DENIED_FILE])) as run:
        await run.press("j", "j", "exclamation_mark")
        assert run.feed_screen.table.keys == ["backup-offsite", "backup-vm", "report-sales"]
        assert run.selected == "backup-offsite"
        assert "3 of 11 jobs · problems only" in run.text
        await run.press("o", "O")
        assert "problems only · sort Next ▼" in run.text
        assert (run.feed_screen.table.keys[0], run.selected) == ("backup-offsite", "backup-offsite")
        await run.press("escape")
        assert "problems only" not in run.text
        await run.press("5", "exclamation_mark")
        assert run.feed_screen.table.keys == [DENIED_FILE.path, REFUSED_FILE.path]
        await run.press("slash")
        await run.type("status:not")
        assert run.feed_screen.table.keys == [DENIED_FILE.path]
        await run.type("zzz")
        assert "No file fits “status:notzzz”." in run.text
        await run.press("enter", "escape", "1")
        assert isinstance(run.screen, JobsScreen)
        assert "sort Next ▼" in run.text, "each view keeps what was chosen"


async def test_nothing_moves_while_the_display_is_held() -> None:
    async with running() as run:
        await run.press("H")
        assert "held " in run.rows[0]
        rows = run.operations.sample.jobs
        rows["backup-home"] = replace(rows["backup-home"], running=1)
        run.operations.commit()
        await run.until_shown("held, 1 change")
        assert "✓ backup-home" in run.text
        await run.press("j")
        assert "─ backup-home" in run.text, "the pane of another row is still asked for"
        await run.press("H")
        assert "► backup-home" in run.text
        assert "► live" in run.rows[0]


async def test_what_is_seen_is_written_to_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with running() as run:
        await run.press("exclamation_mark", "s")
        await run.until_shown("Write 3 jobs to a file")
        await run.type("x")
        await run.press("enter")
        await run.until_shown("the name has to end in .csv, .json, .txt")
        await run.press("ctrl+u")
        await run.type("~nobody-at-all/a.csv")
        await run.press("enter")
        await run.until_shown("~nobody-at-all/a.csv cannot be found")
        await run.press("ctrl+u")
        await run.type("a.json")
        await run.press("enter")
        await run.until_told("3 jobs are in")
        names = [row["name"] for row in json.loads((tmp_path / "a.json").read_text())]
        assert names == ["backup-offsite", "backup-vm", "report-sales"]
        await run.press("s", "escape")
        assert os.listdir(tmp_path) == ["a.json"]
