"""Operations whose every text tries to harm the terminal or the markup parser, whatever is asked of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from functools import lru_cache
from typing import Any, Final

POISON: Final = (
    "[/x][bold red]\x1b[2J\x1b[31m\x1b]0;title\x07\x1b]52;c;aGk=\x07\x1bP1$r\x1b\\\x9b31m\x9d0;x\x9c\u202eevil\u2066"
    "\x00\x07\r\n"
    "\u200bzero\u200d\ufeffe" + "\u0301" * 50 + "漢字\U0001f3fb[@click=app.quit]q"
)
"""Stands before every text, so that no column is too narrow for it."""
_BEHIND: Final = "x" * 300
_MEGABYTE: Final = "m" * 1_000_000
_LONGEST: Final = frozenset({"description", "error"})
_PARSED: Final = frozenset({"timezone", "zone", "role", "severity", "bracket"})
"""Words of ours, or names that are looked up, not shown as they are."""


@lru_cache(maxsize=10_000)
def poisoned_text(text: str, *, is_long: bool = False) -> str:
    """The text, armed. The same text gives the same, so that names still tell rows apart."""
    return f"{POISON}{text}{_MEGABYTE if is_long else _BEHIND}"


def cured_text(text: str) -> str:
    """The text that `poisoned_text` was given."""
    return text.removeprefix(POISON).removesuffix(_BEHIND) if text.startswith(POISON) else text


def poisoned(value: Any, name: str = "") -> Any:
    """A read model with every text in it armed; those of some fields are a megabyte long."""
    if isinstance(value, str) and not isinstance(value, Enum):
        return poisoned_text(value, is_long=name in _LONGEST)
    if is_dataclass(value) and not isinstance(value, type):
        own = [one.name for one in fields(value) if one.init and one.name not in _PARSED]
        return replace(value, **{one: poisoned(getattr(value, one), one) for one in own})
    if isinstance(value, tuple | list):
        items = [poisoned(item, name) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
    if isinstance(value, Mapping):
        return {key: poisoned(item, str(key)) for key, item in value.items()}
    return value


class PoisonedOperations:
    """Stands before other operations: cures what it is given, and poisons what they answer."""

    def __init__(self, inner: object) -> None:
        self.inner = inner

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.inner, name)
        return _wrapped(found) if callable(found) and name != "on_change" else found


def _wrapped(call: Callable[..., Any]) -> Callable[..., Any]:
    def asked(*args: Any, **named: Any) -> Any:
        cured = [cured_text(one) if isinstance(one, str) else one for one in args]
        cured_named = {key: cured_text(one) if isinstance(one, str) else one for key, one in named.items()}
        return poisoned(call(*cured, **cured_named))

    return asked
