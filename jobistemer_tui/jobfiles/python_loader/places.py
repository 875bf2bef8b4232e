"""Where in the text of a Python file a call, its words and their values stand."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate

from jobistemer_tui.authoring import Declared

MAX_DEPTH = 32
_NAME = re.compile(r"(?:async\s+def|def|class)\s+")
_KINDS = {"Cron": "cron", "Iso8601": "interval", "Once": "once"}

Position = tuple[int, int, int, int]
"""Line and column of begin and end; lines from 1, columns in bytes of UTF-8 from 0."""
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(slots=True)
class Place:
    """Where a value and its key begin, as offsets in characters, and the places of what is in the value."""

    at: int
    key: int
    inner: dict[str | int, Place] = field(default_factory=dict)

    def within(self, name: str | int) -> Place:
        """The place of a part, or of the whole where the text does not have it apart."""
        return self.inner.get(name, self)

    def to_json(self) -> list[object]:
        """Nested lists: `[at, key, [[name, place], …]]`."""
        return [self.at, self.key, [[name, place.to_json()] for name, place in self.inner.items()]]


class Lines:
    """Lines and columns to offsets."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._starts = [0, *accumulate(len(line) + 1 for line in self._lines)]

    def offset(self, line: int, column: int) -> int:
        """Of a column in bytes of UTF-8, from 0."""
        number = min(line, len(self._lines)) - 1
        return self._starts[number] + len(self._lines[number].encode()[:column].decode(errors="ignore"))

    def offset_of_characters(self, line: int, column: int) -> int:
        """Of a column in characters, from 0."""
        number = min(line, len(self._lines)) - 1
        return self._starts[number] + min(column, len(self._lines[number]))


class Places:
    """The calls and definitions of a file by their positions."""

    def __init__(self, text: str, tree: ast.Module) -> None:
        self._text = text
        self._lines = Lines(text)
        self._calls: dict[Position, ast.Call] = {}
        self._decorated: dict[Position, Definition] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                self._calls[_position(node)] = node
            elif isinstance(node, Definition):
                self._decorated.update((_position(decorator), node) for decorator in node.decorator_list)

    def line(self, offset: int) -> int:
        """The line of an offset, from 1."""
        return self._text.count("\n", 0, offset) + 1

    def of(self, declared: Declared) -> Place:
        """The call, with its words; `key` is where the name stands of what it decorates."""
        position = declared.position()
        at = self._lines.offset(*position[:2])
        place = Place(at, at)
        if definition := self._decorated.get(position):
            place.key = self._name_of(definition)
        if call := self._calls.get(position):
            place.inner.update(self._words(call))
        return place

    def _name_of(self, definition: Definition) -> int:
        start = self._offset(definition)
        match = _NAME.match(self._text, start)
        return match.end() if match else start

    def _offset(self, node: ast.expr | ast.keyword | Definition) -> int:
        return self._lines.offset(node.lineno, node.col_offset)

    def _words(self, call: ast.Call, depth: int = 0) -> Iterator[tuple[str, Place]]:
        for keyword in call.keywords:
            if keyword.arg is not None:
                place = self._value(keyword.value, depth + 1)
                place.key = self._offset(keyword)
                yield keyword.arg, place

    def _value(self, node: ast.expr, depth: int) -> Place:
        at = self._offset(node)
        place = Place(at, at)
        if depth > MAX_DEPTH:
            return place
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    inner = place.inner[key.value] = self._value(value, depth + 1)
                    inner.key = self._offset(key)
        elif isinstance(node, ast.List | ast.Tuple):
            if not any(isinstance(item, ast.Starred) for item in node.elts):
                place.inner.update((number, self._value(item, depth + 1)) for number, item in enumerate(node.elts))
        elif isinstance(node, ast.Call):
            self._schedule(node, place, depth)
        return place

    def _schedule(self, call: ast.Call, place: Place, depth: int) -> None:
        """`Cron("…", timezone="…")` is a table for whoever reads it; the options of other calls mean nothing here."""
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if word := _KINDS.get(name):
            place.inner.update(self._words(call, depth))
            if call.args:
                place.inner[word] = self._value(call.args[0], depth + 1)


def _position(node: ast.expr) -> Position:
    return node.lineno, node.col_offset, node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
