"""The engine's hands: gives durable tries to the supervisor, and carries its results into the store."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from jobistemer_tui.domain.clock import Clock
from jobistemer_tui.domain.policies import OverlapPolicy
from jobistemer_tui.domain.records import Attempt
from jobistemer_tui.domain.states import AttemptState, Reason
from jobistemer_tui.domain.task_run_moves import AttemptEnd
from jobistemer_tui.engine.given import read_given
from jobistemer_tui.engine.handed_on import with_handed_on
from jobistemer_tui.engine.held_ends import HeldEnds
from jobistemer_tui.engine.orders import Surroundings, attempt_end, start_order, wanted_secrets
from jobistemer_tui.engine.secrets import SecretUnavailable, Wanted, resolve_aside
from jobistemer_tui.engine.store_calls import StoreCalls
from jobistemer_tui.engine.supervisor_client import (
    AttemptResult,
    Exists,
    Finished,
    Running,
    Started,
    SupervisorClient,
    SupervisorUnavailable,
    Voided,
    attempt_folder,
)
from jobistemer_tui.engine.supervisor_client_types import SupervisorRefused
from jobistemer_tui.engine.transactions.advance import Advanced, advance
from jobistemer_tui.engine.transactions.begin import Progress
from jobistemer_tui.engine.transactions.common import Launch, Owner
from jobistemer_tui.engine.transactions.takeover import HOST_RESTARTED
from jobistemer_tui.errors import StoreUnavailable
from jobistemer_tui.settings.quick_dataclass import replace
from jobistemer_tui.settings.sync_points import sync_point

log = logging.getLogger(__name__)

Connect = Callable[[Callable[[AttemptResult], None], Callable[[], None]], Awaitable[SupervisorClient]]
RECONNECT_S = 1.0
CLOSE_S = 5.0
PATIENCE_S = 10.0


async def _nothing() -> None:
    """Of an engine that looks after no clock."""


class Runner:
    """Owns the connection to the supervisor and the tries that are in its hands.

    A try is known from the moment it is launched until its task has ended without giving it away, or its end is
    committed; what the store calls running and nobody knows is voided by the sweep (hazard 9).
    """

    def __init__(
        self, store: StoreCalls, clock: Clock, owner: Callable[[], Owner], connect: Connect, attempts_dir: Path
    ) -> None:
        self._store = store
        self._attempts_dir = attempts_dir.absolute()
        self._environ = dict(os.environ)  # each look into os.environ encodes and decodes
        self._clock = clock
        self._owner = owner
        self._connect = connect
        self._client: SupervisorClient | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._lost = asyncio.Event()
        self._first: Callable[[], Awaitable[None]] | None = None
        self._given: set[UUID] = set()
        self._starting: set[UUID] = set()
        self._asking = 0
        """How many of those wait for a secret: perhaps for long, and taking nothing from the others."""
        self.held_ends = HeldEnds(clock, self._record_now)
        """Results that come while many tries are on their way to the supervisor."""
        self._cut_off: set[UUID] = set()
        self._alone: set[UUID] = set()
        """The tries launched here of jobs that may not overlap: the store may not tell of the newest any more."""
        self._connection = 0
        self._check: asyncio.Task[None] | None = None
        self.ending = 0
        """How many ends of tries are on their way into the store."""
        self.follow_clock: Callable[[], Awaitable[None]] = _nothing
        """Awaited before an end is recorded, which may ask whether the time of its run is over."""
        self.on_change: Callable[[], None] = lambda: None
        self.on_result: Callable[[], None] = lambda: None
        """Called when an end is on its way: what may begin in its place can be committed together with it."""
        self.on_start: Callable[[UUID], None] = lambda attempt: None
        """Told of each try that has begun, for the first time."""
        self.on_end: Callable[[UUID], None] = lambda attempt: None
        """Told of each try whose end was committed."""

    @property
    def given(self) -> frozenset[UUID]:
        """The tries that the supervisor has."""
        return frozenset(self._given)

    @property
    def connected(self) -> bool:
        """Whether a supervisor answers; without one nothing is claimed."""
        return self._client is not None

    @property
    def busy(self) -> bool:
        """Whether something is on its way to or from the supervisor."""
        return bool(self._tasks)

    def knows(self, attempt_id: UUID) -> bool:
        """Whether a try was given to the supervisor, was found running there, or is on its way there."""
        return attempt_id in self._given or attempt_id in self._starting

    async def connect(self) -> None:
        """Reach the supervisor, starting one if there is none. Raises SupervisorUnavailable."""
        self._connection += 1
        self._lost.clear()
        if self._client is not None:
            old, self._client = self._client, None
            await old.close()
        self._client = await self._connect(self._on_finished, partial(self._on_lost, self._connection))

    async def keep_connected(self, recovered: Callable[[], Awaitable[None]]) -> None:
        """Connect again whenever the supervisor is lost; then `recovered` settles what it left behind."""
        while True:
            await self._lost.wait()
            try:
                await self.connect()
                await (self._first or recovered)()
                self._first = None
            except (SupervisorUnavailable, SupervisorRefused, StoreUnavailable, OSError) as error:
                log.warning("no supervisor: %s", error)
                self._lost.set()
                await self._clock.wait(asyncio.Event(), self._clock.now() + timedelta(seconds=RECONNECT_S))
                continue
            self.on_change()

    def reconnect(self, first: Callable[[], Awaitable[None]]) -> None:
        """Keep trying to reach a supervisor; when there is one, do `first` instead of what follows a loss."""
        self._first = first
        self._lost.set()

    async def close(self) -> None:
        """Let go of the supervisor, which goes on with what runs, once the results under way are written."""
        self.held_ends.release()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=CLOSE_S)
        # What a store in trouble did not take is still with the supervisor, for the next engine.
        for task in (*self._tasks, *([self._check] if self._check else [])):
            task.cancel()
        self.held_ends.forget()
        if self._client is not None:
            await self._client.close()
            self._client = None

    def check_supervisor(self) -> None:
        """Ask the supervisor for a sign of life; one that gives none is treated as lost until it answers again."""
        if self._client is not None and (self._check is None or self._check.done()):
            # Not among the tasks: a question of the engine's own is no work that is under way.
            self._check = asyncio.ensure_future(self._guarded(self._ask(self._connection), "check the supervisor"))

    async def _ask(self, connection: int) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                if self._client is not None:
                    await self._client.list()
        except TimeoutError:
            log.warning("the supervisor gives no sign of life")
            self._on_lost(connection)

    async def collect(self) -> None:
        """Record what the supervisor still keeps of tries that ended before this engine reached it."""
        if self._client is not None:
            for result in (await self._client.list()).finished:
                self._on_finished(result)

    def _on_lost(self, connection: int) -> None:
        # The news of an older connection must not drop the present one: the two would close each other for ever.
        if connection != self._connection:
            return
        self._client = None
        self._given.clear()
        self._lost.set()
        self.on_change()

    def _on_finished(self, result: AttemptResult) -> None:
        if not self.held_ends.holds(self._on_their_way):
            self._record_now(result)
        elif self.held_ends.add(result):
            self.spawn(self.held_ends.wait(), "ends wait for starts")
            self.on_change()  # whoever wants its place, since the last look, is found by the next

    def _record_now(self, result: AttemptResult) -> None:
        self.spawn(self.record(result), f"record {result.attempt_id}")

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Run something beside the caller; a failure of one is logged and never stops the others."""
        task = asyncio.ensure_future(self._guarded(work, name))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: work.close())  # it never began if the task was cancelled before
        return task

    async def _guarded(self, work: Awaitable[None], name: str) -> None:
        try:
            await work
        except SupervisorUnavailable as error:
            log.warning("%s: %s", name, error)
        except StoreUnavailable as error:
            self._store.complain(error)
        except Exception:  # one row that cannot be written must not stop the others; the sweep comes back to it
            log.exception("%s failed", name)

    async def record(self, result: AttemptResult) -> None:
        """Commit a result, then let the supervisor forget it, then do what follows from it.

        One that we may not commit (its occurrence is not ours, or not yet) stays with the supervisor.
        """
        end = attempt_end(result)
        if end.state is AttemptState.CANCELED and result.attempt_id in self._cut_off:
            end = replace(end, state=AttemptState.LOST, reason=Reason.CUT_OFF)
        if end.state is AttemptState.SUCCESS:
            end = with_handed_on(end, self._folder(result.attempt_id))
        if await self.end(result.attempt_id, end) and self._client is not None:
            self._client.taken(result.attempt_id)
            sync_point("result.taken")

    def cut_off(self, attempts: Iterable[UUID]) -> None:
        """Kill these tries, and those begun since, of jobs that may not overlap.

        Nobody can tell any more whether another engine has taken them over. What no supervisor could be told is left
        for the next call.
        """
        for attempt in {*attempts, *self._alone} - self._cut_off if self._client is not None else ():
            log.error("attempt %s is killed: the store has been out of reach for too long", attempt)
            self._cut_off.add(attempt)
            self.spawn(self._cut(attempt), f"cut off {attempt}")

    async def _cut(self, attempt_id: UUID) -> None:
        told = False
        try:
            if self._client is not None:
                await self._client.cancel(attempt_id)
                told = True
        finally:
            if not told:
                self._cut_off.discard(attempt_id)

    async def stop_strangers(self, is_ours: Callable[[UUID], bool]) -> None:
        """Kill what the supervisor runs and others have taken over while this engine could not be seen."""
        if self._client is None:
            return
        for running in (await self._client.list()).running:
            if not is_ours(running.attempt_id):
                log.error("attempt %s is killed: it was taken over by another engine", running.attempt_id)
                self.spawn(self._kill(running.attempt_id), f"stop {running.attempt_id}")

    async def _kill(self, attempt_id: UUID) -> None:
        if self._client is not None:
            await self._client.cancel(attempt_id)

    async def end(self, attempt_id: UUID, end: AttemptEnd) -> bool:
        """Commit how a try ended and follow what it led to; False if the fence kept it out."""
        sync_point("result.heard")
        self.ending += 1
        self.on_result()
        try:
            await self.follow_clock()
            now, owner = self._clock.now(), self._owner()
            advanced: Advanced = await self._store.write(lambda tx: advance(tx, owner, attempt_id, end, now))
        finally:
            self.ending -= 1
            # If it could not be written, the sweep finds a try that nobody knows and asks again.
            self._given.discard(attempt_id)
        self._alone.discard(attempt_id)
        sync_point("result.committed")
        self.on_end(attempt_id)
        if advanced.progress is not None:
            self.follow(advanced.progress)
        self.on_change()
        return not advanced.fenced

    def follow(self, progress: Progress) -> None:
        """Stop and launch what a committed step asks for."""
        for attempt in progress.stops:
            self.spawn(self._stop(attempt), f"stop {attempt.id}")
        self.launch(progress.launches)

    def launch(self, launches: Iterable[Launch]) -> None:
        """Give durable tries to the supervisor; their orders are on their way when this returns."""
        for launch in launches:
            attempt = launch.attempt.id
            self._starting.add(attempt)
            if launch.definition.policies.overlap is not OverlapPolicy.ALLOW:
                self._alone.add(attempt)
            starting = self.spawn(self._give(launch), f"start {attempt}")
            # However it ends: a task that is cancelled before its first step has no chance to say so itself.
            starting.add_done_callback(partial(self._no_longer_starting, attempt))

    def _no_longer_starting(self, attempt_id: UUID, _: asyncio.Task[None]) -> None:
        self._starting.discard(attempt_id)
        self.held_ends.look(self._on_their_way)

    @property
    def _on_their_way(self) -> int:
        """How many starts the engine and the supervisor are busy with."""
        return len(self._starting) - self._asking

    def _give(self, launch: Launch) -> Coroutine[Any, Any, None]:
        """Send the order of a try; await what is returned for the rest.

        It is sent at once, not in a task: that would get its turn after the engine's next look at the store.
        """
        if not self._owner().has_text(launch.definition):  # the version of an occurrence is what its row says
            return self._void(launch.attempt, f"no file here has had version {launch.occurrence.version} of its job")
        wanted = wanted_secrets(launch, self._environ)
        return self._give_secrets(launch, wanted) if any(wanted) else self._give_order(launch)

    async def _give_secrets(self, launch: Launch, wanted: tuple[Wanted, Wanted]) -> None:
        try:
            for_job, for_task = await self._secrets(wanted)
        except SecretUnavailable as error:
            await self._void(launch.attempt, error.message)
        else:
            await self._give_order(launch, (for_job, for_task))

    async def _secrets(self, wanted: tuple[Wanted, Wanted]) -> list[dict[str, str]]:
        self._asking += 1
        self.held_ends.look(self._on_their_way)
        try:
            return await resolve_aside(*wanted)
        finally:
            self._asking -= 1

    def _give_order(
        self, launch: Launch, secrets: tuple[Mapping[str, str], Mapping[str, str]] = ({}, {})
    ) -> Coroutine[Any, Any, None]:
        if self._client is None:
            return self._left_to_the_sweep()
        try:
            given = self._store.read(partial(read_given, launch=launch))
            around = Surroundings(self._environ, str(self._folder(launch.attempt.id)), given, secrets)
            order = start_order(launch, around, self._clock.read())
            sync_point("start.ordered")
            answer = self._client.start(order)
            sync_point("start.sent")
        except StoreUnavailable as error:
            self._store.complain(error)
            return self._left_to_the_sweep()
        except (OSError, ValueError) as error:
            return self._void(launch.attempt, str(error))
        return self._see_started(launch.attempt, answer)

    def _folder(self, attempt_id: UUID) -> Path:
        return attempt_folder(self._attempts_dir, attempt_id)

    async def _left_to_the_sweep(self) -> None:
        """Nobody starts it; the sweep finds a try that nobody knows."""

    async def _see_started(self, attempt: Attempt, answer: Awaitable[Started | Exists]) -> None:
        try:
            started = await answer
        except (OSError, ValueError, SupervisorRefused) as error:
            await self._void(attempt, str(error))
            return
        sync_point("start.answered")
        match started:
            case Started():
                self._given.add(attempt.id)
                self.on_start(attempt.id)
            case Exists():
                # Started or voided before, by an engine whose knowledge is lost: ask what became of it.
                await self.settle(attempt)

    async def _void(self, attempt: Attempt, error: str) -> None:
        """A try that could not be given away: make sure that it never starts, then say that it failed to."""
        if self._client is None:
            return
        answer = await self._client.void(attempt.id)
        if isinstance(answer, Voided):
            end = AttemptEnd(AttemptState.FAILED, Reason.SPAWN, self._clock.now(), detail={"error": error})
            await self.end(attempt.id, end)
        else:
            await self.settle(attempt)

    async def _stop(self, attempt: Attempt) -> None:
        if self._client is not None:
            sync_point("cancel.decided")
            await self._client.cancel(attempt.id)
            sync_point("cancel.answered")

    async def settle(self, attempt: Attempt) -> None:
        """Find out what became of a try that the store calls running: watch it, take its result, or void it.

        "Never started" is proven by the void alone, and only on the boot on which it would have started.
        """
        if self._client is None:
            return
        match await self._client.void(attempt.id):
            case Running():
                self._given.add(attempt.id)
            case Finished(result):
                await self.record(result)
            case Voided():
                state, reason = (
                    (AttemptState.NOT_STARTED, Reason.NEVER_STARTED)
                    if HOST_RESTARTED not in attempt.detail
                    else (AttemptState.LOST, Reason.HOST_RESTARTED)
                )
                await self.end(attempt.id, AttemptEnd(state, reason, self._clock.now()))
