"""A cursor may stay behind what got its fate only while an earlier instant of the same job is still planned."""

from __future__ import annotations

import pytest

from tests.checker.history import Change, Commit, History, Row
from tests.checker.presence import check_cursors

JOB, OTHER = b"j" * 16, b"o" * 16


def row(number: int, state: str, *, job: bytes = JOB) -> Row:
    key = job[:15] + bytes([number])
    return {"id": key, "job_id": job, "scheduled_at": number, "state": state, "trigger": "schedule"}


def planned(*rows: Row) -> Commit:
    return Commit(1, None, [Change("occurrence", None, one) for one in rows], ())


def handled(*numbers: int, number: int = 2) -> Commit:
    changes = [Change("occurrence", row(one, "planned"), row(one, "running")) for one in numbers]
    return Commit(number, None, changes, ())


def told(*commits: Commit) -> list[str]:
    return [violation.what for violation in check_cursors(History({}, commits=commits))]


def test_it_stays_while_an_earlier_instant_is_planned() -> None:
    assert told(planned(row(3, "planned"), row(5, "planned")), handled(5)) == []


@pytest.mark.parametrize(
    "commits",
    [
        (planned(row(5, "planned")), handled(5)),
        (planned(row(5, "planned"), row(7, "planned")), handled(5)),
        (planned(row(5, "planned"), row(3, "planned", job=OTHER)), handled(5)),
        (planned(row(5, "planned"), row(3, "missed")), handled(5)),
        (planned(row(5, "planned"), row(3, "planned")), handled(3, 5)),
        (
            planned(row(5, "planned"), row(3, "planned")),
            Commit(2, None, [Change("occurrence", row(3, "planned"), None)], ()),
            handled(5, number=3),
        ),
    ],
    ids=["alone", "a later", "of another job", "fated", "both", "deleted"],
)
def test_it_moves_else(commits: tuple[Commit, ...]) -> None:
    assert any("did not move the cursor" in what for what in told(*commits))
