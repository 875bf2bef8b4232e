"""Why a person did something, in their words: it is kept in the history and shown in lists, so it has a length."""

from __future__ import annotations

from typing import Final

from jobistemer_tui.errors import UsageError

LONGEST: Final = 4_000
"""Characters; a megabyte pasted by mistake is not meant to be kept."""


def kept_reason(reason: str | None) -> str | None:
    """The same reason. Raises UsageError for one that is too long."""
    if reason is not None and len(reason) > LONGEST:
        raise UsageError(
            f"a reason has at most {LONGEST:,} characters, not {len(reason):,}",
            hint="say it shorter, or say where it is written",
        )
    return reason
