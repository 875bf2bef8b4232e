"""The answer to "why did it (not) run?" as data: sentences, each with its time and the row it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any
from uuid import UUID

from jobistemer_tui.domain.durations import took_text
from jobistemer_tui.domain.instants import instant_json, instant_text
from jobistemer_tui.domain.states import OccurrenceState, Reason
from jobistemer_tui.settings.quick_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Evidence:
    """The row that a sentence rests on: `kind` names its table (event, occurrence, attempt, node, …), `id` its key."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One sentence, when it happened (None: it is so), and what it rests on (None: the calendar)."""

    text: str
    at: datetime | None = None
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """One instant of a schedule, or one run asked for by hand: what became of it, and its story in order.

    `occurrence_id`, `status` and `reason` are None where the store has no row for it.
    """

    at: datetime
    occurrence_id: UUID | None
    status: OccurrenceState | None
    reason: Reason | None
    summary: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What was asked (`asked` says how it was understood), the slots of that time, and what holds for the job as such.

    `left_out` slots more lie in that time. `next` is the job's next instant, if it has one. Instants are aware UTC;
    the sentences name them on the wall clock of `timezone`.
    """

    job: str
    job_id: UUID
    timezone: str
    asked: str
    summary: str
    slots: tuple[Slot, ...]
    facts: tuple[Fact, ...]
    next: datetime | None
    left_out: int = 0


def moment(instant: datetime, zone: tzinfo) -> str:
    """An instant on the wall clock of a zone, with the zone's name."""
    return instant.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S %Z")


def length(start: datetime, end: datetime) -> str:
    """How long something took, in words; never negative."""
    return took_text((end - start).total_seconds())


def answer_json(answer: Answer) -> dict[str, Any]:
    """The answer as JSON."""
    return {
        "job": answer.job,
        "job_id": str(answer.job_id),
        "timezone": answer.timezone,
        "asked": answer.asked,
        "summary": answer.summary,
        "slots": [_slot_json(slot) for slot in answer.slots],
        "left_out": answer.left_out,
        "facts": [_fact_json(fact) for fact in answer.facts],
        "next": instant_json(answer.next),
    }


def _slot_json(slot: Slot) -> Mapping[str, Any]:
    return {
        "at": instant_text(slot.at),
        "occurrence": None if slot.occurrence_id is None else str(slot.occurrence_id),
        "status": None if slot.status is None else slot.status.value,
        "reason": None if slot.reason is None else slot.reason.value,
        "summary": slot.summary,
        "facts": [_fact_json(fact) for fact in slot.facts],
    }


def _fact_json(fact: Fact) -> Mapping[str, Any]:
    evidence = fact.evidence
    return {
        "text": fact.text,
        "at": instant_json(fact.at),
        "evidence": None if evidence is None else {"kind": evidence.kind, "id": evidence.id},
    }
