"""Options that belong together, handed to a command as one argument."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from functools import wraps
from typing import Any, TypeVar

Callback = TypeVar("Callback", bound=Callable[..., Any])


def as_one(name: str, kind: type[Any], *options: Callable[[Any], Any]) -> Callable[[Callback], Callback]:
    """Add `options` to a command, which gets their values as the argument `name`: a `kind`, a dataclass of them."""
    names = [field.name for field in fields(kind)]

    def decorate(callback: Callback) -> Callback:
        @wraps(callback)
        def call(*arguments: Any, **values: Any) -> Any:
            one = kind(**{each: values.pop(each) for each in names})
            return callback(*arguments, **values, **{name: one})

        decorated: Any = call
        for option in reversed(options):
            decorated = option(decorated)
        result: Callback = decorated
        return result

    return decorate
