"""A time to come of a job, and what will become of it as far as is known."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

from jobistemer_tui.domain.states import Reason
from jobistemer_tui.settings.quick_dataclass import dataclass

RULES: Final = (Reason.EXCLUDED, Reason.DST)
"""Why the schedule itself leaves a time out."""


@dataclass(frozen=True, slots=True)
class Upcoming:
    """A time that a schedule names. Instants are aware UTC.

    `starts_at` is when it may start: its instant, or later if it is snoozed or has a jitter; None if it will not run.
    `reason` says why not, or why later; `why` says more for people. `effect` and `wall` (naive, on the clock of the
    schedule's zone) tell what a change of the clock does to it; one that is dropped does not run. `count` times in a
    row, the last at `last`, share one fate where a list has put them together.
    """

    instant: datetime
    starts_at: datetime | None
    reason: Reason | None = None
    why: str = ""
    effect: Literal["moved", "dropped", "doubled"] | None = None
    wall: datetime | None = None
    count: int = 1
    last: datetime | None = None

    @property
    def is_scheduled(self) -> bool:
        """Whether the schedule lets it run, whatever a person's mark or a pause makes of it."""
        return self.reason not in RULES
