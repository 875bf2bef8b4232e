"""Each text of styles is parsed once in a process instead of once for each app: rule sets are only read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

_PARSED: dict[tuple[object, ...], list[RuleSet]] = {}


@contextmanager
def parsed_once() -> Iterator[None]:
    """Let every app of this process use what another one has parsed with the same variables."""
    parse = Stylesheet._parse_rules

    def parse_rules(sheet: Stylesheet, *what: Any, **named: Any) -> list[RuleSet]:
        key = (*sheet._variables.items(), *what, *named.items())
        if key not in _PARSED:
            _PARSED[key] = parse(sheet, *what, **named)
        return _PARSED[key]

    with mock.patch.object(Stylesheet, "_parse_rules", parse_rules):
        yield
