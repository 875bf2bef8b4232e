"""Hazard 9: what is durable as running and in nobody's hands is voided by the sweep, and tried again."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import pytest

from jobistemer_tui.domain.states import AttemptState as A
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine import runner, supervisor_client
from jobistemer_tui.engine.given import Given, read_given
from jobistemer_tui.engine.poke import poke
from jobistemer_tui.engine.supervisor_client import SupervisorClient
from jobistemer_tui.engine.transactions.common import Launch
from jobistemer_tui.errors import StoreUnavailable
from jobistemer_tui.storage.contract import Reader
from tests.engine.test_node import trigger
from tests.support.engine_home import EngineHome


def cancel_first_start(monkeypatch: pytest.MonkeyPatch, *, waiting: bool = False) -> list[str]:
    """Cancel the first task that starts a try, before its first step or while it waits; gives its name once done."""
    real = runner.Runner.spawn
    cancelled: list[str] = []

    def spawn(self: runner.Runner, work: Any, name: str) -> Any:
        task = real(self, work, name)
        if name.startswith("start ") and not cancelled:
            cancelled.append(name)
            if waiting:
                asyncio.get_running_loop().call_soon(task.cancel)
            else:
                work.close()
                task.cancel()
        return task

    monkeypatch.setattr(runner.Runner, "spawn", spawn)
    return cancelled


async def lose_the_first_start(home: EngineHome, monkeypatch: pytest.MonkeyPatch, *, waiting: bool = False) -> datetime:
    """Run a job whose first try is durable and reaches nobody; gives the time when that is so."""
    home.job("backup", "echo $JOBISTEMER_ATTEMPT >> " + str(home.folder / "out"), schedule=None)
    await home.start()
    cancelled = cancel_first_start(monkeypatch, waiting=waiting)

    def lost(*_: Any) -> asyncio.Future[Any]:
        monkeypatch.setattr(SupervisorClient, "start", start)
        return asyncio.get_running_loop().create_future()

    start = SupervisorClient.start
    monkeypatch.setattr(SupervisorClient, "start", lost)
    trigger(home, "backup")
    poke(home.nodes)
    await home.until(lambda: cancelled)
    return home.clock.now()


@pytest.mark.parametrize("when", ["before its first step", "while it waits"])
async def test_a_start_that_was_cancelled_between_commit_and_start(
    home: EngineHome, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """Regression: the try counted as known because it had been launched, and ran until its time-out."""
    begin = await lose_the_first_start(home, monkeypatch, waiting=when == "while it waits")
    await home.until(lambda: home.rows("backup", O.COMPLETED), step=0.5)
    assert (home.clock.now() - begin).total_seconds() >= 5.0
    first, second = home.attempts(home.rows("backup")[0])
    assert (first.state, first.reason, first.counted) == (A.NOT_STARTED, Reason.NEVER_STARTED, False)
    assert (second.state, second.number) == (A.SUCCESS, 2)
    assert home.lines("out") == ["2"]


async def test_a_clock_that_was_ahead_does_not_put_that_off(home: EngineHome, monkeypatch: pytest.MonkeyPatch) -> None:
    """Regression: a try that a clock a day ahead had begun stayed in nobody's hands for a day."""
    await lose_the_first_start(home, monkeypatch)
    home.clock.set_wall(-86400.0)
    begin = home.clock.now()
    await home.until(lambda: home.rows("backup", O.COMPLETED), step=0.5)
    assert (home.clock.now() - begin).total_seconds() < 3600.0
    assert home.lines("out") == ["2"]


async def test_an_order_that_was_sent_runs_once_though_nobody_waited_for_the_answer(
    home: EngineHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order leaves before the first step of the task that waits for its answer."""
    home.job("backup", "echo $JOBISTEMER_ATTEMPT >> " + str(home.folder / "out"), schedule=None)
    await home.start()
    cancelled = cancel_first_start(monkeypatch)
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


async def test_a_secret_that_cannot_be_read_fails_as_spawn_and_is_read_again_by_a_retry(home: EngineHome) -> None:
    token = home.folder / "token"
    out = home.folder / "out"
    home.job(
        "backup", f'echo "$TOKEN" >> {out}', schedule=None,
        more=f"secrets.TOKEN.file = '{token}'\nretry_policy = {{ max_retries = 1, retry_interval = '1m' }}",
    )  # fmt: skip
    await home.start()
    trigger(home, "backup")
    poke(home.nodes)
    await home.until(lambda: home.rows("backup") and len(home.attempts(home.rows("backup")[0])) == 2)
    token.write_text("hunter2hunter2\n")
    token.chmod(0o600)
    await home.until(lambda: home.rows("backup", O.COMPLETED), step=5)
    first, second = home.attempts(home.rows("backup")[0])
    assert (first.state, first.reason, second.state) == (A.FAILED, Reason.SPAWN, A.SUCCESS)
    assert first.detail["error"] == f"secret TOKEN: {token} cannot be opened: No such file or directory"
    assert home.lines("out") == ["hunter2hunter2"]


async def test_a_secret_that_takes_long_is_waited_for(home: EngineHome) -> None:
    """Regression: no sweep may take a try whose secrets are being read for one that is in nobody's hands."""
    gate = home.folder / "gate"
    home.job(
        "backup", f'echo "$TOKEN" >> {home.folder / "out"}', schedule=None,
        more=f"secrets.TOKEN.command = ['sh', '-c', 'until [ -s {gate} ]; do sleep 0.01; done; cat {gate}']",
    )  # fmt: skip
    await home.start()
    trigger(home, "backup")
    poke(home.nodes)
    await home.until(lambda: home.rows("backup", O.RUNNING))
    begin = home.clock.now()
    await home.until(lambda: (home.clock.now() - begin).total_seconds() > 20, step=2.5)
    gate.write_text("hunter2hunter2")
    await home.until(lambda: home.rows("backup", O.COMPLETED))
    assert [attempt.state for attempt in home.attempts(home.rows("backup")[0])] == [A.SUCCESS]
    assert home.lines("out") == ["hunter2hunter2"]


async def test_a_store_that_cannot_be_read_at_the_start_costs_a_try_that_does_not_count(
    home: EngineHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Launch] = []

    def read_once_too_early(reader: Reader, launch: Launch) -> Given:
        asked.append(launch)
        if len(asked) == 1:
            raise StoreUnavailable("no")
        return read_given(reader, launch)

    monkeypatch.setattr(runner, "read_given", read_once_too_early)
    home.job("backup", "true", schedule=None)
    await home.start()
    trigger(home, "backup")
    poke(home.nodes)
    await home.until(lambda: home.rows("backup", O.COMPLETED), step=0.5)
    first, second = home.attempts(home.rows("backup")[0])
    assert (first.state, first.counted, second.state) == (A.NOT_STARTED, False, A.SUCCESS)


async def test_what_is_too_much_to_be_given_fails_as_spawn(home: EngineHome, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor_client, "MAX_LINE", 1000)
    home.job("backup", "true " + "x" * 1000, schedule=None)
    await home.start()
    trigger(home, "backup")
    poke(home.nodes)
    await home.until(lambda: home.rows("backup", O.FAILED))
    (attempt,) = home.attempts(home.rows("backup")[0])
    assert (attempt.reason, attempt.detail["error"].split(":")[0]) == (
        Reason.SPAWN,
        "what the task is given is too much",
    )


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
