"""Reading `[screen]` and `[keys]` of `config.toml`: each mistake is told, and all that is right holds.

What a mistake means for the engine is not judged here: it does not read these tables. pydantic is not needed, as the
screen's first picture waits for this.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from jobistemer_tui.domain.durations import parse_duration
from jobistemer_tui.jobfiles.reading import Diagnostic
from jobistemer_tui.jobfiles.source import Document, Problem, SourceText, Unreadable, decoded
from jobistemer_tui.jobfiles.toml_text import read_toml
from jobistemer_tui.jobfiles.trust import Untrusted, read_trusted
from jobistemer_tui.jobfiles.words import hint_about, shown
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.settings.screen_options import Glyphs, LogTimes, ScreenOptions, Times

_LEAST_POLL_S, _MOST_POLL_S = 0.1, 60.0


@dataclass(frozen=True, slots=True)
class ScreenConfig:
    """The options; the keys by the name of their action; what is wrong.

    `places` gives, for `theme`, `keys.run_now` and so on, where the value stands: a diagnostic without a message.
    """

    options: ScreenOptions = field(default_factory=ScreenOptions)
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    places: Mapping[str, Diagnostic] = field(default_factory=dict)
    problems: tuple[Diagnostic, ...] = ()


class _Wrong(Exception):
    """A value that cannot be taken, and what to write."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def read_screen_config(path: Path, *, trusted_uid: int | None = None) -> ScreenConfig:
    """What `path` says of the screen; nothing if it does not exist. Never raises for what stands in it."""
    if not os.path.lexists(path):
        return ScreenConfig()
    name = os.path.abspath(path)
    try:
        content = read_trusted(name, os.geteuid() if trusted_uid is None else trusted_uid)
    except Untrusted as error:
        return ScreenConfig(problems=(Diagnostic(name, 0, 0, error.message, error.hint),))
    source = SourceText(name, content.decode("utf-8", errors="replace").removeprefix("\ufeff").replace("\r\n", "\n"))
    try:
        source = SourceText(name, decoded(content))
        document = read_toml(source)
    except Unreadable as error:
        return ScreenConfig(problems=(source.diagnostic(error.problem),))
    return _Judge(document).config()


class _Judge:
    """Looks at one document."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._problems: list[Diagnostic] = []
        self._places: dict[str, Diagnostic] = {}

    def config(self) -> ScreenConfig:
        """All that is right."""
        options = self._options()
        keys = dict(self._keys(self._table("keys"), ("keys",)))
        return ScreenConfig(options, keys, self._places, tuple(self._problems))

    def _table(self, name: str) -> dict[str, Any]:
        value = self._document.data.get(name, {})
        if isinstance(value, dict):
            return value
        self._complain((name,), f"{name}: must be a table, not {shown(value)}", f"write [{name}]")
        return {}

    def _options(self) -> ScreenOptions:
        found: dict[str, Any] = {}
        for name, value in self._table("screen").items():
            path = "screen", name
            judge = _OPTIONS.get(name)
            if judge is None:
                self._complain(path, f"unknown key {shown(name)}", hint_about(name, _OPTIONS), of_key=True)
                continue
            try:
                found[name] = judge(value)
            except _Wrong as error:
                self._complain(path, f"{name}: {error}", error.hint)
            else:
                self._places[name] = self._diagnostic(path, "")
        return replace(ScreenOptions(), **found)

    def _keys(self, table: dict[str, Any], path: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The names are joined with dots, as `log.follow = "F"` is a table in a table."""
        for part, value in table.items():
            inner = (*path, part)
            name = ".".join(inner[1:])
            keys = [value] if isinstance(value, str) else value
            if isinstance(value, dict):
                yield from self._keys(value, inner)
            elif isinstance(keys, list) and keys and all(isinstance(key, str) and key for key in keys):
                self._places[f"keys.{name}"] = self._diagnostic(inner, "")
                yield name, tuple(keys)
            else:
                hint = f'write {name} = "x", or {name} = ["x", "f2"]'
                self._complain(inner, f"{name}: must be a key or a list of keys, not {shown(value)}", hint)

    def _complain(self, path: tuple[str, ...], message: str, hint: str, *, of_key: bool = False) -> None:
        self._problems.append(self._diagnostic(path, message, hint, of_key=of_key))

    def _diagnostic(self, path: tuple[str, ...], message: str, hint: str = "", *, of_key: bool = False) -> Diagnostic:
        spot = self._document.spot(path)
        problem = Problem(spot.key if of_key else spot.at, message, hint, code="screen")
        return self._document.source.diagnostic(problem)


def _text(value: Any) -> str:
    if isinstance(value, str) and value.strip():
        return value
    raise _Wrong(f"must be a text, not {shown(value)}", "quote it")


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise _Wrong(f"must be true or false, not {shown(value)}", "without quotes")


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return tuple(value)
    raise _Wrong(f"must be a list of texts, not {shown(value)}", 'write ["tags", "node"]')


def _choice(words: type[StrEnum]) -> Callable[[Any], StrEnum]:
    def judge(value: Any) -> StrEnum:
        if isinstance(value, str) and value in list(words):
            return words(value)
        known = [word.value for word in words]
        hint = hint_about(value, known) if isinstance(value, str) else ""
        raise _Wrong(f"must be one of {', '.join(known)}, not {shown(value)}", hint)

    return judge


def _poll(value: Any) -> float:
    try:
        seconds = parse_duration(value) if isinstance(value, str) else None
    except ValueError as error:
        raise _Wrong(str(error)) from error
    if seconds is None:
        raise _Wrong(f"must be a duration, not {shown(value)}", 'write "250ms"')
    if not _LEAST_POLL_S <= seconds <= _MOST_POLL_S:
        raise _Wrong(f"must be from 100ms to 1m, not {shown(value)}")
    return seconds


_OPTIONS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "theme": _text,
    "glyphs": _choice(Glyphs),
    "time": _choice(Times),
    "start_view": _text,
    "detail": _flag,
    "hide_columns": _texts,
    "confirm_skip": _flag,
    "confirm_stop": _flag,
    "poll": _poll,
    "poll_unfocused": _poll,
    "log_time": _choice(LogTimes),
    "log_wrap": _flag,
}
