"""The attempt log as a person uses it."""

from __future__ import annotations

import functools
from contextlib import nullcontext
from pathlib import Path
from uuid import UUID

import pytest
from textual.events import MouseScrollDown

from jobistemer_tui.domain.states import AttemptState
from jobistemer_tui.tui.dialogs.keys_dialog import KeysDialog
from jobistemer_tui.tui.widgets.log_actions import LOG_ACTIONS, LOG_SCREEN_ACTIONS
from jobistemer_tui.tui.widgets.log_view_pager import open_pager
from tests.support.log_folder import LogFolderWriter, write_big_log
from tests.support.screen_texts import SIZES, assert_screen_text
from tests.support.wait_until import wait_until_async
from tests.tui.log.log_app import FIRST, SECOND, THIRD, LogApp, LogOperations, enter, log_operations, press, running

RUNNING = AttemptState.RUNNING


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_rows(tmp_path: Path, size: tuple[int, int]) -> None:
    suffix = f"{size[0]}x{size[1]}"
    async with running(log_operations(tmp_path), size=size) as (app, pilot):
        assert_screen_text(f"log_{suffix}", app.rows)
        await press(app, pilot, "t", "t", "L", "L", "d")
        await enter(app, pilot, "slash", "connection")
        await press(app, pilot, "m", "J", "K")
        assert_screen_text(f"log_searched_{suffix}", app.rows)


async def test_prompts_and_what_is_shown_where_nothing_is(tmp_path: Path) -> None:
    async with running(log_operations(tmp_path)) as (app, pilot):
        bottoms = []
        for key in ("slash", "ampersand", "at", "s"):
            await press(app, pilot, key)
            bottoms.append(app.rows[-3].partition(str(Path.cwd())[:8])[0].rstrip())
            if key == "s":
                await press(app, pilot, "tab")
                bottoms.append(app.rows[-3].partition(str(Path.cwd())[:8])[0].rstrip())
            await press(app, pilot, "escape")
        await enter(app, pilot, "ampersand", "+!photos")
        await press(app, pilot, "z")
        bottoms += app.rows[-4:]
        assert_screen_text("log_prompts", bottoms)
    async with running(log_operations(tmp_path / "again"), size=(40, 10)) as (app, pilot):
        assert_screen_text("log_40x10", app.rows)
        await press(app, pilot, "d")
        assert_screen_text("log_detail_40x10", app.rows)


async def test_ascii(tmp_path: Path) -> None:
    async with running(log_operations(tmp_path), ascii_only=True) as (app, _):
        assert [row for row in app.rows if not row.isascii()] == []


MOVES = (
    (("g",), "building file list ... done"),
    (("home", "down", "j"), "photos/2026/10/IMG_2201.CR3"),
    (("g", "pagedown"), "photos/2026/10/IMG_2220.CR3"),
    (("g", "space", "pageup"), "building file list ... done"),
    (("g", "ctrl+d"), "photos/2026/10/IMG_2209.CR3"),
    (("g", "G"), "photos/2026/10/IMG_2244.CR3"),
    (("G", "up", "k"), "photos/2026/10/IMG_2242.CR3"),
    (("G", "ctrl+u"), "photos/2026/10/IMG_2234.CR3"),
    (("g", "up"), "building file list ... done"),
    (("G", "down", "pagedown"), "photos/2026/10/IMG_2244.CR3"),
    (("g", "right"), "ile list ... done"),
    (("g", "right", "right", "left", "left"), "ile list ... done"),
)


async def test_movement(tmp_path: Path) -> None:
    async with running(log_operations(tmp_path), size=(80, 25)) as (app, pilot):
        for keys, first in MOVES:
            await press(app, pilot, *keys)
            assert app.log_rows[0] == first, keys


async def test_the_wheel_and_the_scrollbar_scroll(tmp_path: Path) -> None:
    async with running(log_operations(tmp_path)) as (app, pilot):
        await press(app, pilot, "g")
        assert app.view.vertical_scrollbar.position == 0
        await pilot._post_mouse_events([MouseScrollDown], widget=app.view)
        await pilot.pause()
        assert app.log_rows[0] == "photos/2026/10/IMG_2202.CR3"
        assert app.view.vertical_scrollbar.position == 3
        app.view.scroll_to(y=10, animate=False)
        await pilot.pause()
        assert app.log_rows[0] == "photos/2026/10/IMG_2209.CR3"


async def test_search_counts_and_goes_round(tmp_path: Path) -> None:
    async with running(log_operations(tmp_path)) as (app, pilot):
        await press(app, pilot, "g")
        await enter(app, pilot, "slash", "img_22[01]1")
        marked = []
        for key in ("n", "n", "N", "N"):
            marked.append((app.view.current, app.rows[-3].strip()))
            await press(app, pilot, key)
        assert marked == [
            (2, "/img_22[01]1  match 1 of 2   n N"),
            (12, "/img_22[01]1  match 2 of 2   n N"),
            (2, "/img_22[01]1  match 1 of 2   n N"),
            (12, "/img_22[01]1  match 2 of 2   n N"),
        ]
        await enter(app, pilot, "slash", "")
        assert "match" not in "\n".join(app.rows)


