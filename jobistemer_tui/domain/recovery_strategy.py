"""What becomes of what was missed. Apart from the other policies, as a row of the store holds it."""

from __future__ import annotations

from enum import StrEnum


class RecoveryStrategy(StrEnum):
    """What becomes of instants that passed while no engine was awake."""

    EXECUTE_ALL = "execute-all"
    EXECUTE_LAST = "execute-last"
    MARK_AS_MISSED = "mark-as-missed"
    BOUNDED_WINDOW = "bounded-window"
    COMPRESSED = "compressed"
