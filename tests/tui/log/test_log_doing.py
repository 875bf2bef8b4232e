"""What a person can do in a log beside moving, searching and filtering."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from jobistemer_tui.domain.states import AttemptState
from jobistemer_tui.tui.widgets.log_minimap import LogMinimap
from jobistemer_tui.tui.widgets.log_view_query import parse_query
from tests.support.log_folder import LogFolderWriter
from tests.support.wait_until import wait_until_async
from tests.tui.log.log_app import THIRD, LogOperations, enter, log_operations, press, running


async def test_levels(tmp_path: Path) -> None:
    async with running(log_operations(tmp_path)) as (app, pilot):
        counts = []
        for words in ("level info", "level warn", "level error", "level all"):
            await press(app, pilot, "L")
            assert words in app.rows[-2]
            counts.append(len(app.view.rows))
        assert counts == [66, 3, 2, 66]
        await press(app, pilot, "L", "L", "b")
        assert [row[:4] for row in app.log_rows if row] == ["WARN"]
        bar = next(part for part in app.view.render_line(0) if part.text == "│")
        assert bar.style
        assert bar.style.color == app.view.get_component_rich_style("log-view--warning").color


async def test_context_is_a_key_too(tmp_path: Path) -> None:
    async with running(log_operations(tmp_path)) as (app, pilot):
        await press(app, pilot, "plus")
        assert "there is no filter" in app.told
        await enter(app, pilot, "ampersand", "WARN")
        await press(app, pilot, "plus")
        assert len(app.view.rows) == 5
        assert "&+WARN" in app.rows[-3]
        await press(app, pilot, "plus")
        assert len(app.view.rows) == 1


async def test_marks_keep_the_clock_and_can_be_gone_to(tmp_path: Path) -> None:
    operations = log_operations(tmp_path)
    async with running(operations) as (app, pilot):
        await press(app, pilot, "apostrophe")
        assert "no line is marked" in app.told
        for place in ("40", "3"):
            await enter(app, pilot, "at", place)
            await press(app, pilot, "m")
        assert "◆ 06:35:40" in app.rows[4]
        assert app.rows[4].startswith("◆06:29:41.612 │")
        gone = []
        for key in ("apostrophe", "apostrophe", "quotation_mark", "quotation_mark"):
            await press(app, pilot, key)
            gone.append(app.view.current)
        assert gone == [39, 2, 39, 2]
        await press(app, pilot, "left_square_bracket", "right_square_bracket")
        await wait_until_async(lambda: "try 3" in app.rows[0])
        await app.settling.settled()
        assert list(app.view.marks) == [2, 39]
        await enter(app, pilot, "at", "40")
        await press(app, pilot, "m")
        assert list(app.view.marks) == [2]


async def test_lines_are_selected_by_keys_and_mouse_and_copied(tmp_path: Path) -> None:
    async with running(log_operations(tmp_path)) as (app, pilot):
        await enter(app, pilot, "at", "63")
        await press(app, pilot, "J", "J", "shift+down", "K")
        assert "2 selected" in app.rows[-2]
        await press(app, pilot, "y")
        assert app.clipboard.splitlines() == [
            "WARN slow link: 112 KB/s", "rsync: connection [unexpectedly] closed (0 bytes received)"
        ]  # fmt: skip
        assert "copied lines 63 to 64, 83 B" in app.told
        await press(app, pilot, "escape")
        assert app.view.selection is None
        await press(app, pilot, "g")
        await pilot.mouse_down(app.view, offset=(20, 1))
        await pilot.hover(app.view, offset=(20, 3))
        await pilot.mouse_up(app.view, offset=(20, 3))
        assert app.view.selection == (1, 3)
        await press(app, pilot, "K", "K", "K", "K")
        assert app.view.selection == (0, 1)
        target = tmp_path / "some.log"
        await enter(app, pilot, "s", str(target))
        await wait_until_async(lambda: "saved " in app.told)
        assert len(target.read_text().splitlines()) == 2
        assert app.screen is app.log_screen


async def test_colours_are_saved_on_request_and_nothing_else(tmp_path: Path) -> None:
    line = b"\x1b[1;31mERROR\x1b[0m \x1b]0;title\x07\x1b[38;2;1;2;3;48;5;9mx\x1b[K\n"
    LogFolderWriter(tmp_path / "logs" / str(THIRD)).write(line)
    async with running(LogOperations(tmp_path / "logs")) as (app, pilot):
        for name, keys in (("plain", ()), ("colour", ("tab",)), ("again", ("tab", "shift+tab"))):
            await press(app, pilot, "s")
            await press(app, pilot, *keys)
            app.log_screen.query_one(Input).value = str(tmp_path / name)
            await press(app, pilot, "enter")
            await wait_until_async((tmp_path / name).exists)
            await app.settling.settled()
    assert (tmp_path / "plain").read_text() == (tmp_path / "again").read_text() == "ERROR x\n"
    assert (tmp_path / "colour").read_text() == "\x1b[1;38;5;1mERROR\x1b[0m \x1b[38;2;1;2;3;48;5;9mx\x1b[0m\n"


async def test_zoom_and_what_can_be_clicked(tmp_path: Path) -> None:
    async with running(log_operations(tmp_path)) as (app, pilot):
        await press(app, pilot, "z")
        assert "IMG" in app.rows[0]
        assert "zoom on" in app.rows[-1]
        await press(app, pilot, "z")
        assert "Jobistemer" in app.rows[0]
        for words, was in (("wrap off", "wrap on"), ("level all", "level info"), ("stream both", "stream stdout")):
            await pilot.click(offset=(app.rows[-2].index(words) + 2, 22))
            await app.settling.settled()
            assert was in app.rows[-2]
        await pilot.click(offset=(app.rows[1].index("‹2✗›") + 1, 1))
        await wait_until_async(lambda: "try 2" in app.rows[0])


async def test_the_column_at_the_edge_and_the_list(tmp_path: Path) -> None:
    async with running(log_operations(tmp_path), size=(80, 75)) as (app, pilot):
        minimap = app.log_screen.query_one(LogMinimap)
        await enter(app, pilot, "slash", "building")
        await press(app, pilot, "m", "J", "escape")
        await enter(app, pilot, "slash", "IMG_2201")
        signs = {y: minimap.sign_at(y) for y in range(minimap.size.height) if minimap.sign_at(y)}
        assert list(signs.values()) == ["mark", "match", "warning", "error", "error"]
        assert [app.rows[2 + y][-1] for y in signs] == ["◆", "━", "▒", "█", "█"]
    async with running(log_operations(tmp_path / "again")) as (app, pilot):
        await press(app, pilot, "d")
        assert "3 errors and warnings" in "\n".join(app.rows)
        assert any(row.endswith("✗ 66 ERROR upload failed,…") for row in app.rows)
        await press(app, pilot, "g", "tab", "j", "down", "up", "enter")
        assert app.view.current == 62
        assert app.view.has_focus
        await press(app, pilot, "tab", "escape")
        assert app.view.has_focus
        await pilot.click(LogMinimap, offset=(0, 0))
        assert app.log_rows[0].startswith("building")
        await pilot.click(LogMinimap, offset=(0, 17))
        assert app.view.percent == 100


@pytest.mark.parametrize("text", ["a{99999999999999999999}", "(" * 3000, "a**"])
def test_no_expression_is_taken_literally(text: str) -> None:
    """Regression: of these only the last one was."""
    query = parse_query(text)
    assert query is not None
    assert query.problem.startswith("taken literally")
    assert query.in_text.search(f"x{text}y")


def test_an_expression_that_may_change_its_meaning_is_no_warning() -> None:
    query = parse_query("[[a]")
    assert query is not None
    assert not query.problem


async def test_what_cannot_be_meant_is_said_and_nothing_crashes(tmp_path: Path) -> None:
    """Regression: each of these ended the program."""
    async with running(log_operations(tmp_path)) as (app, pilot):
        await enter(app, pilot, "slash", "a{9999999999}")
        assert app.view.wanted.search == parse_query("a{9999999999}")
        await enter(app, pilot, "at", "-999999d")
        assert app.view.current == 0
        await enter(app, pilot, "s", "~nobody-at-all/x.log")
        assert "~nobody-at-all/x.log cannot be found" in app.told


async def test_output_that_comes_from_another_machine_is_shown_when_it_comes(tmp_path: Path) -> None:
    """Regression: opened before its first output was there, the log of a try elsewhere stayed empty."""
    operations = log_operations(tmp_path / "there", AttemptState.RUNNING)
    there, operations.logs = operations.logs, tmp_path / "here"
    async with running(operations) as (app, _):
        assert not len(app.view.rows)
        operations.logs = there
        operations.touch()
        await wait_until_async(lambda: len(app.view.rows) > 60, what="its lines")
