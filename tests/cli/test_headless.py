"""`run`: errands, signals, and what its end means."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import cast
from uuid import UUID

import pytest

from jobistemer_tui.cli.event_lines import event_lines
from jobistemer_tui.cli.headless import Errand, Headless
from jobistemer_tui.domain.records import Event
from jobistemer_tui.domain.states import OccurrenceState as S
from jobistemer_tui.domain.states import Reason, Trigger
from jobistemer_tui.errors import AlreadyServed, NotFound
from jobistemer_tui.operations.contract import Operations
from jobistemer_tui.operations.read_models import OccurrenceDetail, OccurrenceRow, Triggered
from tests.cli.home import Home, run_process
from tests.support.child_process import ending
from tests.support.factories import NOW
from tests.support.wait_until import wait_until, wait_until_async

JOB = '[jobs.{name}]\n[[jobs.{name}.tasks]]\nname = "t"\nrun = "{run}"\n'


class FakeEngine:
    """An engine that serves until it is stopped; it is idle once `idle` is set."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.metrics_url: str | None = None
        self.stops = 0
        self.stopped = asyncio.Event()
        self.idle = asyncio.Event()
        self.ready = False

    async def run(self, *, on_ready: Callable[[], None] | None = None) -> None:
        if self.error is not None:
            raise self.error
        assert on_ready is not None
        on_ready()
        self.ready = True
        await self.stopped.wait()

    async def wait_until_idle(self) -> None:
        await self.idle.wait()

    def stop(self) -> None:
        self.stops += 1
        self.stopped.set()


class FakeOperations:
    """Operations whose one job ends in `state`."""

    def __init__(self, state: S = S.COMPLETED) -> None:
        self.state = state
        self.triggered: list[str] = []

    def trigger(self, job: str, *, request: UUID) -> Triggered:
        if job == "nobody":
            raise NotFound("there is no job 'nobody'")
        self.triggered.append(job)
        return Triggered(request, S.PENDING, None, True)

    def occurrence(self, occurrence_id: UUID) -> OccurrenceDetail:
        row = OccurrenceRow(
            occurrence_id, "job", occurrence_id, NOW, Trigger.MANUAL, self.state, None, {}, None, None, None, None, 1
        )
        return OccurrenceDetail(row, (), None)


def headless(engine: FakeEngine, operations: FakeOperations, errand: Errand) -> Headless:
    return Headless(engine, engine.stop, cast("Operations", operations), errand)


@pytest.mark.parametrize(
    ("state", "code"), [(S.COMPLETED, 0), (S.FAILED, 1), (S.SKIPPED, 1), (S.COMPLETED_WITH_ERRORS, 1)]
)
async def test_until_idle_ends_as_the_triggered_jobs_did(state: S, code: int) -> None:
    engine, operations = FakeEngine(), FakeOperations(state)
    serving = asyncio.create_task(headless(engine, operations, Errand(("a", "b"), None, True)).run())
    await wait_until_async(lambda: operations.triggered == ["a", "b"])
    assert engine.stops == 0
    engine.idle.set()
    assert await serving == code
    assert engine.stops == 1


async def test_a_time_limit_stops_it() -> None:
    engine = FakeEngine()
    assert await headless(engine, FakeOperations(S.FAILED), Errand(("a",), 0.01, False)).run() == 0
    assert engine.stops == 1


async def test_a_job_that_does_not_exist_stops_it_with_its_error() -> None:
    engine = FakeEngine()
    with pytest.raises(NotFound):
        await headless(engine, FakeOperations(), Errand(("nobody",), None, False)).run()
    assert engine.stops == 1


async def test_what_the_engine_raises_comes_through() -> None:
    with pytest.raises(AlreadyServed):
        await headless(FakeEngine(AlreadyServed("pid 1")), FakeOperations(), Errand(("a",), None, True)).run()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGHUP, 0), (signal.SIGINT, 130)])
async def test_a_signal_stops_it(number: signal.Signals, code: int) -> None:
    engine = FakeEngine()
    serving = asyncio.create_task(headless(engine, FakeOperations(), Errand((), None, False)).run())
    await wait_until_async(lambda: engine.ready)
    os.kill(os.getpid(), number)
    assert await serving == code
    assert engine.stops == 1


def test_an_event_says_when_what_whom_and_why() -> None:
    event = Event(NOW, "occurrence_skipped", "engine", UUID(int=1), UUID(int=2), Reason.OVERLAP, {"status": "skipped"})
    assert event_lines(event, "backup") == [
        "2026-11-24 14:30:00 UTC  occurrence skipped  backup  00000000  skipped  (overlap)"
    ]


def test_a_refused_file_says_what_is_wrong_with_it() -> None:
    errors = [{"line": 2, "column": 3, "message": "unknown key", "hint": "remove it", "source_line": "  x = 1"}]
    event = Event(NOW, "file_refused", "engine", detail={"path": "/jobs/a.toml", "errors": errors})
    assert event_lines(event, None) == [
        "2026-11-24 14:30:00 UTC  file refused  /jobs/a.toml",
        "/jobs/a.toml:2:3: error: unknown key",
        "      x = 1",
        "      ^",
        "    remove it",
    ]


def write_jobs(home: Home, **runs: str) -> None:
    folder = home.folder / "jobs"
    folder.mkdir(parents=True)
    for name, run in runs.items():
        (folder / f"{name}.toml").write_text(JOB.format(name=name, run=run))


def test_a_real_engine_runs_a_job_until_idle(home: Home) -> None:
    write_jobs(home, good="echo hello", bad="exit 3")
    done = run_process("--home", str(home.folder), "run", "--trigger", "good", "--until-idle")
    assert (done.code, done.out) == (0, "")
    assert "occurrence finished  good" in done.err
    assert home.run("logs", "good").out == "hello\n"
    failed = run_process("--home", str(home.folder), "run", "--trigger", "bad", "--until-idle", "--json")
    assert failed.code == 1
    assert '"kind": "occurrence_finished"' in failed.out
    assert run_process("--home", str(home.folder), "run", "--trigger", "nobody").code == 66


def test_triggering_waits_for_a_serving_engine(home: Home, tmp_path: Path) -> None:
    write_jobs(home, good="true", bad="false")
    errors = tmp_path / "errors"
    with errors.open("wb") as stderr:
        engine = subprocess.Popen(
            [sys.executable, "-m", "jobistemer_tui", "--home", str(home.folder), "run"],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}, stderr=stderr,
        )  # fmt: skip
    with ending(engine):
        wait_until(lambda: "serving" in errors.read_text())
        assert home.run("trigger", "good", "--wait", "--json").json["status"] == "completed"
        assert home.run("trigger", "bad", "--wait").code == 1
        assert home.run("run").code == 75
        engine.terminate()
        assert engine.wait(60) == 0
