"""Where the keys and values of a TOML text stand, which the parser of the standard library does not say."""

from __future__ import annotations

import re
import tomllib

from jobistemer_tui.jobfiles.source import MAX_DEPTH, Spot, Unreadable

_KEY = re.compile(r'[ \t]*("(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|[A-Za-z0-9_-]+)[ \t]*')
_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"""(?:"{0,2})|\'\'\'.*?\'\'\'(?:\'{0,2})|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', re.DOTALL
)
_BARE = re.compile(r"[^,\]\}#\n]+")

_Part = tuple[str, int]  # a part of a dotted key and its offset


def index_toml(text: str) -> Spot:
    """The spots of all values of `text`, which need not be valid: then an empty tree may come back.

    Raises Unreadable for a key or table that is written twice (the parser does not say where the first is) and for
    what is nested more than 32 deep, before a recursive parser sees it.
    """
    try:
        return _Indexer(text).read()
    except (AttributeError, IndexError, tomllib.TOMLDecodeError):  # not TOML: the parser says where and why
        return Spot()


class _Indexer:
    """One pass over the text. A key that does not match ends it with AttributeError, its end with IndexError."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.root = Spot()
        self.lists: dict[int, int] = {}  # id of the spot of an array of tables → index of its last table

    def read(self) -> Spot:
        base, depth, i = self.root, 0, self._skip(0)
        while i < len(self.text):
            if self.text.startswith("[[", i):
                parts, end = self._key(i + 2)
                base, depth = self._next_of_list(self._table(parts), i), len(parts) + 1
                i = end + 2
            elif self.text[i] == "[":
                parts, end = self._key(i + 1)
                base, depth = self._table(parts), len(parts)
                self._give(base, parts)
                i = end + 1
            else:
                i = self._pair(i, base, depth)
            i = self._skip(i)
        return self.root

    def _skip(self, i: int) -> int:
        match = _BLANK.match(self.text, i)
        return i if match is None else match.end()

    def _key(self, i: int) -> tuple[list[_Part], int]:
        """The parts of the dotted key at `i` and the offset after it."""
        parts: list[_Part] = []
        while True:
            match = _KEY.match(self.text, i)
            if match is None:
                raise IndexError(i)
            parts.append((_plain(match[1]), match.start(1)))
            _refuse_depth(len(parts), match.start(1))
            i = match.end()
            if not self.text.startswith(".", i):
                return parts, i
            i += 1

    def _table(self, parts: list[_Part]) -> Spot:
        """The spot of a header's table; parts before the last walk into the last table of an array of tables."""
        spot = self.root
        for number, (name, at) in enumerate(parts, start=1):
            spot = spot.inner.setdefault(name, Spot(at, at))
            if id(spot) in self.lists and number < len(parts):
                spot = spot.inner[self.lists[id(spot)]]
        return spot

    def _next_of_list(self, spot: Spot, at: int) -> Spot:
        index = self.lists.get(id(spot), -1) + 1
        self.lists[id(spot)] = index
        spot.inner[index] = Spot(at, at)
        return spot.inner[index]

    def _pair(self, i: int, base: Spot, depth: int) -> int:
        parts, i = self._key(i)
        for name, at in parts:
            base = base.inner.setdefault(name, Spot(at, at))
        self._give(base, parts)
        base.at = self._skip(i + 1)
        return self._value(base.at, base, depth + len(parts))

    def _give(self, spot: Spot, parts: list[_Part]) -> None:
        if spot.given:
            name, at = ".".join(name for name, _ in parts), parts[-1][1]
            first = self.text.count("\n", 0, spot.key) + 1
            raise Unreadable(
                at,
                f"duplicate key {name!r}: it is already set at line {first}",
                "keep one of the two",
                code="duplicate_key",
            )
        spot.given = True

    def _value(self, i: int, spot: Spot, depth: int) -> int:
        _refuse_depth(depth, i)
        opening = self.text[i]
        if opening == "[":
            return self._array(i, spot, depth)
        if opening == "{":
            return self._inline_table(i, spot, depth)
        match = (_STRING if opening in "\"'" else _BARE).match(self.text, i)
        if match is None:
            raise IndexError(i)
        return match.end()

    def _array(self, i: int, spot: Spot, depth: int) -> int:
        i, number = self._skip(i + 1), 0
        while self.text[i] != "]":
            spot.inner[number] = Spot(i, i)
            i = self._skip(self._value(i, spot.inner[number], depth + 1))
            number += 1
            if self.text[i] == ",":
                i = self._skip(i + 1)
        return i + 1

    def _inline_table(self, i: int, spot: Spot, depth: int) -> int:
        i = self._skip(i + 1)
        while self.text[i] != "}":
            i = self._skip(self._pair(i, spot, depth))
            if self.text[i] == ",":
                i = self._skip(i + 1)
        return i + 1


def _plain(key: str) -> str:
    """A key without its quotes and escapes."""
    if key[0] == '"' and "\\" in key:
        return str(tomllib.loads(f"k = {key}")["k"])
    return key[1:-1] if key[0] in "\"'" else key


def _refuse_depth(depth: int, at: int) -> None:
    if depth > MAX_DEPTH:
        raise Unreadable(
            at, f"nested more than {MAX_DEPTH} deep", "a job file needs about five levels", code="too_deep"
        )