async def test_a_search_with_capitals_minds_case_and_a_broken_one_is_literal(tmp_path: Path) -> None:
    async with running(log_operations(tmp_path)) as (app, pilot):
        await enter(app, pilot, "slash", "[unexp")
        assert "match 1 of 1" in app.rows[-3]
        assert "taken literally" in app.rows[-3]
        await enter(app, pilot, "slash", "Photos")
        assert "0 matches" in app.rows[-3]
        assert "nothing matches Photos" in app.told


async def test_filter_and_search_are_two_things(tmp_path: Path) -> None:
    async with running(log_operations(tmp_path)) as (app, pilot):
        await enter(app, pilot, "ampersand", "rsync")
        assert [row[:6] for row in app.log_rows if row] == ["rsync:", "rsync "]
        assert "&rsync  2 of 66 lines" in app.rows[-3]
        await enter(app, pilot, "slash", "photos")
        assert "0 matches" in app.rows[-3]
        await enter(app, pilot, "ampersand", "!photos")
        assert [row[:5] for row in app.log_rows if row] == ["build", "sendi", "WARN ", "rsync", "rsync", "ERROR"]
        await enter(app, pilot, "ampersand", "+WARN")
        assert [row[-8:] for row in app.log_rows if row][:3] == ["2259.CR3", "2260.CR3", "112 KB/s"]
        assert len([row for row in app.log_rows if row]) == 5
        await enter(app, pilot, "ampersand", "nothing such")
        await wait_until_async(lambda: "No line of 66 fits;" in "\n".join(app.rows), what="the words")
        await enter(app, pilot, "ampersand", "")
        assert "60 matches" in app.rows[-3]


async def test_streams(tmp_path: Path) -> None:
    async with running(log_operations(tmp_path)) as (app, pilot):
        await press(app, pilot, "b")
        assert "stream stdout" in app.rows[-2]
        assert app.log_rows[-1] == "WARN slow link: 112 KB/s"
        await press(app, pilot, "b")
        assert [row[:5] for row in app.log_rows if row] == ["rsync", "rsync", "ERROR"]
        await press(app, pilot, "b")
        assert len(app.view.rows) == 66


async def test_wrap_shows_all_of_a_line(tmp_path: Path) -> None:
    async with running(log_operations(tmp_path)) as (app, pilot):
        assert not any("was deleted" in row for row in app.log_rows)
        await press(app, pilot, "w", "G")
        assert any("was deleted" in row for row in app.log_rows)
        assert app.log_rows[-1] == "ERROR upload failed, giving up"
        bars = [app.view.render_line(y).text[14] for y in range(app.view.size.height)]
        assert bars.count("┃") == 5


async def test_wrapped_wide_characters_are_all_there(tmp_path: Path) -> None:
    text = "".join(chr(0x4E00 + number) for number in range(200))
    LogFolderWriter(tmp_path / str(THIRD)).write(f"a{text}\n".encode())
    async with running(LogOperations(tmp_path)) as (app, pilot):
        await press(app, pilot, "w")
        assert "".join(app.log_rows) == f"a{text}"


async def test_time_column(tmp_path: Path) -> None:
    async with running(log_operations(tmp_path)) as (app, pilot):
        await press(app, pilot, "g")
        shown = [app.rows[3][:18].strip()]
        for _ in range(4):
            await press(app, pilot, "t")
            shown.append(app.rows[3][:18].strip())
        assert shown == ["06:29:41.112 │ se"] * 2 + ["+00:00:01.00 │ se", "+1.000s │ se", "│ sending increme"]
        assert "time off" in app.rows[-2]
        await press(app, pilot, "number_sign")
        assert app.rows[3][:14] == "    2 │ sendin"
        assert "numbers on" in app.rows[-2]


PLACES = (("1", 0), ("66", 65), ("999", 65), ("50%", 32), ("06:30", 39), ("06:30:12", 62), ("-5s", 57), ("+10s", 19))


async def test_goto(tmp_path: Path) -> None:
    async with running(log_operations(tmp_path)) as (app, pilot):
        for place, line in PLACES:
            await enter(app, pilot, "at", place)
            assert app.view.current == line, place


async def test_a_place_that_is_none_can_be_typed_again(tmp_path: Path) -> None:
    async with running(log_operations(tmp_path)) as (app, pilot):
        await enter(app, pilot, "at", "[/x] tomorrow")
        assert "cannot go to '[/x] tomorrow'" in app.told
        await enter(app, pilot, "x", "25:00")
        assert "25:00 is no time of day" in app.told
        await press(app, pilot, "escape")
        assert app.screen is app.log_screen
        assert app.view.has_focus


