"""Defects put into the engine on purpose, each as somebody might write it; the checker must find every one."""

from __future__ import annotations

import asyncio
import sys
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from unittest.mock import patch
from uuid import UUID

from jobistemer_tui.domain import identity, occurrence_moves, pauses
from jobistemer_tui.domain.instants import instant_text
from jobistemer_tui.domain.records import JobState
from jobistemer_tui.domain.states import OWNED_OCCURRENCES, AttemptState, OccurrenceState
from jobistemer_tui.engine import graph, handed_on, orders, planner, recovery, replan, retry
from jobistemer_tui.engine.outbox import sender
from jobistemer_tui.engine.store_calls import StoreCalls
from jobistemer_tui.engine.supervisor_client import Voided
from jobistemer_tui.engine.transactions import (
    advance,
    announce,
    begin,
    common,
    hand_on,
    handle_due,
    hold_gap,
    outbox,
    places,
    resolve_gap,
    takeover,
    wake,
)
from jobistemer_tui.storage.contract import Transaction
from jobistemer_tui.storage.tables import (
    ATTEMPTS_BY_OCCURRENCE,
    JOB_STATES,
    JOBS,
    OCCURRENCES,
    OCCURRENCES_BY_JOB_STATE,
)
from tests.support import simulated_acts as faults
from tests.support import simulated_people as people
from tests.support.simulated_acts import Act
from tests.support.simulated_supervisor import SimulatedClient, SimulatedSupervisor
from tests.support.simulated_world import World

Install = Callable[[ExitStack], None]


@dataclass(frozen=True)
class SeededBug:
    """A defect, which invariants show it, what has to happen for it to matter, and how often at most."""

    name: str
    shown_by: frozenset[str]
    install: Install
    acts: Sequence[Act]
    at_most: int

    @contextmanager
    def installed(self) -> Iterator[None]:
        """The engine has the defect meanwhile."""
        with ExitStack() as stack:
            self.install(stack)
            yield


BUGS: list[SeededBug] = []


def bug(shown_by: str, *acts: Act, at_most: int = 12) -> Callable[[Install], Install]:
    """Add a defect to the list."""

    def add(install: Install) -> Install:
        name = install.__name__.strip("_").replace("_", " ")
        BUGS.append(SeededBug(name, frozenset(shown_by.split()), install, acts, at_most))
        return install

    return add


def everywhere(stack: ExitStack, original: Any, substitute: Any) -> None:
    """Replace a function wherever the program has imported it by its name."""
    found = 0
    for module in [m for name, m in sorted(sys.modules.items()) if name.startswith("jobistemer_tui")]:
        for name, value in list(vars(module).items()):
            if value is original:
                stack.enter_context(patch.object(module, name, substitute))
                found += 1
    assert found, f"{original} is nowhere"


def die_at_work(world: World) -> None:
    """The engine dies while a task runs that somebody has just started."""
    people.trigger(world)
    world.later(4.0, partial(world.kill_engine, 0))


def two_take_over(world: World) -> None:
    """The engine dies at work, and while its successor writes slowly that it has taken over, another one comes."""
    world.faults.commit_s = 4.0
    die_at_work(world)
    for longest_s in (6.0, 12.0, 24.0):
        world.later(longest_s, world.machine.locks.replace)


def restart_at_work(world: World) -> None:
    """The machine is restarted while a task runs that somebody has just started."""
    people.trigger(world)
    world.later(4.0, world.restart_machine)


def die_while_starting(world: World) -> None:
    """The engine dies while its orders are on their way."""
    world.behaviour.delay_s = 1.0
    die_at_work(world)


@bug("I8", people.lose_the_lock_at_work)
def _the_fence_is_dropped_on_advance(stack: ExitStack) -> None:
    def owned(tx: Transaction, owner: object, occurrence_id: UUID) -> object:
        row = tx.get(OCCURRENCES, occurrence_id)
        return row if row is not None and row.state in (OccurrenceState.RUNNING, OccurrenceState.CANCELING) else None

    everywhere(stack, advance.owned, owned)


