"""Whatever a task writes, the terminal gets no escape but ours."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.color import Color, ColorSystem
from rich.style import Style
from textual.strip import Strip
from textual.widgets import Input

from tests.support.log_folder import HOSTILE_LINES, LogFolderWriter
from tests.tui.log.log_app import THIRD, LogOperations, enter, press, running

OURS = re.compile(r"\x1b\[[0-9;]*m")
DANGEROUS = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def sent(strip: Strip) -> str:
    """What the terminal gets for a strip, without the colours that we set."""
    parts = [(part.style or Style()).render(part.text, color_system=ColorSystem.TRUECOLOR) for part in strip]
    return OURS.sub("", "".join(parts))


def write_hostile(tmp_path: Path) -> None:
    writer = LogFolderWriter(tmp_path / str(THIRD))
    for number, line in enumerate(HOSTILE_LINES):
        writer.write(line + b"\n", stderr=number % 2 == 1)


@pytest.mark.parametrize("wrap", [False, True])
async def test_no_escape_but_ours_is_sent(tmp_path: Path, wrap: bool) -> None:
    write_hostile(tmp_path)
    seen = set()
    async with running(LogOperations(tmp_path), size=(100, 30)) as (app, pilot):
        await press(app, pilot, *(["w"] if wrap else []), "g")
        while True:
            strips = app.screen._compositor.render_strips()
            texts = [sent(strip) for strip in strips]
            assert [text for text in texts if DANGEROUS.search(text)] == []
            assert {cell_len(text) for text in texts} == {100}
            assert max(len(text) for text in texts) <= 100 * 5
            seen |= {text[16:40].strip() for text in texts}
            if app.view.percent == 100:
                break
            await press(app, pilot, "pagedown")
        assert not app.log_screen.query("Toast")
    assert {"title", "clipboard", "link", "strings", "[/x] [bold red]markup[/]"} <= seen
    assert any(text.startswith("unfinished ␛]0;never") for text in seen)


async def test_colours_of_the_task_are_kept_and_end_with_the_line(tmp_path: Path) -> None:
    LogFolderWriter(tmp_path / str(THIRD)).write(b"\x1b[31mred for ever\nplain\n\x1b[38;2;1;2;3mrgb\n")
    async with running(LogOperations(tmp_path)) as (app, _):
        colours = [
            {str(part.style and part.style.color) for part in app.view.render_line(y) if word in part.text}
            for y, word in enumerate(("red", "plain", "rgb"))
        ]
        ground = str(app.view.rich_style.color)
        assert colours[1] == {ground}
        assert colours[0] == {str(Color.from_ansi(1))}
        assert colours[2] == {str(Color.from_rgb(1, 2, 3))}


async def test_long_lines_say_how_much_is_hidden(tmp_path: Path) -> None:
    LogFolderWriter(tmp_path / str(THIRD)).write(b"a\n" + b"m" * 22_000 + b"\n" + b"n" * 1_000_000 + b"\n")
    async with running(LogOperations(tmp_path)) as (app, pilot):
        await press(app, pilot, "w", "G")
        rows = [row for row in app.log_rows if row]
        assert rows[-1].endswith("… +973 KiB (O)")
        await enter(app, pilot, "at", "2")
        await press(app, pilot, "g")
        text = "".join(app.log_rows)
        assert text.startswith("m" * 1000) or text.startswith("a" + "m" * 1000)
        await enter(app, pilot, "at", "3")
        await press(app, pilot, *["k"] * 5)
        assert any(row.endswith("… +18 KiB (O)") for row in app.log_rows)


async def test_in_an_ascii_terminal_only_the_task_has_other_signs(tmp_path: Path) -> None:
    """Regression: where a line is cut we wrote an ellipsis."""
    LogFolderWriter(tmp_path / str(THIRD)).write("─·…".encode() + b"n" * 1_000_000 + b"\n")
    async with running(LogOperations(tmp_path), ascii_only=True) as (app, pilot):
        app.log_screen.log_view.empty_text = "Reading…"
        assert "─·…n" in app.rows[2]
        await press(app, pilot, "w", "G")
        assert "".join(app.log_rows).rstrip().endswith("n ~ +973 KiB (O)")


async def test_names_are_no_markup_either(tmp_path: Path) -> None:
    class Hostile(LogOperations):
        NAME = "\x1b]0;x\x07[/x] [@click=app.quit]job"

    write_hostile(tmp_path)
    operations = Hostile(tmp_path)
    place = operations.log(THIRD)
    operations.log = lambda attempt_id: type(place)(  # type: ignore[method-assign]  # one job with an evil name
        place.attempt, Hostile.NAME, Hostile.NAME, place.occurrence, place.folder
    )
    async with running(operations, size=(120, 24)) as (app, pilot):
        assert "▸ [/x] [@click=app.quit]job ▸" in app.rows[0]
        await pilot.press("s")
        assert app.log_screen.query_one(Input).value.endswith("x-click-app-quit-job-try3.log")