def is_marked(app: LogApp, line: int) -> bool:
    return app.view.current == line


async def test_errors_and_warnings(tmp_path: Path) -> None:
    async with running(log_operations(tmp_path)) as (app, pilot):
        await press(app, pilot, "g")
        steps = [("right", 62), ("right", 64), ("right", 65), ("left", 64)]
        for side, line in steps:
            await press(app, pilot, f"{side}_curly_bracket")
            await wait_until_async(functools.partial(is_marked, app, line), what=f"line {line}")
        await press(app, pilot, "G", "right_curly_bracket", "right_curly_bracket")
        await wait_until_async(lambda: "no more errors or warnings below" in app.told)


async def test_follow_is_left_by_scrolling_up_and_taken_up_again(tmp_path: Path) -> None:
    operations = log_operations(tmp_path, RUNNING)
    writer = LogFolderWriter(tmp_path / str(FIRST))
    writer.write(b"".join(b"line %d\n" % number for number in range(100)))
    operations.first = RUNNING
    async with running(operations, attempt_id=FIRST) as (app, pilot):
        assert "FOLLOW on" in app.rows[-2]
        writer.write(b"line 100\n")
        await wait_until_async(lambda: app.log_rows[-1] == "line 100")
        await press(app, pilot, "w", "w", "t", "k")
        assert "FOLLOW off" in app.rows[-2]
        top = app.log_rows[0]
        writer.write(b"".join(b"more %d\n" % number for number in range(132)))
        await wait_until_async(lambda: "+132 new ▼" in app.rows[-2] or "+133 new ▼" in app.rows[-2])
        assert app.log_rows[0] == top
        for key in ("f", "G", "end"):
            await press(app, pilot, key)
            assert "FOLLOW on" in app.rows[-2]
            assert "new" not in app.rows[-2]
            await press(app, pilot, "k")
            assert "FOLLOW off" in app.rows[-2]


async def test_an_attempt_that_ends_is_read_to_its_end_and_no_more(tmp_path: Path) -> None:
    operations = log_operations(tmp_path, RUNNING)
    async with running(operations) as (app, pilot):
        assert "No output" not in "\n".join(app.rows)
        reader = app.view.reader
        assert reader is not None
        assert not reader.ended
        operations.third = AttemptState.SUCCESS
        operations.touch()
        await wait_until_async(lambda: reader.ended)
        await wait_until_async(lambda: "✓ OK" in app.rows[1])
        await press(app, pilot, "f")


async def test_from_try_to_try(tmp_path: Path) -> None:
    async with running(log_operations(tmp_path)) as (app, pilot):
        await enter(app, pilot, "slash", "only")
        await press(app, pilot, "w", "left_square_bracket")
        await wait_until_async(lambda: "try 2" in app.rows[0])
        await app.settling.settled()
        assert app.log_rows[0] == "only this line"
        assert "1 match " in app.rows[-3]
        assert "wrap on" in app.rows[-2]
        await press(app, pilot, "left_square_bracket")
        await wait_until_async(lambda: "try 1" in app.rows[0])
        await wait_until_async(lambda: "The log is gone" in "\n".join(app.rows))
        await press(app, pilot, "left_square_bracket")
        assert "there is no earlier try" in app.told
        await press(app, pilot, "right_square_bracket")
        await wait_until_async(lambda: "try 2" in app.rows[0])


@pytest.mark.parametrize(
    ("third", "folder", "words"),
    [
        (RUNNING, False, "No output yet (started 6m00s ago)."),
        (RUNNING, True, "No output yet (started 6m00s ago)."),
        (AttemptState.SUCCESS, True, "The task wrote nothing."),
        (AttemptState.SUCCESS, False, "The log is gone"),
        (AttemptState.PLANNED, False, "This try has not started."),
        (AttemptState.NOT_STARTED, False, "This try never started"),
    ],
)
async def test_why_nothing_is_shown(tmp_path: Path, third: AttemptState, folder: bool, words: str) -> None:
    if folder:
        (tmp_path / str(THIRD)).mkdir()
    async with running(LogOperations(tmp_path, third)) as (app, _):
        await wait_until_async(lambda: words in "\n".join(app.rows), what=words)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_an_empty_log_as_text(tmp_path: Path, size: tuple[int, int]) -> None:
    async with running(LogOperations(tmp_path, RUNNING), size=size) as (app, _):
        await wait_until_async(lambda: "No output yet" in "\n".join(app.rows))
        await app.settling.settled()
        assert_screen_text(f"log_none_{size[0]}x{size[1]}", app.rows)
        # Nothing else is painted anew when the words come later than the rows: they stayed away for good.
        app.view.empty_text = "what was learnt later"
        assert "what was learnt later" in "\n".join(app.rows)


