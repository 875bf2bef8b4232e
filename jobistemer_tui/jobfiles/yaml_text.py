"""YAML text to a Document, built from the parser's events, with the types of YAML 1.2 (core schema).

`no`, `on` and `12:30:00` are texts, `010` is ten. Keys are always texts. Tags are refused, so that a file can make
nothing but tables, lists, texts, numbers, booleans and null. Working on events keeps the C parser's speed and lets
depth and aliases be limited before anything is built.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

from jobistemer_tui.jobfiles.source import MAX_DEPTH, Document, Problem, SourceText, Spot, Unreadable
from jobistemer_tui.jobfiles.yaml_scalars import plain_value

MAX_EXPANSION = 10_000
"""How many nodes all aliases of a file together may stand for."""

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_HINTS = {
    "mapping values are not allowed": 'a text with ": " in it needs quotes; else check the indentation',
    "found character '\\t'": "indent with spaces, not tabs",
    "found a tab character": "indent with spaces, not tabs",
    "found character that cannot start any token": "a text that begins with @, ` or % needs quotes",
    "did not find expected alphabetic or numeric character": 'a text that begins with * needs quotes: "*/5 * * * *"',
    "did not find expected key": "check the indentation; all keys of a table begin at the same column",
    "did not find expected '-' indicator": "check the indentation; all items of a list begin at the same column",
    "could not find expected ':'": 'write key: "value"',
    "found unexpected end of stream": "close the text with the same quotes",
    "found undefined alias": "define it before, with &name",
}


_FORBIDDEN = re.compile(r"[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # YAML 1.2.2, rule 1


class _Node(NamedTuple):
    value: Any
    spot: Spot
    size: int


def read_yaml(source: SourceText) -> Document:
    """The document. Raises Unreadable; duplicate keys, tags and odd keys are problems of the document."""
    builder = _Builder(source)
    try:
        node = builder.document()
    except yaml.MarkedYAMLError as error:
        raise _unreadable(error, source.text) from error
    except yaml.reader.ReaderError as error:
        match = _FORBIDDEN.search(source.text)
        name = f" U+{ord(match[0]):04X}" if match else ""
        raise Unreadable(
            match.start() if match else 0, f"the character{name} does not belong in YAML", "remove it"
        ) from error
    if node is None or node.value is None:
        return Document(source, {}, Spot(), tuple(builder.problems))
    if not isinstance(node.value, dict):
        raise Unreadable(node.spot.at, "a job file is a table with the keys defaults and jobs", "begin with jobs:")
    return Document(source, node.value, node.spot, tuple(builder.problems))


def _unreadable(error: yaml.MarkedYAMLError, text: str) -> Unreadable:
    if error.problem == "exceeded maximum nesting depth":
        # libyaml 0.2.6 gives up by itself where a line goes so deep that it cannot give the first event of it.
        return _too_deep(0 if error.problem_mark is None else error.problem_mark.index)
    words = error.problem or "not YAML"
    hint = next((hint for start, hint in _HINTS.items() if words.startswith(start)), "")
    mark = error.problem_mark or error.context_mark
    at = 0 if mark is None else mark.index
    if text.startswith("\t", at):  # the parser only says that no token begins so
        return Unreadable(at, "a tab cannot indent", "indent with spaces")
    return Unreadable(at, f"{error.context}: {words}" if error.context else words, hint)


def _too_deep(at: int) -> Unreadable:
    return Unreadable(at, f"nested more than {MAX_DEPTH} deep", "a job file needs about five levels", code="too_deep")


def _start(event: Any) -> int:
    return int(event.start_mark.index)


class _Builder:
    def __init__(self, source: SourceText) -> None:
        self.source = source
        self.problems: list[Problem] = []
        self.anchors: dict[str, _Node | None] = {}  # None while the anchored node is being built
        self.expanded = 0
        self.events: Iterator[Any] = yaml.parse(source.text, Loader=_Loader)

    def document(self) -> _Node | None:
        """The node of the only document, None where there is none."""
        node: _Node | None = None
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                if node is not None:
                    raise Unreadable(_start(event), "a second document", "one document in a file: remove the ---")
                node = self._node(next(self.events), 0)
        return node

    def _node(self, event: Any, depth: int) -> _Node:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        at = _start(event)
        if depth > MAX_DEPTH:
            raise _too_deep(at)
        if event.tag is not None:
            self._problem(at, f"tags such as {event.tag} are refused", "write the plain value", code="tag")
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        node = self._built(event, at, depth)
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        return node

    def _built(self, event: Any, at: int, depth: int) -> _Node:
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(Spot(at, at), depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(Spot(at, at), depth)
        return _Node(self._scalar(event, at), Spot(at, at), 1)

    def _scalar(self, event: Any, at: int) -> Any:
        if not event.implicit[0]:
            return event.value
        try:
            return plain_value(event.value)
        except ValueError as error:
            raise Unreadable(at, "a number with too many digits") from error

    def _alias(self, event: Any) -> _Node:
        at = _start(event)
        if event.anchor not in self.anchors:
            raise Unreadable(at, f"unknown alias *{event.anchor}", f"define it before, with &{event.anchor}")
        node = self.anchors[event.anchor]
        if node is None:
            raise Unreadable(at, f"alias *{event.anchor} stands inside of what it means", "write the value out")
        self.expanded += node.size
        if self.expanded > MAX_EXPANSION:
            raise Unreadable(
                at, f"the aliases stand for more than {MAX_EXPANSION} values", "write the values out", code="aliases"
            )
        return _Node(node.value, Spot(at, at, node.spot.inner), node.size)

    def _sequence(self, spot: Spot, depth: int) -> _Node:
        values: list[Any] = []
        size = 1
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            node = self._node(event, depth + 1)
            spot.inner[len(values)] = node.spot
            values.append(node.value)
            size += node.size
        return _Node(values, spot, size)

    def _mapping(self, spot: Spot, depth: int) -> _Node:
        values: dict[str, Any] = {}
        merged: list[_Node] = []
        size = 1
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            at = _start(event)
            is_merge = isinstance(event, yaml.ScalarEvent) and event.implicit[0] and event.value == "<<"
            key = self._key(event, depth)
            node = self._node(next(self.events), depth + 1)
            size += node.size + 1
            if is_merge:
                merged.extend(self._to_merge(node, at))
            elif key is not None and self._is_new(key, at, spot):
                values[key] = node.value
                spot.inner[key] = Spot(node.spot.at, at, node.spot.inner)
        for node in merged:
            for key in node.value.keys() - values.keys():
                values[key] = node.value[key]
                spot.inner[key] = node.spot.inner[key]
        return _Node(values, spot, size)

    def _key(self, event: Any, depth: int) -> str | None:
        at = _start(event)
        if isinstance(event, yaml.ScalarEvent):
            self._node(event, depth)
            return str(event.value)
        node = self._node(event, depth + 1)
        if isinstance(node.value, str):
            return node.value
        self._problem(at, "a key must be a text", 'a text that begins with [ or { needs quotes: "{name}"')
        return None

    def _is_new(self, key: str, at: int, spot: Spot) -> bool:
        if key not in spot.inner:
            return True
        first, _ = self.source.place(spot.inner[key].key)
        self._problem(
            at, f"duplicate key {key!r}: it is already set at line {first}", "keep one of the two", code="duplicate_key"
        )
        return False

    def _to_merge(self, node: _Node, at: int) -> list[_Node]:
        """The tables that a merge key `<<` names: one, or a list of them."""
        nodes = [node]
        if isinstance(node.value, list):
            nodes = [_Node(value, node.spot.inner[number], 1) for number, value in enumerate(node.value)]
        if all(isinstance(one.value, dict) for one in nodes):
            return nodes
        self._problem(at, "<< takes a table or a list of tables", "name one with an alias: <<: *name")
        return []

    def _problem(self, at: int, message: str, hint: str, *, code: str = "syntax") -> None:
        self.problems.append(Problem(at, message, hint, code=code))
