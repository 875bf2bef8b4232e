"""What the screen says when its engine crashed, when it has none, and when it may change nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from jobistemer_tui.operations.engine_crash import EngineCrash
from jobistemer_tui.operations.read_models import EngineRole, EngineStatus
from jobistemer_tui.tui.actions import ACTIONS, actions_of
from jobistemer_tui.tui.dialogs.crash_dialog import CrashDialog
from jobistemer_tui.tui.screens.jobs_screen import JobsScreen
from tests.support.fake_operations import FakeEngine, FakeOperations
from tests.support.sample_jobs import NOW, ago
from tests.support.screen import running
from tests.support.screen_texts import assert_screen_text

TRACEBACK = "Traceback (most recent call last):\n" + "".join(
    f'  File "engine/part_{number}.py", line {number}, in step_{number}\n    step_{number + 1}()\n'
    for number in range(30)
)
CRASH = EngineCrash(
    "ValueError: boom [/x] \x1b]52;c;aGk=\x07", f"{TRACEBACK}ValueError: boom [/x] \x1b]52;c;aGk=\x07\n", 3,
    NOW - timedelta(seconds=1), NOW + timedelta(seconds=3),
)  # fmt: skip
SIZES = [(80, 24), (120, 40), (200, 60)]
IDS = [f"{width}x{height}" for width, height in SIZES]


@pytest.mark.parametrize("size", SIZES, ids=IDS)
async def test_a_crash_is_a_bar_and_a_key_shows_where_it_was(size: tuple[int, int]) -> None:
    suffix = f"{size[0]}x{size[1]}"
    async with running(size=size, engine=FakeEngine("crashed", CRASH)) as run:
        assert_screen_text(f"jobs_engine_crashed_{suffix}", run.rows)
        await run.press("E")
        assert isinstance(run.screen, CrashDialog)
        assert_screen_text(f"dialog_crash_{suffix}", run.rows)
        await run.press("k", "k", "y", "escape", "j", "enter")
        assert "engine crashed 3 times" in run.text, "the screen goes on, and the bar is on every one"


async def test_a_small_window_shows_the_error_itself() -> None:
    async with running(size=(30, 8), engine=FakeEngine("crashed", CRASH)) as run:
        await run.press("E")
        assert "ValueError: boom" in run.text


async def test_an_engine_that_is_up_again_is_told_and_its_crash_still_shown() -> None:
    async with running(engine=FakeEngine("crashed", replace(CRASH, count=1, retry_at=NOW))) as run:
        assert "✗ engine crashed: ValueError" in run.text
        assert "starting again" in run.text
        run.engine.role = "serving"
        await run.until_told("the engine crashed and is up again")
        await run.until_shown("► live")
        await run.until_gone("engine crashed:")
        await run.press("E")
        assert "crashed once" in run.text


async def test_no_crash_to_show() -> None:
    async with running() as run:
        await run.press("E")
        await run.until_told("the engine has not crashed")
        assert isinstance(run.screen, JobsScreen)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
async def test_without_an_engine_the_history_says_since_when(size: tuple[int, int], logs: Path) -> None:
    operations = FakeOperations(logs=logs)
    operations.engine_status = EngineStatus(EngineRole.NONE, "n1", None, ago(hours=3))
    async with running(size=size, operations=operations, engine=FakeEngine("client"), read_only=True) as run:
        assert_screen_text(f"jobs_read_only_{size[0]}x{size[1]}", run.rows)
        operations.engine_status = EngineStatus(EngineRole.ATTACHED, "n1", 4711, NOW)
        run.app.feed.refresh()
        await run.until_shown("read-only · attached to pid 4711")
        await run.until_gone("nothing scheduled")


async def test_a_window_that_only_reads_has_no_key_that_changes_anything(logs: Path) -> None:
    async with running(logs=logs, read_only=True, size=(120, 40)) as run:
        for _ in range(3):
            for action in ACTIONS:
                if action.acts:
                    await run.press(*action.keys)
            offered = {action.label for action in actions_of(run.feed_screen.NAME) if action.acts}
            assert offered
            await run.press("question_mark")
            assert not [action for action in ACTIONS if action.acts and action.tooltip in run.text]
            await run.press("escape", "enter")
        assert run.operations.calls == []
        await run.press("colon")
        await run.type("run backup-db")
        assert "Run it now" not in run.text


async def test_whatever_can_be_acted_on_is_marked_so(logs: Path) -> None:
    async with running(logs=logs, size=(120, 40)) as run:
        for action in actions_of(run.feed_screen.NAME):
            if not action.acts and action.id not in ("out", "open_row", "palette", "keys_help"):
                await run.press(action.keys[0])
                await run.press("escape")
        assert run.operations.calls == []
