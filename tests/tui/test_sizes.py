"""Any size shows something useful, and so does any terminal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from jobistemer_tui.tui.screens.jobs_screen import JobsScreen
from jobistemer_tui.tui.screens.occurrence_screen import OccurrenceScreen
from tests.support.sample_jobs import Sample
from tests.support.screen import UTF8, Running, running
from tests.support.wait_until import wait_until_async


async def test_breakpoints_and_resizing(logs: Path) -> None:
    async with running(logs=logs, size=(200, 60)) as run:
        assert run.feed_screen.has_class("-wide")
        row = next(row for row in run.rows if "backup-db" in row)
        assert "Dump of the customer database" in run.text
        assert "Tags" in run.text
        assert "─ backup-db ─" in run.rows[2], row
        for width, height, css in ((120, 40, "-normal"), (80, 24, "-narrow"), (36, 9, "-tiny"), (20, 5, "-tiny")):
            await run.pilot.resize_terminal(width, height)
            await run.settle()
            await run.until_class(css)
            assert all(len(row) <= width for row in run.rows)
            assert "backup-db" in run.text
        assert "Dump of" not in run.text
        await run.press("enter", "enter")
        assert isinstance(run.screen, OccurrenceScreen)
        assert "dump" in run.text
        await run.pilot.resize_terminal(200, 60)
        await run.settle()
        assert "┼" in run.text


async def test_ascii_terminal_gets_ascii_only(logs: Path) -> None:
    async with running(logs=logs, environ={**UTF8, "TERM": "linux"}) as run:
        assert run.text.isascii()
        assert "> live" in run.rows[0]
        await run.press("j", "j", "enter")
        assert "x FAIL" in run.text
        await run.press("enter")
        assert "#####%" in run.text
        assert run.text.isascii()
        await run.press("question_mark")
        assert run.text.isascii()
        await run.press("escape", "q", "q", "c")
        await run.until_told("nothing of backup-offsite")
        await run.press("k", "k", "c")
        await run.until_shown("Cancel this run?")
        assert run.text.isascii()


async def test_dialogs_and_notices_of_an_ascii_terminal_are_ascii_too(logs: Path) -> None:
    async with running(logs=logs, environ={"LANG": "C"}, notifications=True) as run:
        await run.press("j", "j")
        for key, shown in (
            ("R", "From a task on~"),
            ("r", "^ v choose"),
            ("p", "Its times pass as skipped"),
            ("s", "Write 11 jobs to a file"),
            ("question_mark", "Keys of this screen"),
            ("W", "Why? backup-offsite"),
            ("colon", "run now"),
        ):
            await run.press(key)
            await run.until_shown(shown)
            await run.settle()
            assert run.text.isascii(), run.text
            await run.press("escape")
        run.feed_screen.notify("a · notice…", markup=False)
        await run.until_shown("a . notice~")
        assert run.text.isascii(), run.text


async def test_no_jobs_says_what_to_do() -> None:
    async with running(Sample({}, {}, [])) as run:
        assert "No jobs in ~/.config/jobistemer/jobs." in run.text
        assert "Drop a job file there and it appears here" in run.text
        await run.press("enter", "r", "R", "p", "S", "Z", "space", "c", "e", "y", "j", "G")
        assert isinstance(run.screen, JobsScreen)
        assert run.operations.calls == []
        run.operations.sample.jobs = {"first": replace(Sample().jobs["backup-home"], name="first")}
        run.operations.commit()
        await run.until_shown("✓ first")


def columns_fill_the_table(run: Running) -> bool:
    table = run.feed_screen.table
    return table.line_width == table.container_size.width


@pytest.mark.parametrize("size", [(59, 24), (80, 10), (120, 40), (160, 40), (200, 60)])
async def test_columns_fill_the_width_the_layout_gives_the_table(size: tuple[int, int], logs: Path) -> None:
    async with running(logs=logs, size=size) as run:
        for keys in ((), ("d",), ("d",), ("j", "j", "enter"), ("d",), ("d",)):
            await run.press(*keys)
            await wait_until_async(lambda: columns_fill_the_table(run), what=f"the table to be filled after {keys}")
