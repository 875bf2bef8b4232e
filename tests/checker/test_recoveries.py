"""I19 of a long gap: a strategy decides about its newest instants, and about no others."""

from __future__ import annotations

import pytest

from tests.checker import recoveries
from tests.checker.history import SECOND, Change, Commit, History, Row

JOB = b"j" * 16


def row(number: int, state: str) -> Row:
    return {
        "id": bytes([number]) * 16, "job_id": JOB, "scheduled_at": number * SECOND, "state": state, "replay_of": None,
        "trigger": "recovery" if state == "queued" else "schedule", "reason": None, "window": "{}",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("missed", "run", "before", "most", "broken"),
    [
        ((1,), (2, 3), (), 2, False),
        ((1,), (2, 3), (), 3, True),
        ((1, 2), (3,), (), 2, True),
        ((1, 2), (), (3,), 1, False),
        ((1, 2), (), (3,), 2, True),
        ((2,), (3,), (1,), 1, False),
        ((2,), (3,), (1,), 2, True),
    ],
)
def test_only_what_is_older_than_the_newest_may_be_missed(
    missed: tuple[int, ...], run: tuple[int, ...], before: tuple[int, ...], most: int, broken: bool
) -> None:
    gap = {"job_id": JOB, "state": "resolved", "strategy": "execute-all", "end_at": 3 * SECOND}
    fates = [Change("occurrence", None, row(number, "completed")) for number in before]
    made = [Change("occurrence", None, row(number, "missed")) for number in missed]
    made += [Change("occurrence", None, row(number, "queued")) for number in run]
    job = {"id": JOB, "name": "job", "version": 1}
    commits = [
        Commit(1, None, [Change("job", None, job), *fates], []),
        Commit(2, None, [*made, Change("job_gap", None, gap)], []),
    ]
    version = {"job_id": JOB, "number": 1, "definition": "{}"}
    history = History({"job": [job], "job_version": [version]}, commits=commits, most_rows=most)
    assert bool(list(recoveries.check(history))) is broken