@bug("I8", die_at_work)
def _the_epoch_is_not_raised_on_adoption(stack: ExitStack) -> None:
    everywhere(stack, occurrence_moves.adopt, lambda row, owner: replace(row, owner=owner))


@bug("I8", two_take_over)
def _whoever_has_it_by_now_is_not_asked_on_adoption(stack: ExitStack) -> None:
    original = takeover.adopt

    def adopt(
        tx: Transaction, owner: Any, occurrence_id: UUID, dead: UUID, now: datetime, *, restarted: bool = False
    ) -> object:
        row = tx.get(OCCURRENCES, occurrence_id)
        if row is None or row.owner is None or row.state not in OWNED_OCCURRENCES:
            return None
        mine = common.write_occurrence(tx, row, occurrence_moves.adopt(row, owner.node_id))
        common.tell(tx, "occurrence_adopted", owner.actor, now, mine, {"from": str(dead)})
        return mine

    everywhere(stack, original, adopt)


@bug("I9", people.trigger)
def _the_end_leaves_waking_to_the_sweep(stack: ExitStack) -> None:
    stack.enter_context(patch.object(advance, "wake_queue", lambda *_: []))


@bug("I9", people.trigger)
def _nobody_wakes_the_queue(stack: ExitStack) -> None:
    everywhere(stack, wake.wake_queue, lambda *_: [])


@bug("I13", people.trigger)
def _the_newest_is_woken_first(stack: ExitStack) -> None:
    def newest(reader: Any, job_id: UUID, _: object) -> list[Any]:
        if common.load_of(reader, job_id).live:
            return []
        return list(reader.scan(OCCURRENCES_BY_JOB_STATE, job_id, OccurrenceState.QUEUED, reverse=True, limit=1))

    def wake_newest(tx: Transaction, job_id: UUID, definition: Any, who: Any, actor: str, now: datetime) -> list[Any]:
        return [
            common.write_occurrence(tx, row, occurrence_moves.promote(row, who))
            for row in newest(tx, job_id, definition)
        ]

    everywhere(stack, wake.wake_queue, wake_newest)


@bug("I10", die_at_work)
def _what_still_runs_is_reaped(stack: ExitStack) -> None:
    def reap(
        tx: Transaction, owner: Any, occurrence_id: UUID, dead: UUID, now: datetime, *, restarted: bool = False
    ) -> object:
        row = tx.get(OCCURRENCES, occurrence_id)
        assert row is not None
        tries = tx.scan(ATTEMPTS_BY_OCCURRENCE, occurrence_id)
        lost = frozenset(one.id for one in tries if one.state is AttemptState.RUNNING)
        evidence = takeover.Evidence(dead, row.epoch, lost=lost, never_started=frozenset())
        return takeover.reap(tx, owner, occurrence_id, evidence, now)

    everywhere(stack, takeover.adopt, reap)


@bug("I2", people.trigger, faults.trouble_store, at_most=5)
def _it_starts_before_the_claim_is_committed(stack: ExitStack) -> None:
    class Preview(Exception):
        pass

    def submit(calls: StoreCalls, work: Callable[[Transaction], Any]) -> asyncio.Future[Any]:
        found: list[Any] = []

        def preview(tx: Transaction) -> None:
            found.append(work(tx))
            raise Preview

        store: Any = calls._store
        error = store._disk.rows.submit(preview).exception()
        written = store.submit(work)
        if not isinstance(error, Preview):
            return asyncio.wrap_future(written)
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Any] = loop.create_future()
        loop.call_soon(answer.set_result, found[0])
        return answer

    stack.enter_context(patch.object(StoreCalls, "submit", submit))


@bug("I1", people.trigger)
def _ids_are_made_from_local_time(stack: ExitStack) -> None:
    def local(job: UUID, instant: datetime) -> UUID:
        return uuid.uuid5(job, instant_text(instant + timedelta(hours=1)))

    everywhere(stack, identity.occurrence_id, local)


@bug("I1", people.trigger)
def _the_cursor_is_not_moved(stack: ExitStack) -> None:
    def plan_on(tx: Transaction, owner: Any, job: Any, row: Any, now: datetime) -> None:
        common.write_job(tx, job, common.plan_next(tx, job, owner.definitions, after=row.scheduled_at, now=now))

    everywhere(stack, handle_due._plan_on, plan_on)


