"""The names of keys, as the screen's library has them, for programs that must not load it."""

from __future__ import annotations

import unicodedata
from typing import Final

_SHORTER: Final = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}
_MOVING: Final = ("up", "down", "left", "right", "home", "end", "pageup", "pagedown")
_OTHERS: Final = ("escape", "enter", "return", "tab", "space", "backspace", "insert", "delete")


def key_of(sign: str) -> str:
    """The name of the key that gives a printable character: `?` is `question_mark`, `x` is `x`."""
    if sign.isalnum():
        return sign
    name = unicodedata.name(sign, sign).lower().replace("-", "_").replace(" ", "_")
    return _SHORTER.get(name, name)


KEY_NAMES: Final = frozenset(
    {*_MOVING, *_OTHERS, *(f"f{number}" for number in range(1, 25)), *(key_of(chr(code)) for code in range(0x21, 0x7F))}
)
"""Every key that has a name, without what is held down with it."""
