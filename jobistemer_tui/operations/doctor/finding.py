"""What a check has found."""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import StrEnum
from typing import Final

from jobistemer_tui.settings.quick_dataclass import dataclass

PATIENCE_S: Final = 5.0


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """`what` was looked at, what was found in words, and what to do (empty: nothing)."""

    what: str
    level: Level
    text: str
    advice: str = ""


def ok(what: str, text: str, advice: str = "") -> Finding:
    """All is well."""
    return Finding(what, Level.OK, text, advice)


def warning(what: str, text: str, advice: str) -> Finding:
    """It works, and may not be what is wanted."""
    return Finding(what, Level.WARNING, text, advice)


def problem(what: str, text: str, advice: str) -> Finding:
    """Something does not work."""
    return Finding(what, Level.PROBLEM, text, advice)


def examined(what: str, probe: Callable[[], Finding | None], seconds: float = PATIENCE_S) -> Finding | None:
    """What a probe finds; a probe that fails, or takes longer, is itself something to tell. None: does not apply."""
    found: list[Finding | None] = []
    failed: list[Exception] = []

    def run() -> None:
        try:
            found.append(probe())
        except Exception as error:  # noqa: BLE001  # one probe must not take the others with it
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if found:
        return found[0]
    if failed:
        return warning(what, f"this could not be examined: {failed[0]}", "look at it by hand")
    return warning(what, f"no answer within {seconds:g} s", "look at it by hand; a disk or a program may hang")
