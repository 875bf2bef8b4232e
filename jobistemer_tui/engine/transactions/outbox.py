"""The life of a line of the outbox: taken before each try, then sent, put off, or given up, each guarded."""

from __future__ import annotations

from dataclasses import field
from datetime import datetime, timedelta
from uuid import UUID

from jobistemer_tui.domain.announcements import Channel
from jobistemer_tui.domain.records import Detail, Event, Notification, NotificationState
from jobistemer_tui.settings.quick_dataclass import dataclass, replace
from jobistemer_tui.storage.contract import Transaction
from jobistemer_tui.storage.tables import NOTIFICATIONS, NOTIFICATIONS_BY_LANE

FIRST_WAIT_S, LONGEST_WAIT_S = 10.0, 3600.0
GIVE_UP_AFTER = timedelta(hours=24)
KEPT_FOR = timedelta(days=90)
PROGRAM_TRIES = 3
"""A program of the job's own that fails three times fails for a reason; a network may come back within a day."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a try gave: `error` None if it was sent. `final`: another try cannot do better."""

    error: str | None = None
    result: Detail = field(default_factory=dict)
    final: bool = False


def take(tx: Transaction, row: Notification, now: datetime, limit_s: float) -> Notification | None:
    """Count a try before it is made, and keep everybody from another one while it may last; None if it moved on.

    A sender that dies meanwhile is followed by another try after `limit_s` seconds: at least once, never lost.
    """
    current = tx.get(NOTIFICATIONS, row.id)
    if current is None or current.state is not NotificationState.WAITING or current.tries != row.tries:
        return None
    if current.not_before > now:
        return None
    taken = replace(current, tries=row.tries + 1, not_before=now + timedelta(seconds=limit_s))
    return taken if tx.replace(NOTIFICATIONS, current, taken) else None


def settle(tx: Transaction, row: Notification, answer: Answer, actor: str, now: datetime) -> Notification | None:
    """Record what a try gave: sent, waiting for the next, or given up; None if the row moved on meanwhile."""
    current = tx.get(NOTIFICATIONS, row.id)
    if current is None or current.state is not NotificationState.WAITING or current.tries != row.tries:
        return None
    if answer.error is None:
        sent = replace(
            current, state=NotificationState.SENT, finished_at=now, error=None, result=answer.result, not_before=now
        )
        return _end(tx, current, sent, "notification_sent", actor, now)
    tried = replace(current, error=answer.error, result=answer.result)
    if answer.final or is_spent(current, now):
        return give_up(tx, tried, answer.error, actor, now)
    again = replace(tried, not_before=now + timedelta(seconds=wait_s(current.tries)))
    return again if tx.replace(NOTIFICATIONS, current, again) else None


def is_spent(row: Notification, now: datetime) -> bool:
    """Whether there is no further try after one that failed."""
    if row.channel in (Channel.HOOK, Channel.COMMAND):
        return is_worn_out(row)
    return now + timedelta(seconds=wait_s(row.tries)) > row.created_at + GIVE_UP_AFTER


def is_worn_out(row: Notification) -> bool:
    """Whether all tries of a program were begun; before one more, it shows that the last ended with its engine."""
    return row.channel in (Channel.HOOK, Channel.COMMAND) and row.tries >= PROGRAM_TRIES


def wait_s(tries: int) -> float:
    """Seconds until the next try after so many: 10 s, 20 s, 40 s … an hour."""
    return float(min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** min(tries - 1, 20)))


def give_up(tx: Transaction, row: Notification, error: str, actor: str, now: datetime) -> Notification | None:
    """queued | waiting → given up, visibly: the row keeps why, and the audit tells of it."""
    gone = replace(row, state=NotificationState.GIVEN_UP, error=error, finished_at=now)
    return _end(tx, row, gone, "notification_given_up", actor, now)


def release(tx: Transaction, notification_id: UUID, tries: int, now: datetime) -> None:
    """A try that was broken off by the end of its engine does not count: the next one may come at once."""
    row = tx.get(NOTIFICATIONS, notification_id)
    if row is not None and row.state is NotificationState.WAITING and row.tries == tries:
        tx.replace(NOTIFICATIONS, row, replace(row, tries=tries - 1, not_before=now))


def bring_forward(tx: Transaction, row: Notification, now: datetime) -> bool:
    """Let what waits for a time that a wrong clock reckoned be sent now, and get old from now on as others do.

    False if it moved on meanwhile.
    """
    sooner = replace(row, not_before=now, created_at=min(row.created_at, now))
    return row.state is NotificationState.WAITING and tx.replace(NOTIFICATIONS, row, sooner)


def _end(
    tx: Transaction, old: Notification, new: Notification, kind: str, actor: str, now: datetime
) -> Notification | None:
    """Write an end with its event; the next in the lane has its turn."""
    if not tx.replace(NOTIFICATIONS, old, new):
        return None
    if old.state is NotificationState.WAITING and old.lane is not None:
        for following in tx.scan(NOTIFICATIONS_BY_LANE, old.lane, NotificationState.QUEUED, limit=1):
            waiting = replace(following, state=NotificationState.WAITING, not_before=now)
            tx.replace(NOTIFICATIONS, following, replace(waiting, created_at=min(following.created_at, now)))
    if new.occurrence_id is None and new.lane is not None:
        _clear(tx, new.lane, new.state, now)
    detail = {"notification": str(new.id), "channel": new.channel, "event": new.payload.get("event")}
    if new.error is not None:
        detail["error"] = new.error
    tx.append(Event(at=now, kind=kind, actor=actor, job_id=new.job_id, occurrence_id=new.occurrence_id, detail=detail))
    return new


def _clear(tx: Transaction, lane: UUID, state: NotificationState, now: datetime) -> None:
    """Remove old ends that belong to no occurrence; those of one go with it."""
    for row in tx.scan(NOTIFICATIONS_BY_LANE, lane, state, high=now - KEPT_FOR, limit=10):
        if row.occurrence_id is None:
            tx.delete(NOTIFICATIONS, row.id)