@bug("I1", people.edit)
def _an_edit_leaves_what_the_old_schedule_has_planned(stack: ExitStack) -> None:
    compare = replan.compare

    def keep_all(*args: Any) -> object:
        return replace(compare(*args), removed=())

    everywhere(stack, compare, keep_all)


@bug("I3", people.trigger)
def _failures_are_counted_twice(stack: ExitStack) -> None:
    after_try = retry.after_try

    def twice(policies: Any, ended: Any, tries: retry.Tries, **rest: Any) -> object:
        return after_try(policies, ended, replace(tries, failures=2 * tries.failures), **rest)

    everywhere(stack, after_try, twice)


@bug("I6", people.trigger, people.cancel)
def _a_cancellation_begins_new_attempts(stack: ExitStack) -> None:
    everywhere(stack, begin.is_stopping, lambda occurrence, now: False)


@bug("I2 I4", die_while_starting)
def _a_void_does_not_hold(stack: ExitStack) -> None:
    def void(supervisor: SimulatedSupervisor, attempt: UUID) -> object:
        return supervisor.folders.get(attempt, Voided())

    def arrive(client: Any, work: Callable[[], object]) -> None:
        if client._supervisor.alive:
            work()

    stack.enter_context(patch.object(SimulatedSupervisor, "void", void))
    stack.enter_context(patch.object(SimulatedClient, "_arrive", arrive))


@bug("I1", faults.suspend)
def _a_gap_is_resolved_twice(stack: ExitStack) -> None:
    original = resolve_gap.resolve_gap

    def resolve(tx: Transaction, owner: Any, reading: Any, **rest: Any) -> object:
        done = original(tx, owner, reading, **rest)
        job = tx.get(JOBS, reading.job_id)
        assert job is not None
        common.write_job(tx, job, replace(job, cursor_at=reading.cursor_at))
        return done

    everywhere(stack, original, resolve)


@bug("I4", faults.kill_supervisor)
def _what_was_lost_is_recorded_as_a_success(stack: ExitStack) -> None:
    original = orders.attempt_end

    def well(result: Any) -> object:
        end = original(result)
        return replace(end, state=AttemptState.SUCCESS, reason=None) if end.state is AttemptState.LOST else end

    everywhere(stack, original, well)


@bug("I15", people.trigger)
def _a_state_is_set_over_one_that_was_not_seen(stack: ExitStack) -> None:
    def set_state(tx: Transaction, job_id: UUID, attempt_id: UUID, end: Any, now: datetime) -> object:
        new, old = end.handed_on, tx.get(JOB_STATES, job_id)
        if end.state is AttemptState.SUCCESS and new is not None and new.state is not None:
            row = JobState(job_id, new.state, 1 if old is None else old.rev + 1, now, attempt_id)
            assert tx.insert(JOB_STATES, row) if old is None else tx.replace(JOB_STATES, old, row)
        return end

    everywhere(stack, hand_on.set_state, set_state)


@bug("I15", people.trigger)
def _what_a_failure_left_is_kept(stack: ExitStack) -> None:
    original = hand_on.set_state

    def set_state(tx: Transaction, job_id: UUID, attempt_id: UUID, end: Any, now: datetime) -> object:
        if end.state is AttemptState.FAILED and end.handed_on is None:
            old = tx.get(JOB_STATES, job_id)
            row = JobState(job_id, {"count": -1}, 1 if old is None else old.rev + 1, now, attempt_id)
            assert tx.insert(JOB_STATES, row) if old is None else tx.replace(JOB_STATES, old, row)
        return original(tx, job_id, attempt_id, end, now)

    everywhere(stack, original, set_state)


@bug("I15", people.trigger)
def _outputs_are_not_stored_with_the_success(stack: ExitStack) -> None:
    original = handed_on.read_handed_on

    def without_outputs(folder: Any) -> object:
        return replace(original(folder), outputs={})

    everywhere(stack, original, without_outputs)


