"""When a result that the engine has not taken yet is synced: at once where nobody listens, late under load."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from jobistemer_tui.engine.supervisor import clock
from jobistemer_tui.engine.supervisor.attempt_files import AttemptFiles
from jobistemer_tui.engine.supervisor.results import SYNC_AFTER_SECONDS, SYNC_BY_SECONDS, Results, nothing_ran

ID = "7aee1631-4a60-4175-b585-d7399f886d36"


class Synced:
    """A syncer that only notes."""

    def __init__(self) -> None:
        self.submitted: list[str] = []

    def submit(self, attempt: str) -> None:
        self.submitted.append(attempt)


@pytest.fixture
def syncer() -> Synced:
    return Synced()


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The monotonic clock, in the test's hand."""
    now = [1000.0]
    monkeypatch.setattr(clock, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def results(tmp_path: Path, syncer: Synced, now: list[float]) -> Results:
    return Results(AttemptFiles(tmp_path, "boot"), cast("Any", syncer))


@pytest.mark.parametrize(("heard_every", "synced_after"), [(None, SYNC_AFTER_SECONDS), (1.0, SYNC_BY_SECONDS)])
def test_an_engine_that_talks_is_waited_for(
    results: Results, syncer: Synced, now: list[float], heard_every: float | None, synced_after: float
) -> None:
    """Regression: a thousand results were synced while their engine, busy with others, waited for the same disk."""
    begin = now[0]
    results.add(nothing_ran(ID, "spawn", None), engine_listens=True)
    while not syncer.submitted:
        due = results.next_due()
        assert due is not None
        now[0] = due if heard_every is None else min(due, now[0] + heard_every)
        if heard_every is not None:
            results.hear()
        results.work(now[0])
        assert now[0] - begin <= SYNC_BY_SECONDS
    assert (now[0] - begin, syncer.submitted) == (synced_after, [ID])


def test_without_an_engine_it_is_synced_at_once(results: Results, syncer: Synced, now: list[float]) -> None:
    results.hear()
    results.add(nothing_ran(ID, "spawn", None), engine_listens=False)
    results.work(now[0])
    assert syncer.submitted == [ID]


def test_when_the_engine_goes_it_is_synced_at_once(results: Results, syncer: Synced, now: list[float]) -> None:
    results.hear()
    results.add(nothing_ran(ID, "spawn", None), engine_listens=True)
    results.work(now[0])
    assert syncer.submitted == []
    results.sync_soon()
    results.work(now[0])
    assert syncer.submitted == [ID]
