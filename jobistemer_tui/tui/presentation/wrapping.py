"""Styled text in lines of at most so many cells, broken between words."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text

from .fitting import shown


def wrapped(text: Text, width: int) -> list[Text]:
    """The lines of `text`; a word that is longer than a line is broken."""
    if width < 1 or cell_len(text.plain) <= width:
        return [text]
    offsets, used, begin = [], 0, 0
    for word in _words(text.plain):
        length = cell_len(word.rstrip())
        if used and used + length > width:
            offsets.append(begin)
            used = 0
        while length > width:
            cut = _cut(word, width)
            begin += cut
            word = word[cut:]
            offsets.append(begin)
            length = cell_len(word.rstrip())
        used += cell_len(word)
        begin += len(word)
    lines = list(text.divide(offsets))
    for line in lines:
        line.rstrip()
    return lines


def _words(text: str) -> list[str]:
    """The words with the spaces behind them."""
    words: list[str] = []
    for piece in text.split(" "):
        words.append(piece + " ")
    words[-1] = words[-1][:-1]
    return words


def _cut(word: str, width: int) -> int:
    used = 0
    for index, character in enumerate(word):
        used += cell_len(character)
        if used > width:
            return max(1, index)
    return len(word)


def lines_text(lines: Sequence[Text]) -> Text:
    """The lines as one text."""
    return Text("\n", end="").join(lines)


def rule_text(title: str, width: int) -> Text:
    """A titled rule over the whole width: `─ upload · try 3 ─────`. The title may hold foreign text."""
    head = f"─ {shown(title, max(1, width - 6))} " if title else ""
    return Text(head + "─" * max(0, width - cell_len(head)), "dim", no_wrap=True, end="")
