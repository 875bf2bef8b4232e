"""The display held still while a person reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .messages import Answer
    from .read_values import ReadValue


class Held:
    """Keeps back the answers that would change what is shown. What was never answered is let through."""

    def __init__(self, shown: Mapping[str, ReadValue]) -> None:
        self._newest = dict(shown)
        self._waiting: dict[str, Answer] = {}
        self._changes: Counter[str] = Counter()

    @property
    def words(self) -> str:
        """For the header: `held, 5 changes`."""
        most = max(self._changes.values(), default=0)
        return f"held, {most} change{'' if most == 1 else 's'}" if most else "held"

    def keeps(self, answer: Answer) -> bool:
        """Whether this answer has to wait."""
        before = self._newest.get(answer.question)
        self._newest[answer.question] = answer.value
        if before is None:
            return False
        self._waiting[answer.question] = answer
        self._changes[answer.question] += answer.value != before
        return True

    def forget(self, question: str) -> None:
        """The question is another one now: its next answer is let through."""
        self._newest.pop(question, None)
        self._waiting.pop(question, None)

    def release(self) -> list[Answer]:
        """The newest of what was kept back."""
        return list(self._waiting.values())
