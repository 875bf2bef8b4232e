"""A look at the engine each second: another process's can come and go without a write to the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .presentation.bars import restarted_words

if TYPE_CHECKING:
    from jobistemer_tui.operations.contract import EngineHandle

_READ_EVERY: Final = 5


class EngineWatch:
    """What has changed about the engine since the last look."""

    def __init__(self, engine: EngineHandle) -> None:
        self._engine = engine
        self._role = engine.role
        self._looks = 0

    def look(self) -> tuple[bool, str]:
        """Whether the header has to be read again, and what to tell a person (empty: nothing)."""
        self._looks += 1
        before, self._role = self._role, self._engine.role
        crash = self._engine.crash
        is_up_again = before == "crashed" and self._role == "serving"
        words = restarted_words(crash) if is_up_again and crash is not None else ""
        return before != self._role or self._looks % _READ_EVERY == 0, words
