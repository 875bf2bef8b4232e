"""The nodes: how sure it is that each lives, its runs, draining it and declaring it lost."""

from __future__ import annotations

import pytest

from jobistemer_tui.tui.dialogs.choice_dialog import ChoiceDialog
from jobistemer_tui.tui.dialogs.name_dialog import NameDialog
from jobistemer_tui.tui.screens.nodes_screen import NodeRunsScreen, NodesScreen
from tests.support.fake_nodes import N1
from tests.support.fake_operations import FakeOperations
from tests.support.screen import running
from tests.support.screen_texts import assert_at_every_size, assert_screen_text


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=["80x24", "120x40", "200x60"])
async def test_the_nodes(size: tuple[int, int]) -> None:
    async with running(size=size) as run:
        await run.press("6")
        assert isinstance(run.screen, NodesScreen)
        assert_screen_text(f"nodes_{size[0]}x{size[1]}", run.rows)


async def test_every_standing_in_the_pane_and_the_runs_of_a_node() -> None:
    async with running(size=(120, 40)) as run:
        await run.press("6")
        for key, words in (
            ("j", "silent: its lock is free"),
            ("j", "plans no zoned jobs"),
            ("j", "drained: new disk"),
            ("j", "begins nothing: its clock is wrong"),
            ("j", "2 stale claims"),
        ):
            await run.press(key)
            await run.until_shown(words)
        await run.press("exclamation_mark")
        assert run.feed_screen.table.keys == ["n2", "n3", "n4", "n5"]
        await run.press("exclamation_mark", "g", "y")
        await run.until_told("copied node id")
        await run.press("enter")
        assert isinstance(run.screen, NodeRunsScreen)
        await run.until_shown("Nodes ▸ n1 ▸ Runs")


async def test_draining_asks_and_is_taken_back_at_once() -> None:
    operations = FakeOperations()
    async with running(operations=operations) as run:
        await run.press("6", "D")
        assert isinstance(run.screen, ChoiceDialog)
        await run.press("enter")
        assert operations.calls == []
        await run.press("D", "y")
        await run.until_told("n1 begins nothing new")
        await run.press("D")
        await run.until_told("n1 begins runs again")
        assert operations.calls == [("drain", "n1"), ("undrain", "n1")]


async def test_only_a_silent_node_is_declared_lost_and_only_by_its_name() -> None:
    operations = FakeOperations()
    async with running(operations=operations) as run:
        await run.press("6", "K")
        await run.until_told("n1 is alive: only a node that is silent can be declared lost")
        await run.press("j", "K")
        assert isinstance(run.screen, NameDialog)
        await assert_at_every_size("dialog_lost", run)
        await run.press("escape")
        await run.until_told("nothing was done")
        await run.press("K", "n", "enter")
        assert operations.calls == []
        await run.press("K", "n", "2", "enter")
        await run.until_told("n2 is lost")
        assert operations.calls == [("lost", "n2")]


async def test_one_node_says_how_to_add_another_and_none_how_to_start_one() -> None:
    operations = FakeOperations()
    operations.node_rows = {"n1": N1}
    async with running(operations=operations, size=(120, 40)) as run:
        await run.press("6")
        await run.until_shown("One node: this one. To add another")
        operations.node_rows = {}
        operations.commit()
        await run.until_shown("No engine has worked with this store yet.")
        await assert_at_every_size("nodes_none", run)
