"""I18 of what a backfill takes out of a range: its fate is that of the range, and of no other."""

from __future__ import annotations

import pytest

from tests.checker import delays
from tests.checker.history import SECOND, Change, Commit, History, Row

JOB, OTHER = b"j" * 16, b"o" * 16
PLANNED: Row = {
    "id": b"k" * 16, "job_id": JOB, "scheduled_at": 5 * SECOND, "state": "planned", "reason": None,
    "trigger": "schedule", "due_at": 5 * SECOND,
}  # fmt: skip


def count(*spans: Row, fate: tuple[str, str], made: bool = True, gone: bool = True, paused: bool = False) -> int:
    """How often a commit breaks the rule that gives a planned row a fate; it may make the row, and end ranges."""
    ended = {**PLANNED, "state": fate[0], "reason": fate[1], "handled_at": 6 * SECOND}
    changes = [Change("missed_range", span, None if gone else span) for span in spans]
    changes += [Change("occurrence", None, PLANNED)] if made else []
    changes.append(Change("occurrence", PLANNED, ended))
    job: Row = {"id": JOB, "name": "job", "paused_at": SECOND if paused else None, "paused_until": None}
    commits = [Commit(1, None, [Change("job", None, job)], []), Commit(2, None, changes, [])]
    return len(list(delays.check(History({"job": [job]}, commits=commits))))


def span_of(reason: str, *, job: bytes = JOB, to: int = 9) -> Row:
    return {"job_id": job, "from_at": SECOND, "to_at": to * SECOND, "reason": reason}


@pytest.mark.parametrize("paused", [False, True])
@pytest.mark.parametrize(
    ("reason", "fate", "broken"),
    [
        ("paused", ("skipped", "paused"), 0), ("paused", ("missed", "paused"), 1),
        ("paused", ("skipped", "stopped"), 1), ("job_removed", ("skipped", "job_removed"), 0),
        ("asleep", ("missed", "asleep"), 0), ("asleep", ("missed", "offline"), 1), ("asleep", ("skipped", "paused"), 1),
        ("stopped", ("skipped", "stopped"), 0), ("stopped", ("missed", "stopped"), 1),
    ],
)  # fmt: skip
def test_what_is_taken_out_of_a_range_has_its_fate_whatever_pauses_there_are_since(
    reason: str, fate: tuple[str, str], broken: int, *, paused: bool
) -> None:
    assert count(span_of(reason), fate=fate, paused=paused) == broken


@pytest.mark.parametrize(
    ("span", "made", "gone"),
    [
        (span_of("paused"), True, False), (span_of("paused"), False, True), (span_of("paused", to=4), True, True),
        (span_of("paused", job=OTHER), True, True),
    ],
)  # fmt: skip
def test_only_a_row_that_is_made_as_its_own_range_goes_is_taken_out_of_it(span: Row, *, made: bool, gone: bool) -> None:
    assert count(span, fate=("skipped", "paused"), made=made, gone=gone) == 1
    assert count(span, fate=("skipped", "paused"), made=made, gone=gone, paused=True) == 0


@pytest.mark.parametrize(
    ("fate", "broken"),
    [(("missed", "asleep"), 0), (("skipped", "stopped"), 0), (("missed", "stopped"), 1), (("missed", "offline"), 1)],
)
def test_of_two_ranges_that_overlap_it_has_the_fate_of_one(fate: tuple[str, str], broken: int) -> None:
    assert count(span_of("asleep", to=6), span_of("stopped"), fate=fate) == broken
