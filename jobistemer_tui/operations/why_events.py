"""The audit of a run, an event a sentence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from typing import Final

from jobistemer_tui.domain.identity import short_id
from jobistemer_tui.domain.records import Event
from jobistemer_tui.operations.why_answer import Evidence, Fact
from jobistemer_tui.operations.why_clauses import because, instant_words

Sentence = Callable[[Event, tzinfo], str]


def event_fact(event: Event, zone: tzinfo) -> Fact:
    """What an event says; one of a kind that is not known here is named as it is."""
    sentence = _SENTENCES.get(event.kind, _unknown)
    return Fact(sentence(event, zone), event.at, Evidence("event", str(event.sequence)))


def _because(event: Event, zone: tzinfo) -> str:
    return because(event.reason, event.detail, zone)


def _plain(text: str) -> Sentence:
    """A sentence, with its reason where the event has one; `{actor}` is who did it."""

    def sentence(event: Event, zone: tzinfo) -> str:
        return text.replace("{actor}", event.actor) + _because(event, zone)

    return sentence


def _status(event: Event) -> str:
    return str(event.detail.get("status", "")).replace("_", " ")


def _marked(event: Event, key: str) -> str:
    after = event.detail.get("after", {})
    return str(after.get("detail", {}).get(key, "")) if isinstance(after, dict) else ""


def _unknown(event: Event, zone: tzinfo) -> str:
    return f"{event.kind.replace('_', ' ')}, by {event.actor}{_because(event, zone)}"


def _skipped(event: Event, zone: tzinfo) -> str:
    why = _marked(event, "why")
    return f"{event.actor} marked it to be skipped" + (f' ("{why}")' if why else "")


def _snoozed(event: Event, zone: tzinfo) -> str:
    return f"{event.actor} put it off until {instant_words(_marked(event, 'until'), zone)}"


def _finished(event: Event, zone: tzinfo) -> str:
    return f"it ended: {_status(event)}{_because(event, zone)}"


def _reaped(event: Event, zone: tzinfo) -> str:
    return f"{event.actor} found its engine gone: {_status(event)}{_because(event, zone)}"


def _adopted(event: Event, zone: tzinfo) -> str:
    return f"{event.actor} took it over from engine {short_id(event.detail.get('from', '?'))}, which was gone"


def _late(event: Event, zone: tzinfo) -> str:
    attempt, status = short_id(event.detail.get("attempt", "?")), _status(event)
    return f"the outcome of attempt {attempt} came too late to count: {status}"


def _undone(event: Event, zone: tzinfo) -> str:
    return f"{event.actor} took back an act ({str(event.detail.get('kind', '')).replace('_', ' ')})"


def _told(event: Event, _: tzinfo) -> str:
    return f"somebody was told of it ({event.detail.get('channel', 'notification')})"


def _not_told(event: Event, _: tzinfo) -> str:
    error = f": {event.detail['error']}" if event.detail.get("error") else ""
    return f"nobody could be told of it ({event.detail.get('channel', 'notification')}){error}"


_SENTENCES: Final[dict[str, Sentence]] = {
    "occurrence_triggered": lambda event, _: f"{event.actor} asked for it",
    "occurrence_started": lambda event, _: f"{event.actor} started it",
    "occurrence_pending": _plain("it came due and had to wait"),
    "occurrence_queued": _plain("it came due and was queued"),
    "occurrence_skipped": _plain("it was skipped"),
    "occurrence_missed": _plain("it was missed"),
    "occurrence_canceled": _plain("it was cancelled before it had started"),
    "occurrence_canceling": _plain("it was told to stop"),
    "occurrence_promoted": lambda _, __: "its turn in the queue came",
    "occurrence_recovered": _plain("it was taken up after a gap"),
    "occurrence_finished": _finished,
    "occurrence_adopted": _adopted,
    "occurrence_reaped": _reaped,
    "late_report": _late,
    "run_skipped": _skipped,
    "run_unskipped": lambda event, _: f"{event.actor} took the mark back: it is not to be skipped",
    "run_snoozed": _snoozed,
    "run_unsnoozed": lambda event, _: f"{event.actor} let it start at its own time again",
    "undone": _undone,
    "occurrence_replayed": lambda event, _: f"{event.actor} asked for it again",
    "occurrence_backfilled": lambda event, _: f"{event.actor} asked for it afterwards",
    "run_pinned": lambda event, _: f"{event.actor} pinned it: retention never removes it",
    "run_unpinned": lambda event, _: f"{event.actor} let retention have it again",
    "notification_sent": _told,
    "notification_given_up": _not_told,
}
"""Kinds of events of a run, each with its sentence."""
