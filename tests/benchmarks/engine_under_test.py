"""A real engine over a real store, driven in this process, for the benchmarks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from jobistemer_tui.domain.clock import SystemClock
from jobistemer_tui.domain.states import OccurrenceState
from jobistemer_tui.engine.node import Node
from jobistemer_tui.engine.node_options import NodeOptions, StopMode
from jobistemer_tui.engine.supervisor.protocol import LOCK_NAME
from jobistemer_tui.storage.contract import Store
from jobistemer_tui.storage.open import open_store
from jobistemer_tui.storage.tables import OCCURRENCES_BY_DUE

JOBS = "jobs"
NODES = "jobistemer.db.nodes"


@dataclass(frozen=True, slots=True)
class Running:
    """The engine, its store, and where the attempts' folders are."""

    node: Node
    store: Store
    attempts: Path

    def count(self, state: OccurrenceState) -> int:
        """How many occurrences are in a state."""
        return self.store.read(lambda reader: reader.count(OCCURRENCES_BY_DUE, state))


@asynccontextmanager
async def engine(
    folder: Path, job_file: str | None, *, slots: int, processes: int | None = None
) -> AsyncIterator[Running]:
    """An engine that is ready, over one job file (None: over those that are there); stopped at the end.

    `processes`: how many may run at once; None: as many as an engine runs by default.
    """
    jobs = folder / JOBS
    nodes = folder / NODES
    for made in (jobs, nodes):
        made.mkdir(mode=0o700, exist_ok=True)
    if job_file is not None:
        (jobs / "jobs.toml").write_text(job_file)
    store = open_store(f"sqlite:{folder / 'jobistemer.db'}")
    attempts = folder / "attempts" / str(store.id)
    attempts.mkdir(parents=True, mode=0o700, exist_ok=True)
    options = NodeOptions((jobs,), max_concurrent_jobs=slots, max_attempts_running=processes)
    node = Node(store, nodes_dir=nodes, attempts_dir=attempts, clock=SystemClock(), options=options)
    ready = asyncio.Event()
    running = asyncio.create_task(node.run(on_ready=ready.set))
    await ready.wait()
    try:
        yield Running(node, store, attempts)
    finally:
        node.stop(StopMode.CANCEL)
        await running
        store.close()


def supervisor_pid(folder: Path) -> int:
    """The supervisor of the engine in a folder."""
    return int((folder / NODES / LOCK_NAME).read_text())


async def until_completed(running: Running, count: int) -> None:
    """Return when so many occurrences are completed."""
    while running.count(OccurrenceState.COMPLETED) < count:  # noqa: ASYNC110 - an event a commit would cost the engine
        await asyncio.sleep(0.02)
