"""Hazard 16: a group spans jobs that know nothing of each other; who waits is woken by the engine's own look."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine.poke import poke
from jobistemer_tui.storage.contract import Transaction
from jobistemer_tui.storage.tables import OCCURRENCES, OCCURRENCES_BY_GROUP
from tests.engine.test_node import trigger
from tests.support.engine_home import EngineHome

NAMES = ("a", "b", "c", "d")


def in_group(home: EngineHome, name: str, gate: Path, *, more: str = "") -> None:
    ledger = home.folder / "ledger"
    work = f"echo begin >> {ledger}; until [ -e {gate} ]; do sleep 0.02; done; echo end >> {ledger}"
    home.job(name, work, schedule=None, more=f"concurrency_group = 'disk'\n{more}")


def live_of_group(home: EngineHome) -> int:
    states = (O.RUNNING, O.CANCELING)
    return home.store.read(lambda r: sum(r.count(OCCURRENCES_BY_GROUP, "disk", state) for state in states))


async def test_jobs_of_a_group_run_one_after_another_without_any_sweep(home: EngineHome) -> None:
    gate = home.folder / "gate"
    for number, name in enumerate(NAMES):
        in_group(home, name, gate, more=f"priority = {number}")
    await home.start()
    trigger(home, "a")
    poke(home.nodes)
    await home.until(lambda: home.rows("a", O.RUNNING))
    for name in ("b", "c", "d"):
        trigger(home, name)
    assert [home.rows(name)[0].reason for name in ("b", "c", "d")] == [Reason.GROUP] * 3
    gate.touch()
    await home.until(lambda: all(home.rows(name, O.COMPLETED) for name in NAMES))
    assert home.lines("ledger") == ["begin", "end"] * 4, "never two at once"
    events = [event for event in home.events if event.kind == "occurrence_started"]
    jobs = {home.rows(name)[0].job_id: name for name in NAMES}
    assert [jobs[event.job_id] for event in events if event.job_id] == ["a", "d", "c", "b"]


async def test_the_sweep_finds_a_place_of_which_nobody_told(home: EngineHome) -> None:
    """The end of the one that ran was written by another process, and its poke was lost."""
    gate = home.folder / "gate"
    in_group(home, "a", gate)
    in_group(home, "b", gate)
    await home.start()
    trigger(home, "a")
    poke(home.nodes)
    await home.until(lambda: home.rows("a", O.RUNNING))
    trigger(home, "b")
    poke(home.nodes)
    await home.quiet()
    assert live_of_group(home) == 1
    (row,) = home.rows("b")
    assert row.state is O.QUEUED

    (running,) = home.rows("a")

    def leave_the_group(tx: Transaction) -> None:
        tx.replace(OCCURRENCES, running, replace(running, group_name=None))

    home.store.write(leave_the_group)
    await home.quiet()
    await home.until(lambda: home.rows("b", O.RUNNING), step=1.0)
    gate.touch()
    await home.until(lambda: home.rows("b", O.COMPLETED) and home.rows("a", O.COMPLETED))
