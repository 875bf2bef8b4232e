"""A schedule of somebody else's code: it can be wrong, but it cannot stop the loader or the engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import field, replace
from datetime import UTC, datetime, timedelta
from typing import TypeGuard

from jobistemer_tui.errors import ScheduleError
from jobistemer_tui.schedules.contract import Hint, Schedule, Slot, as_naive_utc
from jobistemer_tui.schedules.jittered import LONGEST_JITTER
from jobistemer_tui.settings.quick_dataclass import dataclass

_NO_JITTER = timedelta(0)


@contextmanager
def guarded(kind: str) -> Iterator[None]:
    """Turn whatever is raised inside into a ScheduleError that names the kind."""
    try:
        yield
    except ScheduleError as error:
        text, hint = str(error.text), str(error.hint)
        raise ScheduleError(str(error.message), text=text, position=_place(error.position, text), hint=hint) from error
    except (Exception, SystemExit) as error:
        raise ScheduleError(
            f'the schedule "{kind}" failed: {_words(error)}', hint="the package that brings it may be at fault"
        ) from error


def _place(position: object, text: str) -> int | None:
    """The position, if it is one in the text or at its end."""
    return position if isinstance(position, int) and 0 <= position <= len(text) else None


def _words(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}"[:300]
    except Exception:  # noqa: BLE001  # even the words of an error are foreign code
        return type(error).__name__


@dataclass(frozen=True, slots=True)
class Guarded(Schedule):
    """Asks `schedule` and checks its answers; equal when the same `kind` was told the same.

    Raises ScheduleError for what the code raises, and for instants that are naive or do not move on.
    """

    kind: str
    told: str
    schedule: Schedule = field(compare=False)

    def next_after(self, instant: datetime) -> datetime | None:
        as_naive_utc(instant)
        with guarded(self.kind):
            found = self.schedule.next_after(instant)
        return None if found is None else self._after(found, instant)

    def slots_after(self, instant: datetime) -> Iterator[Slot]:
        as_naive_utc(instant)
        with guarded(self.kind):
            slots = iter(self.schedule.slots_after(instant))
        while (slot := self._next(slots)) is not None:
            instant = self._after(slot.instant, instant)
            yield replace(slot, instant=instant)

    def _next(self, slots: Iterator[Slot]) -> Slot | None:
        with guarded(self.kind):
            slot: object = next(slots, None)
            if slot is None:
                return None
            if _is_slot(slot):
                return Slot(slot.instant, slot.passed_over, str(slot.why), slot.jitter)
        raise ScheduleError(f'the schedule "{self.kind}" gave something else than a slot: {type(slot).__name__}')

    def _after(self, found: object, instant: datetime) -> datetime:
        """The instant as aware UTC. One that does not move on would be asked for without end."""
        with guarded(self.kind):
            if not isinstance(found, datetime) or found.utcoffset() is None:
                raise TypeError(f"{type(found).__name__} without a zone is no instant")
            found = found.astimezone(UTC)
        if found <= instant:
            raise ScheduleError(f'the schedule "{self.kind}" does not move on from {instant.isoformat()}')
        return found

    @property
    def has_jitter(self) -> bool:
        with guarded(self.kind):
            return bool(self.schedule.has_jitter)

    def is_active_at(self, instant: datetime) -> bool:
        with guarded(self.kind):
            return bool(self.schedule.is_active_at(instant))

    def describe(self) -> str:
        with guarded(self.kind):
            return str(self.schedule.describe())

    def hints_at(self, now: datetime | None = None) -> tuple[Hint, ...]:
        with guarded(self.kind):
            hints: tuple[object, ...] = self.schedule.hints_at(now)
            return tuple(
                Hint(str(hint.message), str(hint.text), _place(hint.position, str(hint.text)))
                for hint in hints
                if isinstance(hint, Hint)
            )


def _is_slot(value: object) -> TypeGuard[Slot]:
    if not isinstance(value, Slot):
        return False
    jitter: object = value.jitter
    fits = isinstance(jitter, timedelta) and _NO_JITTER <= jitter <= LONGEST_JITTER
    return fits and value.passed_over in (None, "excluded", "dst")
