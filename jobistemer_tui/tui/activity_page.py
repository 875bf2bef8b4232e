"""A page of the audit that fits a filter. Of what was read before only what is new is read again."""

from __future__ import annotations

from typing import Final

from jobistemer_tui.operations.contract import Operations
from jobistemer_tui.operations.read_models import ActivityRow

from .presentation.activity_rows import ACTIVITY_LISTING
from .presentation.listing import Arrangement, arranged
from .read_values import ActivityRead

MAX_ROWS: Final = 500
"""Lines that are read at once."""
LOOKED_AT: Final = 20_000
"""Lines that one page looks at for some that fit; the next page goes on where it ended."""


class ActivityPage:
    """The question: at most `MAX_ROWS` fitting lines before number `before` (None: the newest)."""

    def __init__(self, query: str, *, problems_only: bool, before: int | None) -> None:
        self.before = before
        self._chosen = Arrangement(query, problems_only)
        self._rows: list[ActivityRow] = []
        self._newest = 0
        self._oldest: int | None = None

    def __call__(self, operations: Operations) -> ActivityRead:
        """The page as it is now."""
        if self._oldest is None:
            self._read_back(operations)
        elif self.before is None:
            self._read_new(operations)
        return ActivityRead(tuple(self._rows), self._oldest or 0, self.before is not None)

    def _read_back(self, operations: Operations) -> None:
        at, looked = self.before, 0
        while len(self._rows) < MAX_ROWS and looked < LOOKED_AT:
            page = operations.activity(before=at, limit=MAX_ROWS)
            looked += len(page)
            if page:
                self._newest = max(self._newest, page[0].sequence)
                at = page[-1].sequence
            fitting = arranged(page, ACTIVITY_LISTING, self._chosen)
            room = MAX_ROWS - len(self._rows)
            self._rows += fitting[:room]
            if len(fitting) > room:
                at = self._rows[-1].sequence
            if len(page) < MAX_ROWS:
                at = 0 if len(fitting) <= room else at
                break
        self._oldest = at or 0

    def _read_new(self, operations: Operations) -> None:
        new = operations.activity(after=self._newest, limit=LOOKED_AT)
        if new:
            self._newest = new[0].sequence
            self._rows[:0] = arranged(new, ACTIVITY_LISTING, self._chosen)
        if len(self._rows) > MAX_ROWS:
            del self._rows[MAX_ROWS:]
            self._oldest = self._rows[-1].sequence
