"""`@reboot`: once for each start of the machine."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from jobistemer_tui.schedules.contract import Schedule, as_naive_utc
from jobistemer_tui.settings.quick_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Reboot(Schedule):
    """One instant for each start of the machine. Which those are is known to who keeps them: see `with_boots`."""

    boots: tuple[datetime, ...] = ()

    def next_after(self, instant: datetime) -> datetime | None:
        after = as_naive_utc(instant).replace(tzinfo=UTC)
        at = bisect_right(self.boots, after)
        return self.boots[at] if at < len(self.boots) else None

    def describe(self) -> str:
        return "at each start of the machine"

    @property
    def waits_for_boot(self) -> bool:
        return True

    def with_boots(self, boots: Sequence[datetime]) -> Reboot:
        return replace(self, boots=tuple(sorted({boot.astimezone(UTC) for boot in boots})))


def is_reboot(text: object) -> bool:
    """Whether an expression is `@reboot`."""
    return isinstance(text, str) and text.strip(" \t").lower() == "@reboot"
