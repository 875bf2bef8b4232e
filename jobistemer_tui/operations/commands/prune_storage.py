"""Clear away at once what retention would clear away by and by."""

from __future__ import annotations

import asyncio
from pathlib import Path

from jobistemer_tui.domain.clock import Clock
from jobistemer_tui.engine.clearing import Clearing, Surplus, read_surplus
from jobistemer_tui.engine.definitions import Definitions
from jobistemer_tui.engine.store_calls import StoreCalls
from jobistemer_tui.operations.read_models import Pruned, PrunedJob
from jobistemer_tui.storage.contract import Reader, Store
from jobistemer_tui.storage.tables import JOBS_BY_KEY


def prune_storage(store: Store, attempts_dir: Path, clock: Clock, *, actor: str, dry_run: bool) -> Pruned:
    """Delete, or only find, the runs that no job keeps any more, and the folders of attempts that have no row."""
    return asyncio.run(_prune(StoreCalls(store, clock), attempts_dir, clock, actor=actor, dry_run=dry_run))


async def _prune(store: StoreCalls, attempts_dir: Path, clock: Clock, *, actor: str, dry_run: bool) -> Pruned:
    definitions, now = Definitions(), clock.now()

    def read(reader: Reader) -> list[Surplus]:
        found = [read_surplus(reader, definitions, job, now) for job in reader.scan(JOBS_BY_KEY)]
        return [surplus for surplus in found if surplus.families]

    clearing = Clearing(store, attempts_dir)
    found, lost = store.read(read), await clearing.orphans()
    jobs = [PrunedJob(surplus.job.name, surplus.runs, surplus.size) for surplus in found]
    if not dry_run:
        jobs = []
        for surplus in found:
            runs = await clearing.clear(surplus, now=now, actor=actor)
            jobs.append(PrunedJob(surplus.job.name, runs, surplus.size))
        await clearing.clear_orphans(lost)
        await clearing.clear_left_over()
    return Pruned(tuple(jobs), len(lost), dry_run)
