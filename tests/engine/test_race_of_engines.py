"""Several engines over one store: each occurrence is claimed once and has its effect once, whoever comes first.

`--campaign race`: 2, 4 and 8 engines over `RACE_OCCURRENCES` (10,000), skip and queue mixed.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import uuid5

import pytest

from jobistemer_tui.domain.clock import SystemClock
from jobistemer_tui.domain.identity import job_id
from jobistemer_tui.domain.records import Occurrence
from jobistemer_tui.domain.states import AttemptState, OccurrenceState
from jobistemer_tui.engine.control.runs import Request, trigger
from jobistemer_tui.storage.contract import Store, Transaction
from jobistemer_tui.storage.open import open_store
from jobistemer_tui.storage.tables import ATTEMPTS_BY_ID, OCCURRENCES_BY_ID
from tests.support.postgres_server import schema_url
from tests.support.racing_engine import start_engine, stop_engine
from tests.support.wait_until import wait_until

MANY = int(os.environ.get("RACE_OCCURRENCES", "10000"))
QUEUES = 20
AT_ONCE = 200


@dataclass
class Race:
    """`count` occurrences: half of them one for each job that skips, the others queued at a few jobs."""

    folder: Path
    count: int

    def __post_init__(self) -> None:
        self.skipping = [f"skip-{number}" for number in range(self.count // 2)]
        self.queueing = [f"queue-{number}" for number in range(QUEUES)]
        jobs = self.folder / "jobs"
        jobs.mkdir(mode=0o700)
        text = "".join(f'[jobs.{name}]\nrun = "true"\noverlap_policy = "skip"\n' for name in self.skipping)
        text += "".join(
            f'[jobs.{name}]\nrun = "true"\noverlap_policy = "queue"\nqueue_limit = {self.count}\n'
            for name in self.queueing
        )
        (jobs / "jobs.toml").write_text(text)
        (jobs / "jobs.toml").chmod(0o600)

    def ask_for_all(self, store: Store) -> None:
        """Trigger everything, some hundred at a time, while the engines are at work."""
        waiting = self.skipping + [self.queueing[n % QUEUES] for n in range(self.count - len(self.skipping))]
        for start in range(0, len(waiting), AT_ONCE):
            store.write(partial(self._trigger, waiting=waiting, start=start))

    def _trigger(self, tx: Transaction, waiting: list[str], start: int) -> None:
        now = SystemClock().now()
        for number, name in enumerate(waiting[start : start + AT_ONCE], start):
            job = job_id(name)
            request = Request(uuid5(job, str(number)), now, "test", now + timedelta(hours=1))
            trigger(tx, job, request)


def run_race(folder: Path, url: str, *, engines: int, count: int, seconds: float) -> dict[str, int]:
    """Let engines race until all has ended; gives how many each began."""
    race = Race(folder, count)
    store = open_store(url)
    racers = []
    try:
        for number in range(engines):
            racers.append(start_engine(url, folder / f"engine-{number}"))
            out = racers[-1].stdout
            assert out is not None
            assert out.readline() == "ready\n", (folder / f"engine-{number}.log").read_text()
        race.ask_for_all(store)
        wait_until(lambda: len(ended(store)) == count, seconds=seconds, what="all to end")
    finally:
        for racer in racers:
            stop_engine(racer)
    judge(store, folder, count)
    store.close()
    lines = (folder / "ledger").read_text().splitlines()
    return dict(Counter(line.split()[1] for line in lines))


def ended(store: Store) -> list[Occurrence]:
    return store.read(lambda r: [r for r in r.scan(OCCURRENCES_BY_ID) if r.state is OccurrenceState.COMPLETED])


def judge(store: Store, folder: Path, count: int) -> None:
    """Exactly as many claims and effects as there are occurrences; no log of an engine speaks of a failure."""
    occurrences, attempts = store.read(lambda r: (r.scan(OCCURRENCES_BY_ID), r.scan(ATTEMPTS_BY_ID)))
    assert Counter(row.state for row in occurrences) == {OccurrenceState.COMPLETED: count}
    assert {row.epoch for row in occurrences} == {1}
    assert Counter(attempt.state for attempt in attempts) == {AttemptState.SUCCESS: count}
    effects = [line.split()[0] for line in (folder / "ledger").read_text().splitlines()]
    assert sorted(effects) == sorted(str(attempt.id) for attempt in attempts)
    logs = "".join(path.read_text() for path in folder.glob("engine-*.log"))
    assert "Traceback" not in logs, logs


@pytest.mark.timeout(600)
def test_two_engines(tmp_path: Path) -> None:
    shares = run_race(tmp_path, schema_url(tmp_path), engines=2, count=500, seconds=300)
    assert len(shares) == 2, "one engine did everything"


@pytest.mark.campaign("race")
@pytest.mark.timeout(0)
@pytest.mark.parametrize("engines", [2, 4, 8])
def test_campaign_many_engines(tmp_path: Path, engines: int) -> None:
    began = SystemClock().read().monotonic
    shares = run_race(tmp_path, schema_url(tmp_path), engines=engines, count=MANY, seconds=3000)
    took = SystemClock().read().monotonic - began
    sys.stderr.write(f"{engines} engines, {MANY} occurrences: {took:.0f} s, {sorted(shares.values())}\n")
    assert len(shares) == engines
