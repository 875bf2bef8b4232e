"""Hazard 1: a healthy task is adopted before anything is reaped, and no second engine comes near it."""

from __future__ import annotations

import os
import signal
from functools import partial
from typing import Any

import pytest

from jobistemer_tui.domain.states import AttemptState
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.engine import takeover
from jobistemer_tui.engine.poke import poke
from jobistemer_tui.engine.transactions import takeover as transactions
from jobistemer_tui.errors import AlreadyServed
from tests.engine.test_node import trigger
from tests.support.engine_home import EngineHome


async def started(home: EngineHome, name: str, run: str) -> Any:
    home.job(name, run, schedule=None)
    engine = next(iter(home.running), None) or await home.start()
    await home.until(lambda: home.the_job(name), step=0.1)
    trigger(home, name)
    poke(home.nodes)
    await home.until((home.folder / name).exists)
    return engine


async def test_what_runs_on_is_adopted_and_ends_with_its_own_exit_code(home: EngineHome) -> None:
    out, flag = home.folder / "backup", home.folder / "go"
    first = await started(home, "backup", f"echo $$ >> {out}; while ! test -e {flag}; do sleep 0.05; done; exit 7")
    await home.kill(first)
    second = await home.start()
    (row,) = home.rows("backup")
    assert (row.state, row.owner, row.epoch) == (O.RUNNING, second.id, 2)
    flag.touch()
    await home.until(lambda: home.rows("backup", O.FAILED))
    (row,) = home.rows("backup")
    (attempt,) = home.attempts(row)
    assert (attempt.state, attempt.exit_code) == (AttemptState.FAILED, 7)
    assert len(home.lines("backup")) == 1, "nothing was started beside it"
    assert home.kinds().count("occurrence_adopted") == 1
    assert "occurrence_reaped" not in home.kinds()


async def test_everything_is_adopted_before_the_first_is_reaped(
    home: EngineHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.job("mine", "sleep 600", schedule=None)
    flag = home.folder / "go"
    home.job("theirs", f"while ! test -e {flag}; do sleep 0.05; done", schedule=None)
    first = await home.start()
    for name in ("theirs", "mine"):
        trigger(home, name)
        poke(home.nodes)
        await home.until(partial(home.rows, name, O.RUNNING))
    await home.stop(first)
    order: list[str] = []
    real_owner, real_reap, real_adopt = takeover._owner_of, transactions.reap, transactions.adopt
    theirs = home.rows("theirs")[0].id

    def owner_of(reader: Any, row: Any) -> Any:
        return None if row.id == theirs else real_owner(reader, row)

    def reap(tx: Any, **values: Any) -> Any:
        order.append("reap")
        return real_reap(tx, **values)

    def adopt(tx: Any, **values: Any) -> Any:
        order.append("adopt")
        return real_adopt(tx, **values)

    monkeypatch.setattr(takeover, "_owner_of", owner_of)
    monkeypatch.setattr(takeover, "reap", reap)
    monkeypatch.setattr(takeover, "adopt", adopt)
    await home.start()
    assert order == ["adopt", "reap"]
    assert home.rows("mine")[0].state is O.RUNNING
    assert home.rows("theirs")[0].state is O.FAILED_STALE
    flag.touch()  # here "another machine" is this one, so its process is there to be ended
    await home.until(lambda: "late_report" in home.kinds())


async def test_a_second_engine_can_neither_adopt_nor_reap_while_the_first_lives(home: EngineHome) -> None:
    out = home.folder / "backup"
    first = await started(home, "backup", f"touch {out}; sleep 600")
    before = home.rows("backup")
    with pytest.raises(AlreadyServed):
        await home.start()
    assert home.rows("backup") == before
    assert before[0].owner == first.id


async def test_a_supervisor_that_dies_with_the_engine_leaves_its_work_lost_and_gone(home: EngineHome) -> None:
    out = home.folder / "backup"
    first = await started(home, "backup", f"echo $$ > {out}; sleep 600")
    await home.until(lambda: home.lines("backup"))
    pid = int(home.lines("backup")[0])
    supervisors = home.supervisors()
    await home.kill(first)
    for supervisor in supervisors:
        os.kill(supervisor, signal.SIGKILL)
    await home.until(lambda: not set(supervisors) & set(home.supervisors()))
    await home.start()
    await home.until(lambda: home.rows("backup", O.FAILED_STALE))
    (attempt,) = home.attempts(home.rows("backup")[0])
    assert attempt.state is AttemptState.LOST
    await home.until(lambda: pid not in home.processes())
