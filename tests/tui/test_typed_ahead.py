"""Keys that come faster than what they lead to: none is lost, and each goes where a patient person's would."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from unittest import mock

import pytest
from rich.text import Text
from textual import events
from textual.command import CommandPalette
from textual.widgets import Input

from jobistemer_tui.tui import typed_ahead
from jobistemer_tui.tui.first_run import FOLDER, Beginning, FirstRunApp
from jobistemer_tui.tui.messages import Answer, Tick
from jobistemer_tui.tui.screens.job_screen import JobScreen
from jobistemer_tui.tui.screens.jobs_screen import JobsScreen
from jobistemer_tui.tui.screens.runs_screen import RunsScreen
from jobistemer_tui.tui.widgets.filter_bar import FilterBar
from tests.support.late_answers import waiting
from tests.support.screen import Running, post_keys, running
from tests.support.wait_until import wait_until_async


@pytest.mark.parametrize(
    ("keys", "calls"),
    [
        (("c", "y"), [("cancel",)]),
        (("c", "right", "enter"), [("cancel",)]),
        (("r", "enter"), [("trigger", "backup-db")]),
        (("/", *"backup-h", "enter", "X", "y"), [("stop", "backup-home")]),
        (("j", "p", *"2h", "enter", "g", "r", "enter"), [("pause", "backup-home"), ("trigger", "backup-db")]),
        (("enter", "enter", "c", "y"), [("cancel",)]),
        (("2", "space", "space", "c", "2", "enter"), [("cancel",), ("cancel",)]),
        (("3", "1", "j", "X", "n", "escape", "X", "y"), [("stop", "backup-home")]),
        (("?", *"run now", "enter", "enter"), [("trigger", "backup-db")]),
        ((":", *"run backup-home", "enter"), [("trigger", "backup-home")]),
    ],
    ids=lambda value: "-".join(value) if isinstance(value[0], str) else "",
)
async def test_keys_typed_at_once_do_what_they_do_one_by_one(
    keys: tuple[str, ...], calls: list[tuple[str, ...]]
) -> None:
    async with running() as run:
        await run.type_ahead(*keys)
        await run.until_called_times(len(calls))
        made = zip(run.operations.calls, calls, strict=True)
        assert [call[: len(wanted)] for call, wanted in made] == calls


async def test_the_way_in_and_out_and_over_to_another_view() -> None:
    async with running() as run:
        await run.type_ahead("enter", "enter", "escape", "escape", "2", "j")
        assert isinstance(run.screen, RunsScreen)
        assert run.screen.table.cursor_row == 1


async def test_a_page_is_one_before_the_list_has_been_laid_out() -> None:
    """Regression: as nothing was in sight yet it was one row, and half of one was none."""
    async with running(size=(80, 14)) as run:
        await run.type_ahead("4", "pagedown", "ctrl+d")
        table = run.feed_screen.table
        assert table.page >= 2
        assert table.cursor_row == table.page + table.page // 2 < len(table.keys) - 1


async def test_enter_takes_the_first_command_before_the_palette_has_been_laid_out() -> None:
    """Regression: a list without a place took no Enter either, and what followed was typed as a command."""
    async with running() as run:
        await run.type_ahead(":", "enter", "enter")
        assert not isinstance(run.screen, CommandPalette)


async def test_a_list_that_was_empty_has_the_keys_again() -> None:
    async with running() as run:
        await run.press("5", "!")
        assert not run.feed_screen.table.display
        await run.press("!")
        assert run.app.focused is run.feed_screen.table


@pytest.mark.parametrize(
    ("keys", "calls"),
    [
        (("3", "X", "y"), [("stop", "backup-vm")]),
        (("3", "j", "X", "y"), [("stop", "backup-home")]),
        (("3", "space", "space", "p", "enter"), [("pause", "backup-vm"), ("pause", "backup-home")]),
    ],
    ids=lambda value: "-".join(value) if isinstance(value[0], str) else "",
)
async def test_keys_wait_for_the_jobs_of_the_rows_that_they_act_on(
    keys: tuple[str, ...], calls: list[tuple[str, ...]]
) -> None:
    """Regression: there was no job to act on yet, or only the first of those that were marked."""
    async with running() as run:
        await run.type_ahead(*keys)
        assert [call[:2] for call in run.operations.calls] == calls


async def test_the_file_of_a_job_is_opened_before_its_pane_has_been_read() -> None:
    """Regression: there was no job to act on yet."""
    async with running(notifications=True) as run:
        await run.type_ahead("2", "j", "e")
        await run.until_told("no editor can be opened here; the file is")


async def test_each_tick_counts_once() -> None:
    """Regression: a handler that calls that of its base runs it twice, as Textual calls each by itself."""
    async with running() as run:
        with mock.patch.object(run.app, "_tell_screens"):  # the clock's own
            for view in "123456":
                await run.press(view)
                before = run.feed_screen._ticks
                run.feed_screen.post_message(Tick())
                await run.settle()
                assert run.feed_screen._ticks == before + 1


async def test_a_tick_that_comes_before_the_first_rows_does_not_let_the_next_key_go() -> None:
    """Regression: Enter went to a list that was not read yet where the clock ticked just after the list had come."""
    async with running() as run:
        with waiting(run.operations, "runs") as answer:
            post_keys(run.app, "enter", "enter")
            await wait_until_async(lambda: isinstance(run.screen, JobScreen))
            run.screen.post_message(Tick())
            for _ in range(100):
                await asyncio.sleep(0)
            answer.set()
            await wait_until_async(lambda: not isinstance(run.screen, JobScreen))


async def test_keys_wait_for_what_a_question_has_to_know_and_then_answer_it() -> None:
    async with running() as run:
        with waiting(run.operations, "runs") as answer:
            await run.pilot.press("c", "j", "enter")
            assert run.selected == "backup-db", "j is for the question"
            answer.set()
            await run.until_called("cancel")


async def test_keys_go_on_when_a_search_of_the_palette_has_ended() -> None:
    """Regression: nobody told them, and each key took as long as keys wait at most."""
    ended = asyncio.Event()

    async def search(_: CommandPalette, words: str) -> AsyncIterator[None]:
        await ended.wait()
        return
        yield

    async with running() as run:
        await run.press("colon")
        with (
            mock.patch.object(typed_ahead, "PATIENCE_S", 600),
            mock.patch.object(CommandPalette, "_search_for", search),
        ):
            post_keys(run.app, "x", "y")
            field = run.screen.query_one(Input)
            await wait_until_async(lambda: field.value == "x")
            for _ in range(100):
                await asyncio.sleep(0)
            assert field.value == "x"
            ended.set()
            await wait_until_async(lambda: field.value == "xy")


async def test_keys_do_not_wait_for_a_change_that_is_written() -> None:
    async with running() as run:
        with waiting(run.operations, "trigger"):
            await run.pilot.press("r", "enter", "j", "2")
            await run.until_shown("Progress")
        await run.until_called("trigger", "backup-db")


async def test_a_question_that_comes_too_late_is_not_answered_by_what_was_typed_long_before() -> None:
    async with running(notifications=True) as run:
        with mock.patch.object(typed_ahead, "PATIENCE_S", 0.5), waiting(run.operations, "runs") as answer:
            post_keys(run.app, "c", "y")
            await run.until_told("what was typed meanwhile is dropped")
            answer.set()
            await run.until_shown("Cancel this run?")
        await run.press("n")
        assert run.operations.calls == []


@contextmanager
def looks_counted() -> Iterator[list[None]]:
    """One for each look at what a key has led to."""
    looks: list[None] = []
    passed = typed_ahead.TypedAhead._passed

    async def counted(typed: typed_ahead.TypedAhead) -> None:
        looks.append(None)
        await passed(typed)

    with mock.patch.object(typed_ahead.TypedAhead, "_passed", counted):
        yield looks


@asynccontextmanager
async def changing(run: Running) -> AsyncIterator[None]:
    """The screen is told something in each turn of the event loop, and the store changes as often."""

    async def tell() -> None:
        while True:
            run.feed_screen.post_message(Tick())
            run.operations.commit()
            await asyncio.sleep(0)

    telling = asyncio.create_task(tell())
    try:
        yield
    finally:
        telling.cancel()


@pytest.mark.parametrize(
    ("keys", "looks_each", "opened"),
    [
        ("jjkjgjjGgj", 0, "backup-home"),
        ("oOoOdd    ", 3, "report-sales"),
        (("/", *"backup-hom", "enter"), 3, "backup-home"),
    ],
    ids=["moves", "acts", "text"],
)
async def test_keys_do_not_wait_for_a_store_that_changes_all_the_time(
    keys: Sequence[str], looks_each: int, opened: str
) -> None:
    """Regression: while thousands of jobs were published each key took up to seconds."""
    async with running() as run:
        with looks_counted() as looks:
            async with changing(run):
                post_keys(run.app, *keys, "enter")
                await wait_until_async(lambda: isinstance(run.screen, JobScreen), what="the keys to be done")
        assert run.feed_screen.crumbs == ("Jobs", opened)
        assert len(looks) <= looks_each * len(keys) + 5


async def test_moves_that_come_before_the_next_picture_are_all_done_in_a_pane_that_scrolls() -> None:
    with mock.patch.object(JobsScreen, "pane_text", return_value=Text("a line\n" * 50)):
        async with running(size=(170, 20)) as run:
            await run.press("tab")
            await run.type_ahead("j", "j", "j", "k", "j")
            assert run.feed_screen.mover.scroll_offset.y == 3


async def test_what_never_ends_is_not_waited_for() -> None:
    async with running() as run:
        ends = asyncio.Event()

        async def told_again() -> None:
            await asyncio.sleep(0)
            if not ends.is_set():
                run.feed_screen.call_later(told_again)

        with looks_counted() as looks:
            run.feed_screen.call_later(told_again)
            post_keys(run.app, "d", "d", "2")
            await run.until_shown("Progress")
            ends.set()
        assert len(looks) <= 3 * typed_ahead._MOST_LOOKS


@pytest.mark.parametrize("keys", [("2", *"/home/123", "enter"), ("2", *"/no", "enter", *"123", "enter")])
async def test_the_first_screen(keys: tuple[str, ...]) -> None:
    app = FirstRunApp("~/jobs", lambda text: "" if text.endswith("123") else "no such folder")
    async with app.run_test():
        post_keys(app, *keys)
        await wait_until_async(lambda: app.return_value is not None, what="the folder to be chosen")
    folder = "/home/123" if "/home/123" in "".join(keys) else "/no123"
    assert app.return_value == Beginning(FOLDER, folder)


async def test_a_key_that_comes_back_from_a_screen_that_is_gone_is_for_nobody() -> None:
    """Regression: keys typed while a signal ended the program could end it with an error."""
    async with running() as run:
        key = events.Key("j", "j")
        key._set_forwarded()
    await run.app.on_event(key)


async def test_an_answer_to_a_screen_that_is_taken_down_is_dropped() -> None:
    """Regression: the row of the filter was mounted for it where nothing can be any more, which was an error."""
    async with running() as run:
        await run.press("2")
        screen = run.feed_screen
        assert isinstance(screen, RunsScreen)
        name, read = next(iter(run.app.feed._questions.items()))
        answer = Answer(name, read, read(run.operations))
    screen.filter_bar = FilterBar("")
    screen.on_answer(answer)
