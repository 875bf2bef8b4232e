"""Parameters on the command line."""

from __future__ import annotations

from collections.abc import Sequence

from jobistemer_tui.errors import UsageError


def read_params(words: Sequence[str]) -> dict[str, str]:
    """`NAME=VALUE` words by name. Raises UsageError for one without `=`, or a name that comes twice."""
    given: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not (name and equals):
            raise UsageError(f"--param {word!r} has no value", hint="write --param NAME=VALUE")
        if name in given:
            raise UsageError(f"--param {name} is given twice", hint="give it once")
        given[name] = value
    return given
