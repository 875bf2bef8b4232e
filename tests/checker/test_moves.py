"""Which rows may go: of a replay that starts, what an edit has taken out of its job meanwhile, and nothing else."""

from __future__ import annotations

import json

import pytest

from tests.checker import moves
from tests.checker.history import Change, Commit, History, Row

JOB, REPLAY = b"j" * 16, b"r" * 16


@pytest.mark.parametrize(
    ("run", "before", "after", "broken"),
    [
        pytest.param({}, {}, {}, 0, id="a replay starts, and its job has no such task any more"),
        pytest.param({"name": "dump"}, {}, {}, 1, id="it has the task"),
        pytest.param({"reason": None}, {}, {}, 1, id="the task was not carried over"),
        pytest.param({"occurrence_id": b"o" * 16}, {}, {}, 1, id="another replay starts"),
        pytest.param({}, {}, {"epoch": 0, "state": "skipped"}, 1, id="the replay does not start"),
        pytest.param({}, {"epoch": 1, "version": 2}, {"epoch": 2}, 1, id="it started before"),
        pytest.param({}, {}, {"version": 1}, 1, id="it starts with the version that has the task"),
    ],
)
def test_what_was_carried_over_may_go_with_the_start_that_no_longer_has_it(
    run: Row, before: Row, after: Row, broken: int
) -> None:
    gone = {"id": b"t" * 16, "occurrence_id": REPLAY, "name": "copy", "state": "success", "reason": "carried_over"}
    waits = {"id": REPLAY, "job_id": JOB, "state": "pending", "epoch": 0, "version": 1, "pinned": 0}
    starts = {**waits, "state": "running", "epoch": 1, "version": 2}
    versions = [version(1, "dump", "copy"), version(2, "dump")]
    start = Change("occurrence", {**waits, **before}, {**starts, **after})
    commit = Commit(1, b"n" * 16, [start, Change("task_run", {**gone, **run}, None)], ["occurrence_started"])
    history = History({"job_version": versions}, commits=[commit])
    assert len(list(moves.check(history))) == broken


def version(number: int, *tasks: str) -> Row:
    return {"job_id": JOB, "number": number, "definition": json.dumps({"tasks": [{"name": name} for name in tasks]})}
