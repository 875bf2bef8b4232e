"""A folder with a real database, real job files and real engines, whose time is in the test's hand."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from jobistemer_tui.domain import identity
from jobistemer_tui.domain.records import Attempt, Event, Job, Occurrence
from jobistemer_tui.domain.states import OccurrenceState
from jobistemer_tui.engine.node import Node
from jobistemer_tui.engine.node_options import NodeOptions, StopMode
from jobistemer_tui.storage.tables import (
    ATTEMPTS_BY_OCCURRENCE,
    EVENTS_BY_SEQUENCE,
    JOBS_BY_KEY,
    OCCURRENCES_BY_JOB,
)
from tests.support.checked_store import CheckedStore
from tests.support.empty_database import empty_store
from tests.support.engine_world import START
from tests.support.manual_clock import ManualClock
from tests.support.wait_until import wait_until_async

MARKER = "JOBISTEMER_TEST_HOME"


class EngineHome:
    """Everything of one test; `leave` sees that no process is left."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.marker = str(folder)
        self.jobs = folder / "jobs"
        self.nodes = folder / "store.db.nodes"
        for made in (self.jobs, self.nodes):
            made.mkdir(mode=0o700)
        self.store = CheckedStore(empty_store(folder / "store.db"))
        self.attempts_dir = folder / "attempts" / str(self.store.id)
        self.clock = ManualClock(START)
        self.events: list[Event] = []
        self.running: dict[Node, asyncio.Task[None]] = {}

    # --- files

    def write(self, name: str, text: str) -> Path:
        """Write a job file as an editor does: beside, then over it."""
        beside = self.folder / f".{name}"
        beside.write_text(text)
        beside.chmod(0o600)
        return beside.rename(self.jobs / name)

    def job(self, name: str, run: str = "true", *, schedule: str | None = "* * * * *", more: str = "") -> Path:
        """Write `NAME.toml` with one job of one task."""
        when = "" if schedule is None else f'schedule = "{schedule}"\n'
        tasks = f"tasks = [{{ name = 'dump', run = '''{run}''' }}]"
        return self.write(f"{name}.toml", f"[jobs.{name}]\ntimezone = 'UTC'\n{when}{more}\n{tasks}\n")

    # --- engines

    def node(self, *roots: Path, **options: object) -> Node:
        """An engine that is not started yet."""
        settings = NodeOptions(roots=roots or (self.jobs,), **options)  # type: ignore[arg-type]  # any option
        return Node(
            self.store, nodes_dir=self.nodes, attempts_dir=self.attempts_dir, clock=self.clock, options=settings,
            on_event=self.events.append,
        )  # fmt: skip

    async def start(self, *roots: Path, **options: object) -> Node:
        """Start an engine; returns when it is ready."""
        node = self.node(*roots, **options)
        ready = asyncio.Event()
        task = self.running[node] = asyncio.ensure_future(node.run(on_ready=ready.set))
        await wait_until_async(lambda: ready.is_set() or task.done(), what="the engine")
        if task.done():
            await self.running.pop(node)
        return node

    async def stop(self, node: Node, how: StopMode = StopMode.HANDOVER) -> None:
        """Stop an engine and wait for its end."""
        node.stop(how)
        await self.until(self.running[node].done)
        await self.running.pop(node)

    async def kill(self, node: Node) -> None:
        """End an engine where it stands, as `kill -9` does: nothing more of it is written."""
        task = self.running.pop(node)
        self.store.fail = _dead
        runner = node._runner
        for waiting in list(runner._tasks):
            waiting.cancel()
        task.cancel()
        await asyncio.wait([task])
        self.store.fail = lambda: None

    async def until(self, condition: Callable[[], object], *, step: float = 0.0) -> None:
        """Wait for a condition, letting `step` seconds of the test's time pass again and again."""

        def looked() -> bool:
            if condition():
                return True
            if step:
                self.clock.advance(step)
            return False

        await wait_until_async(looked, what="a condition")

    async def quiet(self) -> None:
        """Let engines do, in a while, all that they would do now; for tests of what they must not do."""
        rounds = iter(range(10))
        await self.until(lambda: next(rounds, None) is None)

    # --- questions

    def the_job(self, name: str) -> Job | None:
        """A job's row."""
        rows = self.store.read(lambda reader: reader.scan(JOBS_BY_KEY, name))
        return rows[0] if rows else None

    def rows(self, name: str, *states: OccurrenceState) -> list[Occurrence]:
        """The occurrences of a job in time order, only those in some states if any are named."""
        found = self.store.read(lambda reader: reader.scan(OCCURRENCES_BY_JOB, identity.job_id(name)))
        return [row for row in found if not states or row.state in states]

    def attempts(self, row: Occurrence) -> list[Attempt]:
        """The tries of an occurrence in order."""
        return self.store.read(lambda reader: reader.scan(ATTEMPTS_BY_OCCURRENCE, row.id))

    def kinds(self) -> list[str]:
        """What the audit tells, in order."""
        return [event.kind for event in self.store.read(lambda reader: reader.scan(EVENTS_BY_SEQUENCE))]

    def lines(self, name: str) -> list[str]:
        """The lines of a file that tasks write to."""
        path = self.folder / name
        return path.read_text().splitlines() if path.exists() else []

    def processes(self) -> list[int]:
        """Every process of this home: supervisors, which have the marker, and tasks, which have the store's id."""
        marks = {f"{MARKER}={self.marker}".encode(), f"JOBISTEMER_STORE_ID={self.store.id}".encode()}
        pids = [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid()]
        return [pid for pid in pids if marks & environment(pid)]

    def supervisors(self) -> list[int]:
        """The supervisors of this home."""
        mark = f"{MARKER}={self.marker}".encode()
        return [pid for pid in self.processes() if mark in environment(pid)]

    async def leave(self) -> None:
        """Stop everything; fails if a process outlives it."""
        try:
            for node in list(self.running):
                node.stop(StopMode.CANCEL)
                node.stop(StopMode.CANCEL)
                await self.until(self.running[node].done, step=1.0)
                await self.running.pop(node)
            _signal(self.supervisors(), signal.SIGTERM)  # rather than wait until it is idle
            await wait_until_async(lambda: not self.processes(), what="the last process to end")
        finally:
            _signal(self.processes(), signal.SIGKILL)
            self.store.close()


def environment(pid: int) -> set[bytes]:
    """The environment of a process; empty if it is gone."""
    try:
        return set(Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"))
    except OSError:
        return set()


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def _dead() -> None:
    raise asyncio.CancelledError
