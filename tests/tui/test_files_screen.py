"""The files: how each stands, its problems, the plan of the last change, and the way into the editor."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from jobistemer_tui.operations.read_models import EngineRole, EngineStatus, FileProblem, FileRow
from jobistemer_tui.tui.screens.files_screen import FilesScreen
from jobistemer_tui.tui.screens.jobs_screen import JobsScreen
from tests.support.fake_operations import FakeEngine, FakeOperations
from tests.support.sample_jobs import (
    DENIED_FILE,
    GOOD_FILE,
    HOSTILE_NAMES,
    LAST_CHANGE,
    OTHER_FILE,
    REFUSED_FILE,
    WARNED_FILE,
    Sample,
)
from tests.support.screen import UTF8, Running, running
from tests.support.screen_texts import assert_at_every_size, assert_screen_text
from tests.support.wait_until import wait_until_async

ALL = [GOOD_FILE, OTHER_FILE, WARNED_FILE, REFUSED_FILE, DENIED_FILE]


def sample() -> Sample:
    return Sample(files=list(ALL), last_change=LAST_CHANGE)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=["80x24", "120x40", "200x60"])
async def test_the_files(size: tuple[int, int]) -> None:
    suffix = f"{size[0]}x{size[1]}"
    async with running(sample(), size=size) as run:
        await run.press("5", "j")
        assert isinstance(run.screen, FilesScreen)
        assert_screen_text(f"files_{suffix}", run.rows)
        await run.press("k")
        assert_screen_text(f"files_denied_{suffix}", run.rows)
        await run.press("1")
        assert isinstance(run.screen, JobsScreen)


async def test_every_state_has_its_word() -> None:
    async with running(sample(), size=(120, 40)) as run:
        await run.press("5")
        words = {row.split()[1]: row for row in run.rows if ".toml" in row or ".yaml" in row}
        assert run.feed_screen.table.keys[:2] == [DENIED_FILE.path, REFUSED_FILE.path]
        for key, told in (("k", "not read: nothing of it runs"), ("j", "refused: what was published runs on")):
            await run.press(key)
            assert told in run.text, words
        await run.press("G")
        assert "not watched here: the engine reads other folders" in run.text


async def test_the_editor_opens_at_the_first_error(tmp_path: Path) -> None:
    said = tmp_path / "said"
    editor = tmp_path / "vim"
    editor.write_text(f'#!/bin/sh\necho "$@" > {said}\n')
    editor.chmod(0o755)
    async with running(sample(), environ={**UTF8, "EDITOR": str(editor)}) as run:
        await run.press("5", "j", "e")
        await run.until_told(f"no editor can be opened here; the file is {REFUSED_FILE.path}:12")
        await run.press("enter", "y")
        await run.until_told("copied path")


async def test_without_files_and_without_an_engine() -> None:
    empty = Sample({}, {}, [], pending=replace(LAST_CHANGE, jobs=LAST_CHANGE.jobs[:1]))
    operations = FakeOperations(empty)
    operations.engine_status = EngineStatus(EngineRole.NONE, None, None, None)
    async with running(operations=operations, engine=FakeEngine("client")) as run:
        await run.press("5", "enter", "e", "y")
        await run.until_shown("No job files in ~/.config/jobistemer/jobs have been read.")
        await assert_at_every_size("files_none", run)
        empty.pending = replace(LAST_CHANGE, jobs=LAST_CHANGE.jobs[1:])
        for _ in range(5):
            run.app._tick()
        await run.until_shown("- backup-old is retired")


async def test_ascii_and_no_files() -> None:
    async with running(sample(), size=(120, 40), environ={**UTF8, "TERM": "linux"}) as run:
        await run.press("5", "j")
        assert run.text.isascii()
        run.operations.sample.files = []
        run.operations.commit()
        await run.until_shown("Drop one there and it appears here.")


FORBIDDEN = {*map(chr, range(0x20)), *map(chr, range(0x7F, 0xA0)), *"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068"}


async def test_hostile_texts_do_no_harm() -> None:
    text = "".join(name for name in HOSTILE_NAMES if len(name) < 100)
    problem = FileProblem(text, 3, 40, "error", text, text, text * 20)
    row = FileRow(f"/jobs/{text}", "/jobs", False, REFUSED_FILE.read_at, (text,), (problem,) * 40)
    plan = replace(LAST_CHANGE.jobs[0], job=text, file=text, zone=text, moved_from=text)
    hostile = Sample(files=[row], last_change=replace(LAST_CHANGE, jobs=(plan, *LAST_CHANGE.jobs)))
    async with running(hostile, size=(120, 40), notifications=True) as run:
        await run.press("5", "y", "e", "tab", "end")
        await run.settle()
        assert not FORBIDDEN & set(run.text.replace("\n", ""))


async def test_small_terminals_show_the_list() -> None:
    async with running(sample(), size=(40, 10)) as run:
        await run.press("5")
        assert "sync.toml" in run.text
        assert all(len(row) <= 40 for row in run.rows)


def columns_fill_the_table(run: Running) -> bool:
    table = run.feed_screen.table
    return table.line_width == table.container_size.width


@pytest.mark.parametrize("size", [(59, 24), (120, 40), (200, 60)])
async def test_columns_fill_the_width_the_layout_gives_the_table(size: tuple[int, int]) -> None:
    async with running(sample(), size=size) as run:
        for keys in (("5",), ("d",), ("d",)):
            await run.press(*keys)
            await wait_until_async(lambda: columns_fill_the_table(run), what=f"the table to be filled after {keys}")
