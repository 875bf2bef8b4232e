"""What waits until the first rows are on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Beginning:
    """Done once: the program calls it when the first answer, or why there is none, has been painted."""

    def __init__(self) -> None:
        self._waiting: list[Callable[[], None]] = []
        self._is_answered = False
        self._is_over = False

    def then(self, call: Callable[[], None]) -> None:
        """Call this as well."""
        self._waiting.append(call)

    def answered(self) -> None:
        """The next picture shows the first answer."""
        self._is_answered = True

    @property
    def is_due(self) -> bool:
        """Whether the next picture is the one that is waited for."""
        return self._is_answered and not self._is_over

    def __call__(self) -> None:
        """The first rows are there."""
        if not self._is_over:
            self._is_over = True
            for call in self._waiting:
                call()
