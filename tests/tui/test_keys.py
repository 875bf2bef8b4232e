"""The table of actions, the bindings made from it, the keys help and the palette."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from unittest import mock

import pytest
from textual.binding import Binding
from textual.command import CommandList, CommandPalette
from textual.widgets import OptionList

from jobistemer_tui.tui.actions import ACTIONS, EVERYWHERE, SECTIONS, actions_of, keys_text, program_actions
from jobistemer_tui.tui.app import JobistemerApp
from jobistemer_tui.tui.dialogs.keys_dialog import KeysDialog
from jobistemer_tui.tui.screens.activity_screen import ActivityScreen
from jobistemer_tui.tui.screens.agenda_screen import AgendaScreen
from jobistemer_tui.tui.screens.feed_screen import FeedScreen
from jobistemer_tui.tui.screens.files_screen import FilesScreen
from jobistemer_tui.tui.screens.inbox_screen import InboxScreen
from jobistemer_tui.tui.screens.job_screen import JobScreen
from jobistemer_tui.tui.screens.jobs_screen import JobsScreen
from jobistemer_tui.tui.screens.nodes_screen import NodesScreen
from jobistemer_tui.tui.screens.occurrence_screen import OccurrenceScreen
from jobistemer_tui.tui.screens.runs_screen import RunsScreen
from jobistemer_tui.tui.widgets.action_footer import ActionFooter
from tests.support.screen import running
from tests.support.screen_texts import assert_at_every_size
from tests.support.wait_until import wait_until_async

SCREENS: tuple[type[FeedScreen], ...] = (
    JobsScreen,
    JobScreen,
    OccurrenceScreen,
    RunsScreen,
    AgendaScreen,
    ActivityScreen,
    FilesScreen,
    NodesScreen,
    InboxScreen,
)


@pytest.mark.parametrize("screen", SCREENS)
def test_no_key_has_two_meanings_on_a_screen(screen: type[FeedScreen]) -> None:
    keys = [key for action in actions_of(screen.NAME) for key in action.keys]
    keys += [
        key for binding in JobistemerApp.BINDINGS if isinstance(binding, Binding) for key in binding.key.split(",")
    ]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("screen", SCREENS)
def test_every_action_of_a_screen_is_there(screen: type[FeedScreen]) -> None:
    for action in actions_of(screen.NAME):
        assert callable(getattr(screen, f"action_{action.id}", None)), action.id
    offered = {name.removeprefix("action_") for name in vars(screen) if name.startswith("action_")}
    assert offered <= {action.id for action in actions_of(screen.NAME)}


def test_every_binding_has_id_label_and_tooltip() -> None:
    bindings = [action.binding for action in ACTIONS]
    bindings += [binding for binding in JobistemerApp.BINDINGS if isinstance(binding, Binding)]
    assert all(binding.id and binding.description and binding.tooltip for binding in bindings)
    ids = [binding.id for binding in bindings]
    assert len(ids) == len(set(ids))


def test_a_key_means_the_same_on_every_screen() -> None:
    meanings: dict[str, str] = {}
    for action in ACTIONS:
        for key in action.keys:
            assert meanings.setdefault(key, action.id) == action.id
    assert {screen.NAME for screen in SCREENS} == EVERYWHERE


async def test_keys_help_lists_all_searches_and_runs() -> None:
    async with running(size=(100, 100)) as run:
        await run.press("question_mark")
        assert isinstance(run.screen, KeysDialog)
        for action in (*actions_of("jobs"), *program_actions(run.app.BINDINGS)):
            assert f"{keys_text(action):<14} {action.label}" in run.text
        assert [word for word in SECTIONS if any(f"│  {word}  " in row for row in run.rows)] == list(SECTIONS)
        await run.type("filt")
        assert "copy id" not in run.text
        await run.press("enter")
        assert isinstance(run.screen, JobsScreen)
        await run.type("backup-p")
        assert "1 of 11 jobs" in run.text


async def test_keys_help_by_arrows_and_escape() -> None:
    async with running() as run:
        await run.press("f1", "down", "down", "up", "enter")
        await run.until_shown("Run backup-db now")
        await run.press("enter")
        await run.until_called("trigger", "backup-db")
        await run.press("question_mark", "escape")
        assert isinstance(run.screen, JobsScreen)
        await run.press("question_mark")
        await run.type("no such thing")
        await run.press("enter", "escape")
        assert isinstance(run.screen, JobsScreen)


async def test_palette_runs_actions_jobs_and_themes() -> None:
    async with running() as run:
        for key, words, first, help_text, shown in (
            ("colon", "job sales", "job report-sales", "Go into a job", "▸ report-sales"),
            ("ctrl+p", "time (t)", "time (t)", "Write times relative, local or in UTC", "times are local"),
            ("colon", "theme jobistemer-light", "theme jobistemer-light", "Change the colours", ""),
        ):
            await run.press(key)
            assert isinstance(run.screen, CommandPalette)
            await run.type(words)
            await run.until_first_command(first)
            await run.until_shown(help_text)
            if words == "job sales":
                await assert_at_every_size("dialog_palette", run)
            await run.press("enter")
            await wait_until_async(lambda shown=shown: shown in run.text + run.told, what=shown)  # type: ignore[misc]
            await run.press("escape")
        await wait_until_async(lambda: run.app.theme == "jobistemer-light")
        assert run.app.shell.dark is False


@pytest.mark.parametrize("key", ["colon", "question_mark"])
async def test_a_page_of_a_list_without_room_is_nothing(key: str) -> None:
    """Regression: the program ended with a KeyError in a window of one column."""
    async with running() as run:
        await run.press(key)
        await wait_until_async(lambda: run.screen.query_one(OptionList).highlighted is not None, what="the list")
        await run.pilot.resize_terminal(1, 20)
        options = run.screen.query_one(OptionList)
        await wait_until_async(lambda: not options.scrollable_content_region, what="no room")
        if key == "question_mark":
            options.focus()
        await run.press("pagedown", "pageup", "down")
        assert run.app.is_running


async def test_a_program_that_ends_while_the_palette_still_searches_ends_without_an_error() -> None:
    going = asyncio.Event()

    async def search(palette: CommandPalette, words: str) -> AsyncIterator[None]:
        await going.wait()
        await wait_until_async(lambda: not palette.query(CommandList), every=0)
        return
        yield

    def goes(_: CommandList) -> None:
        going.set()

    with mock.patch.object(CommandList, "on_unmount", goes, create=True), pytest.MonkeyPatch.context() as patch:
        async with running() as run:
            await run.press("colon")
            await run.type("run")
            await run.until_first_command("run")
            patch.setattr(CommandPalette, "_search_for", search)
            await run.type(" b")


async def test_keymap_moves_a_key() -> None:
    async with running() as run:
        run.app.set_keymap({"run_now": "x"})
        await run.press("x")
        await run.until_shown("Run backup-db now")
        await run.press("enter")
        await run.until_called("trigger", "backup-db")
        await run.press("r")
        assert len(run.operations.calls) == 1


async def test_the_footer_is_drawn_anew_only_for_other_keys_and_can_be_clicked() -> None:
    async with running() as run:
        footer = run.feed_screen.query_one(ActionFooter)
        hints = footer.hints
        await run.press("down", "up", "question_mark", "escape")
        assert footer.hints is hints
        await run.press("slash")  # the field of the filter has keys of its own
        await wait_until_async(lambda: footer.hints != hints, what="the keys of the filter")
        await run.press("escape")
        await wait_until_async(lambda: footer.hints == hints, what="the keys of the table")
        place = footer.render().plain.index("? keys") + footer.gutter.left
        await run.pilot.hover(footer, offset=(place, 0))
        assert footer.tooltip == next(hint.tooltip for hint in hints if hint.description == "keys")
        await run.pilot.click(footer, offset=(place, 0))
        await wait_until_async(lambda: isinstance(run.app.screen, KeysDialog), what="the keys help")
