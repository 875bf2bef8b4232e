"""One sentence for each event of a run."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from jobistemer_tui.domain.records import Event
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.operations.why_clauses import because
from jobistemer_tui.operations.why_events import event_fact
from tests.support.factories import NOW

PARIS = ZoneInfo("Europe/Paris")
NOON = "2026-11-24T11:00:00Z"


@pytest.mark.parametrize(
    ("kind", "values", "text"),
    [
        ("occurrence_triggered", {}, "ann asked for it"),
        ("occurrence_replayed", {}, "ann asked for it again"),
        ("occurrence_backfilled", {}, "ann asked for it afterwards"),
        ("occurrence_promoted", {}, "its turn in the queue came"),
        (
            "occurrence_reaped",
            {"reason": Reason.OWNER_LOST, "detail": {"status": "failed_stale"}},
            "ann found its engine gone: failed stale "
            "because the engine that ran it died and left no trace of the outcome",
        ),
        (
            "occurrence_adopted",
            {"detail": {"from": "0123456789"}},
            "ann took it over from engine 01234567, which was gone",
        ),
        (
            "late_report",
            {"detail": {"attempt": "abcdef0123", "status": "success"}},
            "the outcome of attempt abcdef01 came too late to count: success",
        ),
        ("run_skipped", {"detail": {"after": {"detail": {"why": "rain"}}}}, 'ann marked it to be skipped ("rain")'),
        ("run_skipped", {}, "ann marked it to be skipped"),
        ("run_unskipped", {}, "ann took the mark back: it is not to be skipped"),
        (
            "run_snoozed",
            {"detail": {"after": {"detail": {"until": NOON}}}},
            "ann put it off until 2026-11-24 12:00:00 CET",
        ),
        ("run_unsnoozed", {}, "ann let it start at its own time again"),
        ("run_pinned", {}, "ann pinned it: retention never removes it"),
        ("run_unpinned", {}, "ann let retention have it again"),
        ("undone", {"detail": {"kind": "run_skipped"}}, "ann took back an act (run skipped)"),
        ("notification_sent", {"detail": {"channel": "mail"}}, "somebody was told of it (mail)"),
        (
            "notification_given_up",
            {"detail": {"error": "no host"}},
            "nobody could be told of it (notification): no host",
        ),
        (
            "occurrence_canceling",
            {"reason": Reason.USER, "detail": {"by": "bob"}},
            "it was told to stop because someone cancelled it (by bob)",
        ),
        ("something_new", {"reason": Reason.USER}, "something new, by ann because someone cancelled it"),
    ],
)
def test_sentences(kind: str, values: dict[str, Any], text: str) -> None:
    fact = event_fact(Event(at=NOW, kind=kind, actor="ann", sequence=7, **values), PARIS)
    assert fact.text == text
    assert fact.evidence is not None
    assert (fact.at, fact.evidence.kind, fact.evidence.id) == (NOW, "event", "7")


@pytest.mark.parametrize(
    ("detail", "text"),
    [
        ({"until": NOON, "by": "ann"}, "(until 2026-11-24 12:00:00 CET, by ann)"),
        ({"until": "soon"}, "(until soon)"),
        (
            {"compressed_into": "0123456789", "superseded": True},
            "(run 01234567 stands for it, a later gap took in what had not started)",
        ),
        ({"replaced_by": "0123456789", "group": "g"}, "(by run 01234567, group g)"),
        ({"rule": "exclude 2026-12-24", "unknown": 1}, "(exclude 2026-12-24)"),
    ],
)
def test_details(detail: dict[str, Any], text: str) -> None:
    assert because(Reason.SNOOZED, detail, PARIS) == f" because someone had put it off {text}"


def test_what_was_cut_off_from_a_gap_says_how_much_was_left() -> None:
    left = because(Reason.SKIPPED_BY_USER, {"by": "eva", "newest": 2}, PARIS)
    assert left == " because someone decided to skip it (by eva, only the newest 2 of the gap were left)"
