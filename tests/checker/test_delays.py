"""I18 of what a backfill takes out of a range: its fate is that of the range, and of no other."""

from __future__ import annotations

import pytest

from tests.checker import delays
from tests.checker.history import SECOND, Change, Commit, History, Row

JOB, OTHER = b"j" * 16, b"o" * 16


@pytest.mark.parametrize(
    ("job", "reason", "to", "gone", "broken"),
    [
        (JOB, "paused", 9, True, 0), (JOB, "paused", 9, False, 1), (JOB, "paused", 4, True, 1),
        (JOB, "stopped", 9, True, 1), (OTHER, "paused", 9, True, 1),
    ],
)  # fmt: skip
def test_a_range_that_was_skipped_for_a_pause_tells_of_it(
    job: bytes, reason: str, to: int, gone: bool, broken: int
) -> None:
    span: Row = {"job_id": job, "from_at": SECOND, "to_at": to * SECOND, "reason": reason}
    planned: Row = {"id": b"k" * 16, "job_id": JOB, "scheduled_at": 5 * SECOND, "state": "planned", "reason": None,
                    "trigger": "schedule", "due_at": 5 * SECOND}  # fmt: skip
    skipped = {**planned, "state": "skipped", "reason": "paused", "handled_at": 6 * SECOND}
    changes = [Change("missed_range", span, None if gone else span), Change("occurrence", planned, skipped)]
    history = History({"job": [{"id": JOB, "name": "job"}]}, commits=[Commit(1, None, changes, [])])
    assert len(list(delays.check(history))) == broken
