"""Many occurrences for several engines to race for, and the judgement of what they made of them."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import uuid5

from jobistemer_tui.domain.clock import SystemClock
from jobistemer_tui.domain.identity import job_id
from jobistemer_tui.domain.states import AttemptState, OccurrenceState
from jobistemer_tui.engine.control.runs import Request, trigger
from jobistemer_tui.storage.contract import Store, Transaction
from jobistemer_tui.storage.open import open_store
from jobistemer_tui.storage.tables import ATTEMPTS_BY_ID, OCCURRENCES_BY_DUE, OCCURRENCES_BY_ID
from tests.support.racing_engine import start_engine, stop_engine
from tests.support.wait_until import wait_until

QUEUES = 20
AT_ONCE = 200


@dataclass
class Race:
    """`count` occurrences: half of them one for each job that skips, the others queued at a few jobs."""

    folder: Path
    count: int

    def __post_init__(self) -> None:
        skipping = [f"skip-{number}" for number in range(self.count // 2)]
        queueing = [f"queue-{number}" for number in range(QUEUES)]
        self._jobs = skipping + [queueing[number % QUEUES] for number in range(self.count - len(skipping))]
        jobs = self.folder / "jobs"
        jobs.mkdir(mode=0o700)
        text = "".join(f'[jobs.{name}]\nrun = "true"\noverlap_policy = "skip"\n' for name in skipping)
        queued = f'run = "true"\noverlap_policy = "queue"\nqueue_limit = {self.count}\n'
        text += "".join(f"[jobs.{name}]\n{queued}" for name in queueing)
        (jobs / "jobs.toml").write_text(text)
        (jobs / "jobs.toml").chmod(0o600)

    def ask_for_all(self, store: Store, *, first: int = 0) -> None:
        """Trigger everything from one on, some hundred at a time, while the engines are at work."""
        for start in range(first, self.count, AT_ONCE):
            store.write(partial(self._trigger, start=start, end=min(start + AT_ONCE, self.count)))

    def ask_for(self, store: Store, number: int) -> None:
        """Trigger one."""
        store.write(partial(self._trigger, start=number, end=number + 1))

    def _trigger(self, tx: Transaction, start: int, end: int) -> None:
        now = SystemClock().now()
        for number in range(start, end):
            job = job_id(self._jobs[number])
            trigger(tx, job, Request(uuid5(job, str(number)), now, "test", now + timedelta(hours=1)))

    def wait_for(self, store: Store, count: int, *, seconds: float) -> None:
        """Wait until so many have ended."""
        wait_until(lambda: completed(store) == count, seconds=seconds, what=f"{count} to end")


def completed(store: Store) -> int:
    """How many have ended well."""
    return store.read(lambda reader: reader.count(OCCURRENCES_BY_DUE, OccurrenceState.COMPLETED))


@contextmanager
def racing(url: str, folder: Path, engines: int) -> Iterator[Store]:
    """So many engines that are ready, and their store."""
    racers: list[subprocess.Popen[str]] = []
    with closing(open_store(url)) as store:
        try:
            for number in range(engines):
                racers.append(start_engine(url, folder / f"engine-{number}"))
                out = racers[-1].stdout
                assert out is not None
                assert out.readline() == "ready\n", (folder / f"engine-{number}.log").read_text()
            yield store
        finally:
            for racer in racers:
                stop_engine(racer)


def judge(url: str, folder: Path, count: int) -> dict[str, int]:
    """Exactly as many claims and effects as occurrences, no failure in a log; gives how many each engine began."""
    with closing(open_store(url)) as store:
        occurrences, attempts = store.read(lambda r: (r.scan(OCCURRENCES_BY_ID), r.scan(ATTEMPTS_BY_ID)))
    assert Counter(row.state for row in occurrences) == {OccurrenceState.COMPLETED: count}
    assert {row.epoch for row in occurrences} == {1}
    assert Counter(attempt.state for attempt in attempts) == {AttemptState.SUCCESS: count}
    effects = [line.split() for line in (folder / "ledger").read_text().splitlines()]
    assert sorted(attempt for attempt, _ in effects) == sorted(str(attempt.id) for attempt in attempts)
    logs = "".join(path.read_text() for path in folder.glob("engine-*.log"))
    assert "Traceback" not in logs, logs
    return dict(Counter(engine for _, engine in effects))
