"""When a result that the engine has not taken yet is synced: at once where nobody listens, else soon, many together."""

from __future__ import annotations

import select
from pathlib import Path
from typing import Any, cast

import pytest

from jobistemer_tui.engine.supervisor import clock
from jobistemer_tui.engine.supervisor.attempt_files import AttemptFiles
from jobistemer_tui.engine.supervisor.results import SYNC_AFTER_SECONDS, Results, nothing_ran
from jobistemer_tui.engine.supervisor.syncer import ONE_BY_ONE, Syncer

ID = "7aee1631-4a60-4175-b585-d7399f886d36"


class Synced:
    """A syncer that only notes."""

    def __init__(self) -> None:
        self.submitted: list[list[str]] = []

    def submit(self, attempts: list[str]) -> None:
        self.submitted.append(attempts)


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


def test_what_no_engine_takes_is_synced_soon_and_all_of_it_together(
    results: Results, syncer: Synced, now: list[float]
) -> None:
    """Regression: while an engine talked of other runs, a crash of the machine could lose the results of 30 s."""
    begin = now[0]
    for attempt in (ID, "taken", "later"):
        results.add({**nothing_ran(ID, "spawn", None), "id": attempt}, engine_listens=True)
        now[0] += 0.5
    results.take("taken")
    due = results.next_due()
    assert due == begin + SYNC_AFTER_SECONDS <= begin + 2
    now[0] = due
    results.work(now[0])
    results.work(now[0])
    assert syncer.submitted == [[ID, "later"]]
    results.synced(ID, success=True)
    results.synced("later", success=False)
    assert not results.settled()
    now[0] = results.next_due() or 0.0
    results.work(now[0])
    assert syncer.submitted[1:] == [["later"]]


@pytest.mark.parametrize("count", [1, ONE_BY_ONE + 1])
def test_the_syncer_tells_of_each(tmp_path: Path, count: int) -> None:
    """Results whose files are gone: one by one that is found out; the file system as a whole has nothing to say."""
    syncer = Syncer(AttemptFiles(tmp_path, "boot"))
    syncer.submit([str(number) for number in range(count)])
    assert select.select([syncer], [], [], 60.0)[0]
    assert syncer.done() == [(str(number), count > ONE_BY_ONE) for number in range(count)]


def test_without_an_engine_it_is_synced_at_once(results: Results, syncer: Synced, now: list[float]) -> None:
    results.add(nothing_ran(ID, "spawn", None), engine_listens=False)
    results.work(now[0])
    assert syncer.submitted == [[ID]]


def test_when_the_engine_goes_it_is_synced_at_once(results: Results, syncer: Synced, now: list[float]) -> None:
    results.add(nothing_ran(ID, "spawn", None), engine_listens=True)
    results.work(now[0])
    assert syncer.submitted == []
    results.sync_soon()
    results.work(now[0])
    assert syncer.submitted == [[ID]]
