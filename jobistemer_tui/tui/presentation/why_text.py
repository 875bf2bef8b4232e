"""The answer to "why did it (not) run?" as lines; the same sentences that `jobistemer why` prints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from itertools import groupby
from operator import attrgetter

from rich.text import Text

from jobistemer_tui.domain.identity import short_id
from jobistemer_tui.operations.why_answer import Answer, Evidence, Fact, Slot
from jobistemer_tui.operations.zones import zone_or_none

from .fitting import cleaned
from .lines import Line, Target, heading, paragraph
from .status_marks import mark_of

_TOLD_IN_FULL = 3
_STAMP = 20
_KINDS = {"occurrence": "occurrence", "attempt": "attempt", "job": "job", "job_file": "file", "job_version": "version"}


def why_lines(answer: Answer, width: int, *, dark: bool) -> list[Line]:
    """The whole answer; lines that name a run, a try, a version or a file lead there."""
    zone = zone_or_none(answer.timezone)
    lines = [*paragraph(cleaned(answer.summary), width, style="bold"), Line()]
    if len(answer.slots) > _TOLD_IN_FULL:
        for summary, alike in groupby(answer.slots, key=attrgetter("summary")):
            lines += _alike(summary, list(alike), width, zone)
    else:
        for slot in answer.slots:
            lines += [*_slot(slot, width, zone, dark=dark, alone=len(answer.slots) == 1), Line()]
    if answer.left_out:
        lines += paragraph(f"and {answer.left_out} more; ask about a shorter time", width, style="dim")
    if answer.facts:
        lines += [heading("of the job", width), *_facts(answer.facts, width, zone)]
    if answer.next is not None:
        lines += paragraph(
            Text.assemble((f"{'next':<{_STAMP}}", "dim"), _stamp(answer.next, zone)), width, indent=_STAMP
        )
    return lines


def _alike(summary: str, slots: Sequence[Slot], width: int, zone: tzinfo | None) -> Iterator[Line]:
    """Neighbours of which the same is to be said share their lines."""
    when = _stamp(slots[0].at, zone)
    if len(slots) > 1:
        when += f" to {_stamp(slots[-1].at, zone)} ({len(slots)} instants)"
    target = _target(slots[0]) if len(slots) == 1 else None
    yield from paragraph(f"{when}: {cleaned(summary)}", width, indent=2, target=target)


def _slot(slot: Slot, width: int, zone: tzinfo | None, *, dark: bool, alone: bool) -> Iterator[Line]:
    head = Text()
    if slot.status is not None:
        mark = mark_of(slot.status)
        head.append(f"{mark.glyph} {mark.label:<4} ", mark.style(dark=dark))
    head.append(_stamp(slot.at, zone), "bold")
    if slot.occurrence_id is not None:
        head.append(f" · run {short_id(slot.occurrence_id)}", "dim")
    if not alone:
        head.append(f": {cleaned(slot.summary)}")
    yield from paragraph(head, width, indent=2, target=_target(slot))
    yield from _facts(slot.facts, width, zone)


def _target(slot: Slot) -> Target | None:
    return None if slot.occurrence_id is None else Target("occurrence", str(slot.occurrence_id))


def _facts(facts: Sequence[Fact], width: int, zone: tzinfo | None) -> Iterator[Line]:
    column = _STAMP if any(fact.at for fact in facts) else 0
    for fact in facts:
        when = "" if fact.at is None else _stamp(fact.at, zone, short=True)
        text = Text.assemble((f"{when:<{column}}", "dim"), cleaned(fact.text))
        yield from paragraph(text, width, indent=column, target=_evidence(fact.evidence))


def _evidence(evidence: Evidence | None) -> Target | None:
    if evidence is None or evidence.kind not in _KINDS:
        return None
    return Target(_KINDS[evidence.kind], evidence.id)


def _stamp(instant: datetime, zone: tzinfo | None, *, short: bool = False) -> str:
    return f"{instant.astimezone(zone):{'%Y-%m-%d %H:%M:%S' if short else '%Y-%m-%d %H:%M:%S %Z'}}"
