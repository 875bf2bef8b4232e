"""Colours that can be read on every theme: of statuses on themes that are not ours, and of any text on its ground."""

from __future__ import annotations

import re
from typing import Final

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import BLACK, WHITE, Color
from textual.filter import LineFilter
from textual.theme import Theme

from .presentation.status_marks import HUES
from .themes import THEMES

CONTRAST: Final = 4.5
"""The least ratio of a text to its ground (WCAG 2.1, 1.4.3)."""
SIGNS: Final = 3.0
"""The same of a sign (1.4.11)."""

_NAMES: Final = {"blue": "text-primary", "green": "text-success", "red": "text-error", "purple": "text-accent",
                 "orange": "text-warning", "yellow": "text-secondary"}  # fmt: skip
_ANSI: Final = {"grey": "ansi_bright_black", "blue": "ansi_blue", "green": "ansi_green", "red": "ansi_red",
                "purple": "ansi_magenta", "orange": "ansi_yellow", "yellow": "ansi_cyan"}  # fmt: skip
_OURS: Final = frozenset(theme.name for theme in THEMES)
_STEPS: Final = 20
_KEPT: Final = 4096
_WORD: Final = re.compile(r"[^\W_]")
_SIGN: Final = re.compile("[^\\s\u2500-\u259f]")
"""All but lines and blocks: those are bars and borders, whose shape says enough."""


def status_colours(theme: Theme) -> dict[str, RichColor]:
    """What stands for each of our colours (as `#rrggbb`) on a theme; empty on our own."""
    if theme.name in _OURS:
        return {}
    found = theme.to_color_system().generate()
    ground = Color.parse(found["background"])
    result: dict[str, RichColor] = {}
    for hue, ours in HUES.items():
        if ground.ansi is not None:
            colour = Color.parse(_ANSI[hue])
        elif hue == "grey":
            colour = readable(Color.parse(found["foreground"]).blend(ground, 0.35), ground)
        else:
            colour = readable(Color.parse(found[_NAMES[hue]]), ground)
        result |= dict.fromkeys((one.lower() for one in ours), colour.rich_color)
    return result


def readable(colour: Color, ground: Color, ratio: float = CONTRAST) -> Color:
    """The colour, or the nearest one towards white or black that has this contrast to the ground."""
    if contrast(colour, ground) >= ratio:
        return colour
    target = max((WHITE, BLACK), key=lambda end: contrast(end, ground))
    for step in range(1, _STEPS):
        found = colour.blend(target, step / _STEPS)
        if contrast(found, ground) >= ratio:
            return found
    return target


def contrast(one: Color, other: Color) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.1)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Color) -> float:
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


class Readable(LineFilter):
    """Moves the colour of a text that could not be read on its ground just so far that it can, whoever chose the two.

    What is dim, a state on the row under the cursor, a theme's own pairs, a task's black on black: there are more
    pairs than a theme can be judged by. Bars, borders and scrollbars stay as they are. Comes after all other filters.
    """

    def __init__(self) -> None:
        super().__init__()
        self._found: dict[tuple[Color, Style], tuple[Style, Style]] = {}

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments; those that are changed have words of 4.5:1 and signs of 3:1."""
        return [self._readable(segment, background) for segment in segments]

    def _readable(self, segment: Segment, background: Color) -> Segment:
        text, style, control = segment
        if style is None or style.color is None or text.isspace():
            return segment
        found = self._found.get((background, style))
        if found is None:
            if len(self._found) > _KEPT:
                self._found.clear()
            lifted = _lifted(style, background, CONTRAST)
            found = lifted, style if lifted is style else _lifted(style, background, SIGNS)
            self._found[background, style] = found
        words, signs = found
        if words is style:
            return segment
        if _WORD.search(text):
            return Segment(text, words, control)
        return Segment(text, signs, control) if _SIGN.search(text) else segment


def _lifted(style: Style, background: Color, ratio: float) -> Style:
    colour, ground = style.color, style.bgcolor or background.rich_color
    if colour is None or colour.triplet is None or ground.triplet is None:
        # The terminal's own colours, which nobody here knows: only that two of them are the same.
        is_lost = colour == ground and not ground.is_default
        return style + Style(color="default") if is_lost else style
    front, back = Color.from_rich_color(colour), Color.from_rich_color(ground)
    if style.reverse:
        lifted = readable(back, front, ratio)
        return style if lifted == back else style + Style(bgcolor=lifted.rich_color)
    lifted = readable(front, back, ratio)
    return style if lifted == front else style + Style(color=lifted.rich_color)


class ThemeColours(LineFilter):
    """Puts the colours of the present theme in the place of ours, in all that is painted."""

    def __init__(self) -> None:
        super().__init__()
        self._colours: dict[str, RichColor] = {}
        self._styles: dict[Style, Style] = {}

    def use(self, theme: Theme) -> None:
        """From now on those of this theme."""
        self._colours, self._styles = status_colours(theme), {}
        self.enabled = bool(self._colours)

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments in the theme's colours."""
        return [
            Segment(text, self._style(style), control) if style is not None else Segment(text, style, control)
            for text, style, control in segments
        ]

    def _style(self, style: Style) -> Style:
        found = self._styles.get(style)
        if found is None:
            if len(self._styles) > _KEPT:
                self._styles.clear()
            colour = self._replaced(style.color)
            ground = self._replaced(style.bgcolor)
            found = style + Style(color=colour, bgcolor=ground) if colour or ground else style
            self._styles[style] = found
        return found

    def _replaced(self, colour: RichColor | None) -> RichColor | None:
        return None if colour is None or colour.triplet is None else self._colours.get(colour.triplet.hex)
