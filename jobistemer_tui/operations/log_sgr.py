"""Select Graphic Rendition (ECMA-48 8.3.117, colours as in ITU T.416 and xterm) as data."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import Any

from jobistemer_tui.settings.quick_dataclass import dataclass

Colour = int | tuple[int, int, int]
"""A number of the 256-colour palette (0–15 are the theme's), or red, green, blue."""

_SGR = re.compile(r"(?:\x1b\[|\x9b)([0-9:;]*)m")
_PARAMETERS = 64  # more than this in one sequence is not a style


@dataclass(frozen=True, slots=True)
class SgrStyle:
    """How a run is drawn. Hidden and blinking text is not offered: it is shown plainly."""

    foreground: Colour | None = None
    background: Colour | None = None
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underline: bool = False
    reverse: bool = False
    strike: bool = False


PLAIN = SgrStyle()

_FLAGS: dict[int, dict[str, Any]] = {
    1: {"bold": True},
    2: {"dim": True},
    3: {"italic": True},
    4: {"underline": True},
    7: {"reverse": True},
    9: {"strike": True},
    21: {"underline": True},
    22: {"bold": False, "dim": False},
    23: {"italic": False},
    24: {"underline": False},
    27: {"reverse": False},
    29: {"strike": False},
}


_SET = {1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "reverse", 9: "strike"}


@lru_cache(maxsize=4096)
def apply_sgr(sequence: str, style: SgrStyle) -> SgrStyle:
    """The style after an escape sequence; unchanged if the sequence is not SGR."""
    match = _SGR.fullmatch(sequence)
    if match is None:
        return style
    groups = match[1].split(";", _PARAMETERS)[:_PARAMETERS]
    while groups:
        groups, style = _apply_group(groups, style)
    return style


def sgr_sequence(style: SgrStyle) -> str:
    """The sequence that sets a style on plain text; empty if the style is plain."""
    codes = [str(code) for code, name in _SET.items() if getattr(style, name)]
    for base, colour in ((38, style.foreground), (48, style.background)):
        if isinstance(colour, tuple):
            codes.append(f"{base};2;{colour[0]};{colour[1]};{colour[2]}")
        elif colour is not None:
            codes.append(f"{base};5;{colour}")
    return f"\x1b[{';'.join(codes)}m" if codes else ""


def _apply_group(groups: list[str], style: SgrStyle) -> tuple[list[str], SgrStyle]:
    """Apply the first group (or, for `38;5;n` and `38;2;r;g;b`, the first few); gives the groups left over."""
    values = [_number(part) for part in groups[0].split(":", 8)]
    rest = groups[1:]
    code = values[0]
    if code in (38, 48):
        if len(values) == 1:
            used = {5: 2, 2: 4}.get(_number(rest[0]) if rest else 0, 1)
            values += [_number(part) for part in rest[:used]]
            rest = rest[used:]
        colour = _extended_colour(values[1:])
        return rest, style if colour is None else _with_colour(style, code, colour)
    if code == 4 and values[1:] == [0]:
        return rest, replace(style, underline=False)
    return rest, _apply_code(code, style)


def _apply_code(code: int, style: SgrStyle) -> SgrStyle:
    if code == 0:
        return PLAIN
    if code in _FLAGS:
        return replace(style, **_FLAGS[code])
    if code in (39, 49):
        return _with_colour(style, code - 1, None)
    for first, base in ((30, 0), (40, 0), (90, 8), (100, 8)):
        if first <= code < first + 8:
            return _with_colour(style, 38 if first in (30, 90) else 48, base + code - first)
    return style


def _with_colour(style: SgrStyle, code: int, colour: Colour | None) -> SgrStyle:
    return replace(style, foreground=colour) if code == 38 else replace(style, background=colour)


def _extended_colour(values: list[int]) -> Colour | None:
    """`5, n` or `2, r, g, b` or, with a colour space, `2, id, r, g, b`."""
    if len(values) == 2 and values[0] == 5 and 0 <= values[1] <= 255:
        return values[1]
    if len(values) >= 4 and values[0] == 2:
        red, green, blue = values[2:5] if len(values) >= 5 else values[1:4]
        if all(0 <= value <= 255 for value in (red, green, blue)):
            return red, green, blue
    return None


def _number(text: str) -> int:
    """The parameter; empty means 0, longer than any real one means nothing (-1)."""
    if len(text) > 5:
        return -1
    return int(text) if text else 0
