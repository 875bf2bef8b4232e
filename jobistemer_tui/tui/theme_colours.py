"""The colours of statuses on themes that are not ours: the theme's own success, error and so on, made readable."""

from __future__ import annotations

from typing import Final

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.theme import Theme

from .presentation.status_marks import HUES
from .themes import THEMES

CONTRAST: Final = 4.5
"""The least ratio of a text to its ground (WCAG 2.1, 1.4.3)."""

_NAMES: Final = {"blue": "text-primary", "green": "text-success", "red": "text-error", "purple": "text-accent",
                 "orange": "text-warning", "yellow": "text-secondary"}  # fmt: skip
_ANSI: Final = {"grey": "ansi_bright_black", "blue": "ansi_blue", "green": "ansi_green", "red": "ansi_red",
                "purple": "ansi_magenta", "orange": "ansi_yellow", "yellow": "ansi_cyan"}  # fmt: skip
_OURS: Final = frozenset(theme.name for theme in THEMES)
_STEPS: Final = 20


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


def readable(colour: Color, ground: Color) -> Color:
    """The colour, or the nearest one towards white or black that can be read on the ground."""
    target = ground.get_contrast_text(1.0)
    for step in range(_STEPS):
        found = colour.blend(target, step / _STEPS)
        if contrast(found, ground) >= CONTRAST:
            return found
    return target


def contrast(one: Color, other: Color) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.1)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Color) -> float:
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


class ThemeColours(LineFilter):
    """Puts the colours of the present theme in the place of ours, in all that is painted."""

    def __init__(self) -> None:
        super().__init__()
        self._colours: dict[str, RichColor] = {}
        self._styles: dict[Style, Style] = {}

    def use(self, theme: Theme) -> None:
        """From now on those of this theme."""
        self._colours, self._styles = status_colours(theme), {}

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments in the theme's colours."""
        if not self._colours:
            return segments
        return [
            Segment(text, self._style(style), control) if style is not None else Segment(text, style, control)
            for text, style, control in segments
        ]

    def _style(self, style: Style) -> Style:
        found = self._styles.get(style)
        if found is None:
            if len(self._styles) > 4096:
                self._styles.clear()
            colour = self._replaced(style.color)
            ground = self._replaced(style.bgcolor)
            found = style + Style(color=colour, bgcolor=ground) if colour or ground else style
            self._styles[style] = found
        return found

    def _replaced(self, colour: RichColor | None) -> RichColor | None:
        return None if colour is None or colour.triplet is None else self._colours.get(colour.triplet.hex)
