"""Python values as the values of a job file: what TOML and YAML could hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from pathlib import PurePath
from typing import Any

from jobistemer_tui.authoring import Schedule
from jobistemer_tui.jobfiles.python_loader.places import MAX_DEPTH, Place

MAX_VALUES = 100_000
MOST_BITS = 14_000


class Refused(Exception):
    """A value that a job file cannot hold, at its offset."""

    def __init__(self, offset: int, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.offset, self.message, self.hint = offset, message, hint


class Plain:
    """Converts the values of one file; `name_of` gives the name of what is a task of it, else None."""

    def __init__(self, name_of: Callable[[object], str | None]) -> None:
        self._name_of = name_of
        self._left = MAX_VALUES

    def value(self, value: Any, place: Place, depth: int = 0) -> Any:
        """The value; no method of the file's own classes is called. Raises Refused."""
        self._left -= 1
        if self._left < 0:
            raise Refused(place.at, f"the values of the file are more than {MAX_VALUES}", "split the file")
        if depth > MAX_DEPTH:
            raise Refused(place.at, f"nested more than {MAX_DEPTH} deep", "a job file needs about five levels")
        kind = type(value)
        if issubclass(kind, Schedule):
            return self.value(value.plain(), place, depth + 1)
        if issubclass(kind, dict):
            return self._table(value, place, depth)
        if issubclass(kind, list | tuple):
            items = list.__iter__(value) if issubclass(kind, list) else tuple.__iter__(value)
            return [self.value(item, place.within(number), depth + 1) for number, item in enumerate(items)]
        return self._scalar(value, kind, place)

    def _table(self, value: dict[Any, Any], place: Place, depth: int) -> dict[str, Any]:
        table = {}
        for key, item in dict.items(value):
            if not issubclass(type(key), str):
                raise Refused(place.at, f"a key must be a text, not of the type {type_name(key)}", "quote it")
            name = str.__str__(key)
            table[name] = self.value(item, place.within(name), depth + 1)
        return table

    def _scalar(self, value: Any, kind: type, place: Place) -> Any:
        if value is None or kind is bool:
            return value
        if issubclass(kind, str):
            return str.__str__(value)
        if issubclass(kind, int):
            if int.bit_length(value) > MOST_BITS:
                raise Refused(place.at, "a number with too many digits")
            return int.__index__(value)
        if issubclass(kind, float):
            return float.__float__(value)
        if kind in _TEXTS or issubclass(kind, PurePath):
            return _TEXTS.get(kind, str)(value)
        if (name := self._name_of(value)) is not None:
            return name
        raise Refused(
            place.at, f"must be a plain value, not of the type {type_name(value)}",
            "write texts, numbers, true or false, lists, tables, dates and times",
        )  # fmt: skip


def _datetime_text(value: Any) -> str:
    text: str = value.isoformat()
    return text


def _duration_text(value: timedelta) -> str:
    return f"{value // timedelta(milliseconds=1)}ms"


def _texts() -> dict[type, Callable[[Any], str]]:
    from datetime import datetime

    return {date: _datetime_text, datetime: _datetime_text, time: _datetime_text, timedelta: _duration_text}


_TEXTS = _texts()


def type_name(value: object) -> str:
    """The name of a value's type, whatever its class does."""
    name: str = type.__dict__["__name__"].__get__(type(value))
    return name[:80]
