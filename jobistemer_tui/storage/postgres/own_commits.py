"""Which commits of the store are this process's own: each has a number, given under the gate."""

from __future__ import annotations

import threading


class OwnCommits:
    """Tells the commits of other processes from ours; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers: set[int] = set()
        self._looked_at = 0

    def begin(self, number: int) -> None:
        """We are about to commit under this number."""
        with self._lock:
            self._numbers.add(number)

    def undo(self, number: int) -> None:
        """It was not committed, so another process will have the number."""
        with self._lock:
            self._numbers.discard(number)

    def start_at(self, number: int) -> None:
        """What was committed up to this number is known."""
        with self._lock:
            self._looked_at = number

    def others_since(self, number: int) -> bool:
        """Whether others have committed since the last question, `number` being the newest commit."""
        with self._lock:
            known = {own for own in self._numbers if own <= number}
            fresh = number - self._looked_at - sum(own > self._looked_at for own in known)
            self._numbers -= known
            self._looked_at = max(self._looked_at, number)
            return fresh > 0