@bug("I16", people.trigger)
def _an_end_is_told_of_in_a_transaction_of_its_own(stack: ExitStack) -> None:
    original, write = announce.announce_end, StoreCalls.write
    owed: list[tuple[Any, ...]] = []

    async def write_and_tell(calls: StoreCalls, work: Callable[[Transaction], Any]) -> Any:
        result = await write(calls, work)
        while owed:
            await write(calls, partial(tell, told=owed.pop()))
        return result

    def tell(tx: Transaction, told: tuple[Any, ...]) -> None:
        original(tx, *told)

    everywhere(stack, original, lambda tx, *told: owed.append(told))
    stack.enter_context(patch.object(StoreCalls, "write", write_and_tell))


@bug("I16", people.trigger)
def _a_line_is_called_sent_before_it_is(stack: ExitStack) -> None:
    original = outbox.take

    def take(tx: Transaction, row: Any, now: datetime, limit_s: float) -> object:
        taken = original(tx, row, now, limit_s)
        if taken is not None:
            outbox.settle(tx, taken, outbox.Answer(), "engine", now)
        return taken

    everywhere(stack, original, take)


@bug("I16", die_at_work, faults.kill)
def _a_line_whose_sender_died_is_forgotten(stack: ExitStack) -> None:
    original = sender.find_due

    def find_due(reader: Any, **more: Any) -> tuple[list[Any], datetime | None]:
        due, next_at = original(reader, **more)
        return [row for row in due if not row.tries], next_at

    everywhere(stack, original, find_due)


@bug("I17", people.pause, faults.kill, faults.suspend)
def _what_is_held_is_forgotten_with_the_engine(stack: ExitStack) -> None:
    original = hold_gap.judged

    def judged(job_id: UUID, begin: datetime, found: Any, *rest: Any, **more: Any) -> object:
        row = original(job_id, begin, found, *rest, **more)
        return row if found is None else replace(row, held_until=None, held_for=None)

    everywhere(stack, original, judged)


@bug("I4", restart_at_work)
def _a_restart_of_the_machine_makes_no_difference(stack: ExitStack) -> None:
    original = takeover.adopt

    def adopt(*values: Any, restarted: bool = False, **more: Any) -> object:
        return original(*values, **more)

    everywhere(stack, original, adopt)


@bug("I18", people.trigger)
def _a_retry_waits_for_one_interval_too_many(stack: ExitStack) -> None:
    original = retry.retry_delay
    everywhere(stack, original, lambda policy, failures: original(policy, failures + 1))


@bug("I18", people.pause, people.resume)
def _a_pause_does_not_hold(stack: ExitStack) -> None:
    everywhere(stack, pauses.is_paused, lambda job, instant: False)
    everywhere(stack, pauses.pause_over, lambda spans, instant: None)


@bug("I19", faults.suspend)
def _the_oldest_of_a_gap_is_run(stack: ExitStack) -> None:
    original = recovery.recover

    def recover(policies: Any, eligible: Sequence[datetime], *rest: Any, **more: Any) -> object:
        decided = original(policies, eligible, *rest, **more)
        return replace(decided, execute=tuple(eligible[: len(decided.execute)]))

    everywhere(stack, original, recover)


@bug("I20", people.trigger)
def _what_a_task_needs_is_not_waited_for(stack: ExitStack) -> None:
    everywhere(stack, graph._is_ready, lambda task, states: True)


@bug("I20", people.trigger)
def _slots_are_not_counted(stack: ExitStack) -> None:
    everywhere(stack, places._held, lambda *_: 0)


@bug("I13", people.trigger_many, faults.suspend)
def _what_is_due_now_comes_before_the_queue(stack: ExitStack) -> None:
    original = planner.fate

    def fate(policies: Any, load: Any, **rest: Any) -> object:
        return original(policies, replace(load, queued=0), **rest)

    everywhere(stack, original, fate)


@bug("I5", people.trigger)
def _one_more_is_woken_than_may_run(stack: ExitStack) -> None:
    original = common.load_of

    def one_less(*values: Any, **more: Any) -> object:
        load = original(*values, **more)
        return replace(load, live=max(0, load.live - 1))

    stack.enter_context(patch.object(wake, "load_of", one_less))
