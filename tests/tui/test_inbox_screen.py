"""The recovery inbox: the bar that leads to it, what it shows, what it asks, and what it calls."""

from __future__ import annotations

import pytest

from jobistemer_tui.domain.recovery_strategy import RecoveryStrategy
from tests.support.fake_gaps import sample_gap, sample_gaps
from tests.support.fake_operations import FakeOperations
from tests.support.screen import running
from tests.support.screen_texts import assert_at_every_size, assert_screen_text

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=["80x24", "120x40", "200x60"])


def with_gaps() -> FakeOperations:
    operations = FakeOperations()
    operations.gap_rows = sample_gaps()
    return operations


@SIZES
async def test_the_inbox_as_text(size: tuple[int, int]) -> None:
    suffix = f"{size[0]}x{size[1]}"
    async with running(operations=with_gaps(), size=size) as run:
        assert_screen_text(f"jobs_held_{suffix}", run.rows)
        await run.press("I")
        assert_screen_text(f"inbox_{suffix}", run.rows)
        for name, key, title in (
            ("method", "m", "Another strategy"),
            ("fewer", "f", "Fewer runs"),
            ("drop", "x", "Drop"),
        ):
            await run.press(key)
            await run.until_shown(title)
            assert_screen_text(f"dialog_{name}_{suffix}", run.rows)
            await run.press("escape")
        await run.press("escape")
        assert "▸ Jobs" in run.rows[0]


async def test_nothing_was_missed() -> None:
    async with running() as run:
        assert "recovery" not in run.text
        await run.press("I")
        await assert_at_every_size("inbox_none", run)


async def test_each_decision_asks_and_enter_means_no() -> None:
    async with running(operations=with_gaps()) as run:
        await run.press("I", "a")
        await run.until_shown("Apply the strategy now?")
        await assert_at_every_size("dialog_release", run)
        await run.press("escape")
        for key, title in (("a", "Apply the strategy now?"), ("x", "Drop this gap?"), ("m", "Another strategy")):
            await run.press(key)
            await run.until_shown(title)
            await run.press(key, "enter")
        assert run.operations.calls == []
        await run.press("m", "1")
        await run.until_called("change_gap", "backup-db", RecoveryStrategy.EXECUTE_ALL)
        await run.until_shown("execute-all (c")
        await run.press("f")
        await run.type("0")
        await run.press("enter")
        await run.until_shown("a number from 1")
        await run.press("backspace", "3", "enter")
        await run.until_called("trim_gap", "backup-db", 3)
        await run.press("a", "y")
        await run.until_called("release_gap", "backup-db")


async def test_marked_gaps_are_dropped_after_their_number_was_typed() -> None:
    async with running(operations=with_gaps()) as run:
        await run.press("I", "space", "space", "x")
        await run.until_shown("Drop 2 gaps?")
        await run.press("2", "enter")
        await run.until_called_times(2)
        assert {call[1] for call in run.operations.calls} == {"backup-db", "backup-home"}


async def test_what_has_its_fate_already_is_left_alone_and_a_refusal_is_told() -> None:
    operations = FakeOperations()
    operations.gap_rows = [sample_gap("backup-vm", 3, RecoveryStrategy.EXECUTE_LAST)]
    async with running(operations=operations) as run:
        await run.press("I", "a")
        await run.until_shown("Apply the strategy now?")
        run.operations.gap_rows = sample_gaps()[-1:]
        await run.press("y")
        await run.until_told("nothing that backup-vm has missed waits for a decision")
        run.operations.commit()
        await run.until_shown("1 run, 32 missed")
        await run.press("x")
        await run.until_told("there is nothing to decide")
        await run.press("enter")
        assert "▸ backup-vm" in run.rows[0]
