"""A world in which everything goes wrong that a seed says, and then nothing more: what must hold holds at the end.

First the engine is killed, frozen, stopped and started again, its clocks are set, its supervisor dies, its store
fails, people edit and press keys. Then the faults end, and all that is due must get its fate and come to its end.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.records import GapState, NotificationState, Occurrence
from jobistemer_tui.domain.recovery_strategy import RecoveryStrategy
from jobistemer_tui.domain.states import OPEN_ATTEMPTS, OPEN_OCCURRENCES, OccurrenceState
from jobistemer_tui.engine import control
from jobistemer_tui.engine.node import Node
from jobistemer_tui.engine.node_options import NodeOptions, StopMode
from jobistemer_tui.engine.supervisor_client import StartOrder, SupervisorRefused, SupervisorUnavailable
from jobistemer_tui.errors import AlreadyServed, EngineFenced, NotFound, Refused, StoreUnavailable
from jobistemer_tui.storage.contract import Reader, Transaction
from jobistemer_tui.storage.tables import (
    ATTEMPTS_BY_OCCURRENCE,
    BOOTS,
    GAPS_BY_HOLD,
    JOBS,
    NODES,
    NOTIFICATIONS_BY_DUE,
    OCCURRENCES_BY_DUE,
    OCCURRENCES_BY_JOB_STATE,
)
from tests.support.simulated_acts import Act
from tests.support.simulated_clock import SimulatedClock
from tests.support.simulated_jobs import HOLDS, ROOT, draw_job, interval_s
from tests.support.simulated_loop import SimulatedLoop
from tests.support.simulated_node import Machine
from tests.support.simulated_store import Faults, SimulatedDisk, StoreHandle, remembered_rows
from tests.support.simulated_supervisor import Behaviour, SimulatedSupervisor
from tests.support.simulated_values import Values

PersonalAct = Callable[[Transaction, UUID, datetime], object]
"""A command, given the job and the time."""
WHO: Final = "person"
START: Final = datetime(2026, 3, 2, 5, 0, 30, tzinfo=UTC)
STEADY_S: Final = 64.0
"""Longer than the minute of steady clock that a long gap waits for."""
SWEEP_S: Final = 60.0
"""How often an engine looks at everything when nothing is live."""
QUIET_S: Final = 16.0
"""How long everything then has to be in time."""
FAR: Final = timedelta(seconds=150)
"""What is put off for longer was so by a clock that was ahead, and is not waited for."""
STAND_BY_S: Final = 2.0
RARE: Final = 0.1
PATIENCE_S: Final = 200.0
"""After so long without the begin or end of a process what is open counts as stuck."""
EXPECTED: Final = (StoreUnavailable, SupervisorUnavailable, SupervisorRefused, AlreadyServed, EngineFenced)
"""What an engine may end with, or log, under faults."""


@dataclass(slots=True)
class Line:
    """One line of the ledger; `commit` is how many transactions had taken effect before."""

    kind: str
    order: StartOrder
    boot: float
    commit: int
    exit_code: int | None
    values: Values | None


@dataclass(slots=True)
class Engine:
    """One start of an engine, in the process `place` of those that want to serve the store."""

    program: int
    place: int
    node: Node
    store: StoreHandle


@dataclass
class World:
    """Everything of one seed. `acts` is how many acts it has at most, `events` how many lines its trace may have.

    `possible` are the acts that may happen; `only`: all of them, without it the seed chooses some. `rare` are acts
    that are among those of a tenth of the seeds, by a chance of its own: so the others are what they were without them.
    """

    seed: int
    acts: int = 8
    events: int = 200
    possible: Sequence[Act] = ()
    only: bool = False
    rare: Sequence[Act] = ()
    trace: list[str] = field(default_factory=list)
    ledger: list[Line] = field(default_factory=list)
    deliveries: list[tuple[UUID, bool, int]] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    engines: dict[int, Engine] = field(default_factory=dict)
    calm: bool = False
    settled_at: datetime | None = None
    paused_at: datetime | None = None

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.loop = SimulatedLoop(self.chance)
        self.clock = SimulatedClock(self.loop, START + timedelta(seconds=self.chance.randrange(3600)), self.chance)
        self.behaviour = _draw_behaviour(self.chance)
        self.supervisor = SimulatedSupervisor(self.loop, self.clock, self.chance, self.behaviour, self._note_process)
        self.machine = Machine(self.supervisor, self.chance)
        self.machine.locks.on_free = self._take_over
        self.machine.on_delivery = self._note_delivery
        self.machine.refuses = self.chance.choice((0.0, 0.3))
        self.places = self.chance.choice((1, 2, 3))
        self._standing_by: set[int] = set()
        self._down: set[int] = set()
        self.disk = SimulatedDisk()
        self.faults = Faults()
        self.dense = self.chance.random() < 0.6
        self.jobs: dict[str, JobDefinition] = {}
        self.retired: set[str] = set()
        chosen = [act for act in self.possible if self.chance.random() < 0.4 or self.only]
        apart = random.Random(f"{self.seed} rare")
        self.possible = [*(chosen or self.possible[:1]), *(act for act in self.rare if apart.random() < RARE)]
        self.jumps_left_s = 0.0
        self._programs = 0
        self._progress_at = 0.0
        self._happened: set[str] = set()
        self._handles: list[StoreHandle] = []

    # --- the course of the world

    def run(self) -> None:
        """Live through the seed; what is wrong is found in `troubles` and by the checker."""
        with self.machine.installed(), remembered_rows(), self._logs():
            try:
                self.loop.run_until_complete(self._live())
            finally:
                for handle in self._handles:
                    handle.close()
                self.loop.sweep_up()
                self.loop.close()

    async def _live(self) -> None:
        for number in range(self.chance.choice((1, 1, 1, 2))):
            self.publish(draw_job(self.chance, f"job{number}", dense=self.dense))
        # What is missed may all be made up for, and each task of it is two lines of `events`.
        missed = min(15.0, 60 / sum(len(job.tasks) for job in self.jobs.values()))
        self.jumps_left_s = missed * min(interval_s(job.schedule, dense=self.dense) for job in self.jobs.values())
        for place in range(self.places):
            self.loop.call_later(place * self.chance.random(), self.start_engine, place)
        for _ in range(self.chance.randrange(1, self.acts + 1)):
            await asyncio.sleep(self.chance.choice((0.05, 1.0, 8.0, 25.0)) * self.chance.random())
            if len(self.trace) >= self.events * 0.5:
                break
            act = self.chance.choice(self.possible)
            self.say(f"act {act.__name__}")
            self._happened.add(act.__name__)
            act(self)
            self._decide_about_gaps()
        self._calm_down()
        await asyncio.sleep(self._settling_s() + self.chance.random() * 5)
        self.settled_at = self.clock.now()
        await asyncio.sleep(QUIET_S)
        self._check_published()
        self._pause_all()
        await self._until_over()

    def _settling_s(self) -> float:
        """A long gap is held for a minute of steady clock, and the end of a file is noticed late; nothing else is.

        An engine whose lock was replaced notices it in its next sweep, and for its successor the minute begins anew.
        """
        slow = {"set_clock", "suspend", "remove", "edit"} & self._happened
        late = SWEEP_S if slow and "replace_lock" in self._happened else 0.0
        held = any(job.settings.get("recovery_hold") for job in self.jobs.values())
        return (STEADY_S if slow else 15.0) + late + (2 * max(HOLDS) if held else 0.0)

    def _decide_about_gaps(self) -> None:
        """A person looks at what waits for a decision, and perhaps decides."""
        held = self.disk.rows.read(lambda reader: reader.scan(GAPS_BY_HOLD, GapState.HELD))
        names = {job.id: name for name, job in self.jobs.items()}
        for gap in held:
            chance = random.Random(f"{self.seed} {len(self.trace)}")
            act = chance.choice((control.release_gap, control.drop_gap, _trim, _change, None))
            if act is not None and gap.job_id in names:
                decide = partial(act, actor=WHO)
                self.person(lambda tx, job, now, decide=decide: decide(tx, job, now=now), names[gap.job_id])  # type: ignore[misc]

    def _check_published(self) -> None:
        """What was saved last is what is published."""
        for name, definition in sorted(self.jobs.items()):
            row = self.disk.rows.read(lambda reader, key=definition.id: reader.get(JOBS, key))  # type: ignore[misc]
            if name in self.retired:
                if row is not None and row.retired_at is None:
                    self.troubles.append(f"L1: {name} has no file and is not retired")
            elif row is None or row.content_hash != definition.content_hash or row.retired_at is not None:
                self.troubles.append(f"L1: the saved version of {name} is not published")

    def _calm_down(self) -> None:
        self.say("calm")
        self.calm = True
        self.faults.before = self.faults.after = self.faults.read = 0.0
        self.faults.commit_s, self.faults.answer_s = 0.005, 0.002
        self.supervisor.hangs_until = 0.0
        for engine in list(self.engines.values()):
            self.loop.spare(engine.program)
            self.loop.thaw(engine.program)
        for place in sorted(self._down):
            self._start_again(place)
        for name in sorted(self.jobs):
            self.person(lambda tx, job, now: control.resume(tx, job, now=now, actor=WHO), name)
            self.person(lambda tx, job, now: control.start(tx, job, now=now, actor=WHO), name)
        self.machine.poke()  # whatever the engine was not told of before

    def _pause_all(self) -> None:
        self.say("pause all")
        self.paused_at = self.clock.now()
        for name in sorted(self.jobs):
            self.person(lambda tx, job, now: control.pause(tx, job, now=now, until=None, reason=None, actor=WHO), name)
        self.machine.poke()

    async def _until_over(self) -> None:
        self._progress_at = self.loop.time()
        await asyncio.sleep(4.0)
        while self._open() or self.supervisor.processes:
            if self.loop.time() > self._progress_at + PATIENCE_S:
                self.troubles.append(f"I9: still open after {PATIENCE_S} s without a step: {self._open()}")
                return
            if len(self.trace) > 10 * self.events:
                self.troubles.append("L1: it goes on and on, though every job is paused")
                return
            await asyncio.sleep(4.0)
        await asyncio.sleep(1.0)

    def _open(self) -> list[str]:
        """What has not ended and does not wait for a time to come, as what was put off while the clock was ahead."""
        return self.disk.rows.read(
            lambda reader: [
                *(
                    f"{row.id} {row.state} ({row.reason})"
                    for state in OPEN_OCCURRENCES
                    for row in reader.scan(OCCURRENCES_BY_DUE, state)
                    if not self._waits(reader, row)
                ),
                *(
                    f"notification {row.id} ({row.error})"
                    for row in reader.scan(NOTIFICATIONS_BY_DUE, NotificationState.WAITING)
                    if row.not_before <= self.clock.now() + FAR
                ),
            ]
        )

    def _waits(self, reader: Reader, row: Occurrence) -> bool:
        now = self.clock.now() + FAR
        if row.state is OccurrenceState.PENDING:
            return row.due_at > now
        if row.state is OccurrenceState.QUEUED:
            older = reader.scan(OCCURRENCES_BY_JOB_STATE, row.job_id, OccurrenceState.PENDING)
            older += reader.scan(OCCURRENCES_BY_JOB_STATE, row.job_id, OccurrenceState.RUNNING)
            return any(self._waits(reader, other) for other in older)
        tries = [one for one in reader.scan(ATTEMPTS_BY_OCCURRENCE, row.id) if one.state in OPEN_ATTEMPTS]
        return bool(tries) and all(one.not_before is not None and one.not_before > now for one in tries)

    # --- what acts use

    def publish(self, definition: JobDefinition) -> None:
        """Save a job file; the engine notices."""
        self.jobs[definition.name] = definition
        self.retired.discard(definition.name)
        self.machine.files.write(definition)
        self.machine.touch_files()

    def person(self, act: PersonalAct, name: str) -> None:
        """A command of a person, from another process; a refusal is none of our business."""
        job = self.jobs[name].id
        now = self.clock.now()
        try:
            self.disk.commit(lambda tx: act(tx, job, now), None)
        except (Refused, NotFound):
            pass
        except Exception as error:  # noqa: BLE001 - whatever else comes of a key press is a defect
            self.troubles.append(f"I0: a person's act on {name}: {error!r}")
        if self.chance.random() < 0.7:
            self.machine.poke()

    def start_engine(self, place: int) -> None:
        """Let a process try to serve the store; where another does, it stands by."""
        self._programs += 1
        store = StoreHandle(self.disk, self.loop, self.chance, self.faults)
        self._handles.append(store)
        node = Node(
            store, nodes_dir=Path("/simulated"), attempts_dir=Path("/simulated"), clock=self.clock,
            options=NodeOptions(
                (Path(ROOT),), max_concurrent_jobs=self.chance.choice((1, 8, 8)), drain_grace_s=10, min_free=0,
            ),
        )  # fmt: skip
        store.by = node.id
        engine = self.engines[self._programs] = Engine(self._programs, place, node, store)
        self.say(f"engine {engine.program} starts")
        task = self.loop.start_program(engine.program, node.run())
        task.add_done_callback(lambda done: self._ended(engine, done))

    def an_engine(self) -> Engine | None:
        """One of those that run; for a while after the lock was lost there are two."""
        return self.chance.choice(list(self.engines.values())) if self.engines else None

    def kill_engine(self, callbacks: int) -> None:
        """Kill an engine when it has run so many more callbacks; 0: now."""
        engine = self.an_engine()
        if engine is not None:
            self.loop.kill_after(engine.program, callbacks, lambda: self._killed(engine))
            if not callbacks:
                self.loop.kill(engine.program)

    def restart_machine(self) -> None:
        """The power fails and comes back: all engines are killed, and the supervisor with all that it runs."""
        for engine in list(self.engines.values()):
            self.loop.kill_after(engine.program, 0, partial(self._killed, engine))
            self.loop.kill(engine.program)
        self.supervisor.lose_power()
        self.machine.boots += 1

    def stop_engine(self, how: StopMode) -> None:
        """Ask an engine to stop."""
        engine = self.an_engine()
        if engine is not None:
            engine.node.stop(how)

    def later(self, longest_s: float, work: Any) -> None:
        """Do something within so many seconds, unless the faults have ended by then."""
        self.loop.call_later(self.chance.random() * longest_s, lambda: None if self.calm else work())

    def _killed(self, engine: Engine) -> None:
        self.say(f"engine {engine.program} is killed")
        self._gone(engine)

    def _ended(self, engine: Engine, task: asyncio.Task[None]) -> None:
        if engine.store.closed:
            return
        self.loop.spare(engine.program)  # it ended before it could be killed
        error = None if task.cancelled() else task.exception()
        self.say(f"engine {engine.program} ends {type(error).__name__ if error else ''}")
        if error is not None and not _is_expected(error):
            self.troubles.append(f"I0: the engine ended with {error!r}")
        if isinstance(error, AlreadyServed):
            engine.store.close()
            del self.engines[engine.program]
            self._standing_by.add(engine.place)
        else:
            self._gone(engine)

    def _gone(self, engine: Engine) -> None:
        """Its process is started again some time, unless it is one that stands by."""
        engine.store.close()
        del self.engines[engine.program]
        delay = self.chance.choice((0.1, 3.0, 90.0)) * self.chance.random()
        self._down.add(engine.place)
        self.loop.call_later(1.0 if self.calm else delay, self._start_again, engine.place)
        self.machine.forget(engine.program)

    def _start_again(self, place: int) -> None:
        if place in self._down:
            self._down.remove(place)
            self.start_engine(place)

    def _take_over(self) -> None:
        """Who stands by looks every two seconds."""
        for place in sorted(self._standing_by):
            self.loop.call_later(STAND_BY_S * self.chance.random(), self.start_engine, place)
        self._standing_by.clear()

    # --- what is noted

    def say(self, text: str) -> None:
        """Add an event to the trace."""
        self.trace.append(f"{self.loop.time():.6f} {text}")

    def digest(self) -> str:
        """The same for the same course of events, commits included; what is of this machine is left out."""
        changes = [
            (commit.number, change.table.name, change.before, change.after)
            for commit in self.disk.commits for change in commit.changes
            if change.table is not NODES and change.table is not BOOTS
        ]  # fmt: skip
        return hashlib.sha256("\n".join((*self.trace, *map(repr, changes))).encode()).hexdigest()

    def _note_delivery(self, notification: UUID, arrived: bool) -> None:
        self._progress_at = self.loop.time()
        self.deliveries.append((notification, arrived, len(self.disk.commits)))

    def _note_process(
        self, kind: str, order: StartOrder, exit_code: int | None = None, *, values: Values | None = None
    ) -> None:
        self._progress_at = self.loop.time()
        self.ledger.append(Line(kind, order, self.clock.boot(), len(self.disk.commits), exit_code, values))
        self.say(f"{kind} {order.attempt_id} {exit_code}")

    @contextmanager
    def _logs(self) -> Iterator[None]:
        """Errors that the engine caught and logged, because they should not have been there."""
        logger = logging.getLogger("jobistemer_tui")
        handler = _Troubles(self.troubles)
        before = (logger.level, logger.propagate)
        logger.addHandler(handler)
        logger.setLevel(logging.ERROR)
        logger.propagate = False
        try:
            yield
        finally:
            logger.removeHandler(handler)
            logger.level, logger.propagate = before


class _Troubles(logging.Handler):
    def __init__(self, troubles: list[str]) -> None:
        super().__init__()
        self._troubles = troubles

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and not _is_expected(error):
            self._troubles.append(f"I0: {record.getMessage()}: {error!r}")
        elif error is None and record.msg.startswith(("row ", "job ")):
            self._troubles.append(f"I0: {record.getMessage()}")


def _trim(tx: Transaction, job: UUID, *, now: datetime, actor: str) -> object:
    return control.trim_gap(tx, job, newest=2, now=now, actor=actor)


def _change(tx: Transaction, job: UUID, *, now: datetime, actor: str) -> object:
    return control.change_gap(tx, job, strategy=RecoveryStrategy.EXECUTE_ALL, now=now, actor=actor)


def _is_expected(error: BaseException) -> bool:
    if isinstance(error, BaseExceptionGroup):
        return all(_is_expected(inner) for inner in error.exceptions)
    return isinstance(error, EXPECTED)


def _draw_behaviour(chance: random.Random) -> Behaviour:
    return Behaviour(
        longest_s=chance.choice((1.0, 10.0, 40.0)), fails=chance.choice((0.0, 0.2, 0.5)),
        spawn_fails=chance.choice((0.0, 0.0, 0.1)), not_started=chance.choice((0.0, 0.0, 0.1)),
        delay_s=chance.choice((0.01, 0.01, 0.3)), hands_on=chance.choice((0.0, 0.4, 0.8)),
    )  # fmt: skip
