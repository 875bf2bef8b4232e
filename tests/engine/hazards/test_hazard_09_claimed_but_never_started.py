"""Hazard 9: what is durable as running and in nobody's hands is voided by the sweep, and tried again."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from jobistemer_tui.domain.states import AttemptState as A
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine import runner
from jobistemer_tui.engine.poke import poke
from jobistemer_tui.engine.supervisor_client import SupervisorClient
from tests.engine.test_node import trigger
from tests.support.engine_home import EngineHome


@pytest.mark.parametrize("when", ["before its first step", "while it waits"])
async def test_a_start_that_was_cancelled_between_commit_and_start(
    home: EngineHome, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """Regression: the try counted as known because it had been launched, and ran until its time-out."""
    home.job("backup", "echo $JOBISTEMER_ATTEMPT >> " + str(home.folder / "out"), schedule=None)
    await home.start()
    real = runner.Runner.spawn
    cancelled: list[str] = []

    def spawn(self: runner.Runner, work: Any, name: str) -> Any:
        task = real(self, work, name)
        if name.startswith("start ") and not cancelled:
            cancelled.append(name)
            if when == "while it waits":
                asyncio.get_running_loop().call_soon(task.cancel)
            else:
                work.close()
                task.cancel()
        return task

    def lost(*_: Any) -> asyncio.Future[Any]:
        monkeypatch.setattr(SupervisorClient, "start", start)
        return asyncio.get_running_loop().create_future()

    start = SupervisorClient.start
    monkeypatch.setattr(SupervisorClient, "start", lost)
    monkeypatch.setattr(runner.Runner, "spawn", spawn)
    trigger(home, "backup")
    poke(home.nodes)
    await home.until(lambda: cancelled)
    begin = home.clock.now()
    await home.until(lambda: home.rows("backup", O.COMPLETED), step=0.5)
    assert (home.clock.now() - begin).total_seconds() >= 5.0
    first, second = home.attempts(home.rows("backup")[0])
    assert (first.state, first.reason, first.counted) == (A.NOT_STARTED, Reason.NEVER_STARTED, False)
    assert (second.state, second.number) == (A.SUCCESS, 2)
    assert home.lines("out") == ["2"]


async def test_an_order_that_was_sent_runs_once_though_nobody_waited_for_the_answer(
    home: EngineHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order leaves before the first step of the task that waits for its answer."""
    home.job("backup", "echo $JOBISTEMER_ATTEMPT >> " + str(home.folder / "out"), schedule=None)
    await home.start()
    real = runner.Runner.spawn
    cancelled: list[str] = []

    def spawn(self: runner.Runner, work: Any, name: str) -> Any:
        task = real(self, work, name)
        if name.startswith("start ") and not cancelled:
            cancelled.append(name)
            work.close()
            task.cancel()
        return task

    monkeypatch.setattr(runner.Runner, "spawn", spawn)
    trigger(home, "backup")
    poke(home.nodes)
    await home.until(lambda: home.rows("backup", O.COMPLETED), step=0.5)
    assert cancelled
    assert [attempt.state for attempt in home.attempts(home.rows("backup")[0])] == [A.SUCCESS]
    assert home.lines("out") == ["1"]


async def test_a_program_that_cannot_be_executed_fails_as_spawn(home: EngineHome) -> None:
    home.write(
        "backup.toml",
        "[jobs.backup]\ntasks = [{ name = 'dump', command = ['/nowhere/program'] }]\n",
    )
    await home.start()
    trigger(home, "backup")
    poke(home.nodes)
    await home.until(lambda: home.rows("backup", O.FAILED))
    (row,) = home.rows("backup")
    (attempt,) = home.attempts(row)
    assert (attempt.state, attempt.reason) == (A.FAILED, Reason.SPAWN)
    assert attempt.detail["error"]


async def test_an_order_that_cannot_be_made_fails_as_spawn_and_is_voided(
    home: EngineHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.job("backup", "touch " + str(home.folder / "out"), schedule=None)
    await home.start()

    def unreadable(*_: Any) -> None:
        raise PermissionError(13, "Permission denied", "/run/secrets/token")

    monkeypatch.setattr(runner, "start_order", unreadable)
    trigger(home, "backup")
    poke(home.nodes)
    await home.until(lambda: home.rows("backup", O.FAILED))
    (attempt,) = home.attempts(home.rows("backup")[0])
    assert (attempt.state, attempt.reason) == (A.FAILED, Reason.SPAWN)
    assert "/run/secrets/token" in attempt.detail["error"]
    assert (home.attempts_dir / str(attempt.id)).exists(), "the tombstone: it can never start"
    assert home.lines("out") == []


async def test_what_runs_and_is_known_is_left_alone_by_every_sweep(home: EngineHome) -> None:
    flag = home.folder / "go"
    home.job("backup", f"while ! test -e {flag}; do sleep 0.05; done", schedule=None)
    await home.start()
    trigger(home, "backup")
    poke(home.nodes)
    await home.until(lambda: home.rows("backup", O.RUNNING))
    begin = home.clock.now()
    await home.until(lambda: (home.clock.now() - begin).total_seconds() > 60, step=2.5)
    flag.touch()
    await home.until(lambda: home.rows("backup", O.COMPLETED))
    assert len(home.attempts(home.rows("backup")[0])) == 1
