"""`jobistemer why`"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from zoneinfo import ZoneInfo

import click

from jobistemer_tui.cli import output
from jobistemer_tui.cli.session import Session, global_options, pass_session
from jobistemer_tui.cli.times import local_text
from jobistemer_tui.domain.identity import short_id
from jobistemer_tui.operations.why_answer import Answer, Fact, Slot, answer_json

_TOLD_IN_FULL = 3


@click.command("why")
@click.argument("what", metavar="JOB|RUN")
@click.argument("time", required=False)
@global_options
@pass_session
def command(session: Session, what: str, time: str | None) -> None:
    """Say why a job did, or did not, run.

    TIME is on the wall clock of the job's zone: 02:30, yesterday, 2026-03-29, 2026-03-29T02:30, or an instant with its
    offset. Without it the latest run is explained, and what comes next.
    """
    with session.opened() as opened:
        answer = opened.operations.why(what, time)
    if session.as_json:
        output.as_json(answer_json(answer))
    else:
        _print(answer)


def _print(answer: Answer) -> None:
    zone = ZoneInfo(answer.timezone)
    output.line(f"{answer.job}, {answer.asked}:")
    output.line(answer.summary)
    if len(answer.slots) > _TOLD_IN_FULL:
        for summary, alike in groupby(answer.slots, key=attrgetter("summary")):
            _print_alike(summary, list(alike), zone)
    else:
        for slot in answer.slots:
            _print_slot(slot, zone, alone=len(answer.slots) == 1)
    if answer.left_out:
        output.line(f"  and {answer.left_out} more; ask about a shorter time")
    if answer.facts:
        output.line("")
        _print_facts(answer.facts, zone)
    if answer.next is not None:
        output.line(f"next: {local_text(answer.next, zone)}")


def _print_alike(summary: str, slots: Sequence[Slot], zone: ZoneInfo) -> None:
    """Neighbours of which the same is to be said share a line."""
    when = local_text(slots[0].at, zone)
    if len(slots) > 1:
        when += f" to {local_text(slots[-1].at, zone)} ({len(slots)} instants)"
    output.line(f"  {when}: {summary}")


def _print_slot(slot: Slot, zone: ZoneInfo, *, alone: bool) -> None:
    run = "" if slot.occurrence_id is None else f" (run {short_id(slot.occurrence_id)})"
    output.line("")
    output.line(f"{local_text(slot.at, zone)}{run}" + ("" if alone else f": {slot.summary}"))
    _print_facts(slot.facts, zone)


def _print_facts(facts: Sequence[Fact], zone: ZoneInfo) -> None:
    for fact in facts:
        output.line(f"  {_when(fact.at, zone)}  {fact.text}")


def _when(at: datetime | None, zone: ZoneInfo) -> str:
    return " " * 19 if at is None else at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
