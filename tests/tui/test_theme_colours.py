"""Statuses can be read on every theme, ours and foreign ones, and told apart by those who see few colours."""

from __future__ import annotations

from itertools import combinations, product
from pathlib import Path

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.color import BLACK, Color
from textual.theme import BUILTIN_THEMES, Theme

from jobistemer_tui.tui.presentation.status_marks import ALL_MARKS, HUES
from jobistemer_tui.tui.theme_colours import CONTRAST, SIGNS, Readable, ThemeColours, contrast, status_colours
from jobistemer_tui.tui.themes import DARK, THEMES, theme_names
from tests.support.fake_operations import FakeEngine, FakeOperations
from tests.support.screen import Running, make_app, painted, running

FOREIGN = [theme for theme in BUILTIN_THEMES.values() if not theme.ansi]


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_our_own_themes_are_readable_throughout(theme: Theme) -> None:
    found = theme.to_color_system().generate()
    grounds = [found["background"], found["surface"], found["panel"], found["footer-background"]]
    colours = [mark.dark if theme.dark else mark.light for mark in ALL_MARKS]
    colours += [found[name] for name in ("foreground", "primary", "accent", "warning", "error", "success")]
    poor = {
        (colour, ground): contrast(Color.parse(colour), Color.parse(ground))
        for colour in colours
        for ground in grounds
        if contrast(Color.parse(colour), Color.parse(ground)) < CONTRAST
    }
    assert poor == {}
    for name in ("block-cursor", "block-cursor-blurred"):
        ratio = contrast(Color.parse(found[f"{name}-foreground"]), Color.parse(found[f"{name}-background"]))
        assert ratio >= CONTRAST, name


@pytest.mark.parametrize("theme", FOREIGN, ids=lambda theme: theme.name)
def test_foreign_themes_get_their_own_colours_made_readable(theme: Theme) -> None:
    ground = Color.parse(theme.to_color_system().generate()["background"])
    colours = status_colours(theme)
    assert set(colours) == {colour.lower() for pair in HUES.values() for colour in pair}
    for colour in colours.values():
        assert contrast(Color.from_rich_color(colour), ground) >= CONTRAST


@pytest.mark.parametrize("theme", [*THEMES, *FOREIGN], ids=lambda theme: theme.name)
def test_any_colour_is_readable_on_any_ground_of_a_theme(theme: Theme) -> None:
    """Regression: on nord, the state of the row under the cursor had a contrast of 1.2."""
    found = theme.to_color_system().generate()
    grounds = [Color.parse(found[name]) for name in ("background", "surface", "panel", "primary", "error")]
    fronts = [Color.parse(found["foreground"]), *map(Color.from_rich_color, status_colours(theme).values())]
    readable, least = Readable(), {"a": CONTRAST, "✗": SIGNS}
    for ground, front in product(grounds, {*fronts, *(Color.parse(mark.dark) for mark in ALL_MARKS)}):
        style = Style(color=front.rich_color, bgcolor=ground.rich_color)
        for text, found_style, _ in readable.apply([Segment(text, style) for text in least], ground):
            assert ratio_of(found_style) >= least[text], (text, front, ground)
    (segment,) = readable.apply([Segment("a", Style(color="#88c0d0", bgcolor="#d4969c", reverse=True))], BLACK)
    assert ratio_of(segment.style) >= CONTRAST


def test_what_can_be_read_and_what_is_no_text_stays_as_it_is() -> None:
    faint = Style(color="#202020", bgcolor="#101010")
    segments = [
        Segment("─ ▄█ ", faint),
        Segment("a", Style(color="#ffffff", bgcolor="#101010")),
        Segment("a", Style(color="red")),
        Segment("a"),
    ]
    (lost,) = Readable().apply([Segment("a", Style(color="red", bgcolor="red"))], BLACK)
    assert lost.style == Style(color="default", bgcolor="red"), "of the terminal's own colours only this is known"
    assert all(one is other for one, other in zip(Readable().apply(segments, Color(0, 0, 0)), segments, strict=True))


async def test_all_words_are_readable_and_those_under_a_dialog_are_not(logs: Path) -> None:
    """Also in a log that was open when the theme was chosen: its times kept the colours of the one before."""
    async with running(logs=logs, size=(120, 36)) as run:
        await run.press("j", "j", "enter", "enter", "enter")
        await run.until_shown("giving up")
        run.app.theme = "nord"
        for _ in range(3):
            await run.settle()
            assert faint_words(run) == []
            await run.press("escape")
        assert faint_words(run) == []
        await run.press("q")
        await run.until_shown("Leave Jobistemer?")
        await run.settle()
        assert "backup-vm" in faint_words(run)


def faint_words(run: Running) -> list[str]:
    """The words on the screen that cannot be read."""
    words = ((text.strip(), style) for text, style in painted(run.app) if any(map(str.isalnum, text)))
    return [text for text, style in words if ratio_of(style) < CONTRAST - 0.01]


def ratio_of(style: Style | None) -> float:
    """The contrast of a text to its ground."""
    assert style is not None
    assert style.color is not None
    assert style.bgcolor is not None
    return contrast(Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor))


def test_terminal_themes_get_the_colours_of_the_terminal() -> None:
    colours = status_colours(BUILTIN_THEMES["ansi-dark"])
    assert colours["#4ebf71"].number == 2


def test_what_is_painted_is_replaced_and_nothing_else() -> None:
    colours = ThemeColours()
    segments = [
        Segment("a", Style.parse("bold #4EBF71")),
        Segment("b", Style.parse("#123456 on #FF6B4A")),
        Segment("c"),
    ]
    colours.use(DARK)
    assert colours.apply(segments, Color(0, 0, 0)) == segments
    colours.use(BUILTIN_THEMES["nord"])
    for _ in range(2):
        first, second, third = colours.apply(segments, Color(0, 0, 0))
        wanted = status_colours(BUILTIN_THEMES["nord"])
        assert first.style == Style(bold=True, color=wanted["#4ebf71"])
        assert second.style == Style(color="#123456", bgcolor=wanted["#ff6b4a"])
        assert third == segments[2]


def test_states_differ_in_more_than_colour() -> None:
    """Whoever sees no colours has the glyph, or the label."""
    same = [
        (one, other)
        for one, other in combinations(ALL_MARKS, 2)
        if (one.glyph, one.label) == (other.glyph, other.label)
    ]
    assert [(one.dark, other.dark) for one, other in same] == [("#56B4E9", "#CC79A7")]  # cancelling, cancelled


def test_names_of_themes() -> None:
    assert theme_names()[:3] == [theme.name for theme in THEMES]
    assert set(BUILTIN_THEMES) <= set(theme_names())


def test_the_colours_of_a_theme_are_computed_once() -> None:
    app = make_app(FakeOperations(), FakeEngine())
    dark = app.get_css_variables()
    assert app.get_css_variables() is dark
    app.theme = "jobistemer-light"
    light = app.get_css_variables()
    assert light["background"] != dark["background"]
    assert app.theme_variables == light
