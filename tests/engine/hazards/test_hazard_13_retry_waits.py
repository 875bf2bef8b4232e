"""Hazard 13: a retry that waits is no process: it survives engines, is never reaped, and holds no slot of the node."""

from __future__ import annotations

from dataclasses import replace

from jobistemer_tui.domain.states import AttemptState as A
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine.node import Node
from jobistemer_tui.engine.poke import poke
from jobistemer_tui.storage.contract import Transaction
from jobistemer_tui.storage.tables import NODES
from tests.engine.test_node import trigger
from tests.support.engine_home import EngineHome

RETRY = 'retry_policy = { max_retries = 2, retry_interval = "1h" }\noverlap_policy = "queue"'


async def waits_for_a_retry(home: EngineHome, **options: object) -> Node:
    """An engine whose job has failed once and waits an hour."""
    flag = home.folder / "second"
    home.job("backup", f"test -e {flag} || {{ touch {flag}; exit 1; }}", schedule=None, more=RETRY)
    engine = await home.start(**options)
    trigger(home, "backup")
    poke(home.nodes)
    await home.until(lambda: [a for row in home.rows("backup") for a in home.attempts(row) if a.state is A.PLANNED])
    return engine


async def test_a_waiting_retry_is_planned_and_runs_at_its_time_under_the_next_engine(home: EngineHome) -> None:
    first = await waits_for_a_retry(home)
    (row,) = home.rows("backup")
    due = home.attempts(row)[1].not_before
    assert due is not None
    assert (due - home.clock.now()).total_seconds() == 3600
    await home.kill(first)
    home.clock.advance(1800)
    second = await home.start()
    (row,) = home.rows("backup")
    assert (row.state, row.owner) == (O.RUNNING, second.id)
    assert [attempt.state for attempt in home.attempts(row)] == [A.FAILED, A.PLANNED]
    home.clock.advance(1799)
    await home.quiet()
    assert home.attempts(row)[1].state is A.PLANNED
    home.clock.advance(1)
    await home.until(lambda: home.rows("backup", O.COMPLETED))
    assert home.attempts(row)[1].state is A.SUCCESS


async def test_a_retry_that_came_due_while_nobody_served_runs_as_soon_as_somebody_does(home: EngineHome) -> None:
    first = await waits_for_a_retry(home)
    await home.stop(first)
    home.clock.advance(7200)
    await home.start()
    await home.until(lambda: home.rows("backup", O.COMPLETED))


async def test_it_holds_the_place_of_its_job_and_no_slot_of_the_node(home: EngineHome) -> None:
    await waits_for_a_retry(home, max_concurrent_jobs=1)
    trigger(home, "backup")
    home.job("other", schedule=None)
    await home.until(lambda: home.the_job("other"), step=0.05)
    trigger(home, "other")
    poke(home.nodes)
    await home.until(lambda: home.rows("other", O.COMPLETED))
    assert sorted(row.state for row in home.rows("backup")) == [O.QUEUED, O.RUNNING]


async def test_it_is_adopted_and_never_reaped_even_if_its_owner_was_another_machine(home: EngineHome) -> None:
    first = await waits_for_a_retry(home)
    await home.stop(first)

    def elsewhere(tx: Transaction) -> None:
        row = tx.get(NODES, first.id)
        assert row is not None
        tx.replace(NODES, row, replace(row, machine_id="another machine"))

    home.store.write(elsewhere)
    second = await home.start()
    (row,) = home.rows("backup")
    assert (row.state, row.owner) == (O.RUNNING, second.id)
    assert "occurrence_reaped" not in home.kinds()
    home.clock.advance(3600)
    await home.until(lambda: home.rows("backup", O.COMPLETED))


async def test_the_deadline_ends_it_without_any_process(home: EngineHome) -> None:
    home.job("backup", "false", schedule=None, more=RETRY + '\nexecution_timeout = "10m"')
    await home.start()
    trigger(home, "backup")
    poke(home.nodes)
    await home.until(lambda: [a for row in home.rows("backup") for a in home.attempts(row) if a.state is A.PLANNED])
    home.clock.advance(600)
    await home.until(lambda: home.rows("backup", O.FAILED), step=1.0)
    (row,) = home.rows("backup")
    assert row.reason is Reason.TIMEOUT
    assert [attempt.state for attempt in home.attempts(row)] == [A.FAILED, A.CANCELED]