async def test_a_log_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    (tmp_path / str(THIRD) / "output.log").mkdir(parents=True)
    async with running(LogOperations(tmp_path)) as (app, _):
        await wait_until_async(lambda: "The log cannot be read: " in "\n".join(app.rows))


async def test_an_attempt_that_is_unknown_says_so(tmp_path: Path) -> None:
    app = LogApp(LogOperations(tmp_path), UUID(int=77))
    async with app.run_test():
        await wait_until_async(lambda: "no attempt 00000000" in "\n".join(app.rows))


async def test_save_writes_a_new_file_of_what_is_shown(tmp_path: Path) -> None:
    target = tmp_path / "saved.txt"
    async with running(log_operations(tmp_path / "logs")) as (app, pilot):
        await enter(app, pilot, "ampersand", "ERROR")
        await enter(app, pilot, "s", str(target))
        await wait_until_async(lambda: "saved " in app.told)
        assert target.read_text() == "ERROR upload failed, giving up\n"
        await enter(app, pilot, "s", str(target))
        await wait_until_async(lambda: "exists already" in app.told)
        await enter(app, pilot, "s", "/nonexistent/log.txt")
        await wait_until_async(lambda: "cannot save" in app.told)


async def test_a_line_is_copied_clean(tmp_path: Path) -> None:
    async with running(log_operations(tmp_path)) as (app, pilot):
        await enter(app, pilot, "at", "66")
        await press(app, pilot, "y")
        assert app.clipboard == "ERROR upload failed, giving up"
        assert "copied line 66" in app.told


async def test_a_click_marks_the_line(tmp_path: Path) -> None:
    async with running(log_operations(tmp_path)) as (app, pilot):
        await press(app, pilot, "g")
        await pilot.click(app.view, offset=(20, 2))
        assert app.view.current == 2


async def test_the_pager_gets_clean_text(tmp_path: Path) -> None:
    async with running(log_operations(tmp_path / "logs")) as (app, pilot):
        await press(app, pilot, "O")
        await wait_until_async(lambda: "cannot be lent to a pager" in app.told)
        assert app.view.reader is not None
        script = tmp_path / "pager"
        script.write_text(f'#!/bin/sh\ncp "$1" {tmp_path}/seen\n')
        script.chmod(0o700)
        await open_pager(nullcontext, {"PAGER": str(script)}, app.view.reader, None)
        assert (tmp_path / "seen").read_text().endswith("\nERROR upload failed, giving up\n")


@pytest.mark.parametrize("key", ["escape", "q"])
async def test_out(tmp_path: Path, key: str) -> None:
    async with running(log_operations(tmp_path)) as (app, pilot):
        await press(app, pilot, "left", "right", "h", "enter", "backspace")
        assert app.screen is app.log_screen
        await pilot.press(key)
        await wait_until_async(lambda: app.screen is not app.log_screen)


async def test_a_big_log_is_indexed_while_the_keys_work(tmp_path: Path) -> None:
    write_big_log(tmp_path / str(THIRD), 300_000)
    async with running(LogOperations(tmp_path)) as (app, pilot):
        assert app.log_rows[-1] == "00299999 line"
        assert "300 000 lines · 4.0 MiB" in app.rows[1]
        await enter(app, pilot, "at", "150001")
        assert "00150000 line" in app.log_rows
        await enter(app, pilot, "ampersand", "00$")
        assert len(app.view.rows) == 0
        await enter(app, pilot, "ampersand", "000 line$")
        assert len(app.view.rows) == 300


def test_every_key_has_one_meaning() -> None:
    keys = [key for action in (*LOG_ACTIONS, *LOG_SCREEN_ACTIONS) for key in action.keys]
    assert len(keys) == len(set(keys))
    assert all(action.tooltip and action.label for action in (*LOG_ACTIONS, *LOG_SCREEN_ACTIONS))


async def test_every_action_exists(tmp_path: Path) -> None:
    async with running(log_operations(tmp_path)) as (app, _):
        assert [a.id for a in LOG_ACTIONS if not hasattr(app.view, f"action_{a.id}")] == []
        assert [a.id for a in LOG_SCREEN_ACTIONS if not hasattr(app.log_screen, f"action_{a.id}")] == []
        assert app.log_screen.tries[1].id == SECOND


async def test_the_keys_help_lists_the_keys_of_the_log_and_does_them(tmp_path: Path) -> None:
    async with running(log_operations(tmp_path)) as (app, pilot):
        await pilot.press("question_mark")
        await wait_until_async(lambda: isinstance(app.screen, KeysDialog), what="the keys help")
        await pilot.press(*"wrap", "enter")
        await wait_until_async(lambda: app.view.wrap, what="the chosen action")
