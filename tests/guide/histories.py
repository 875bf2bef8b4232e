"""Stores with a past, which a page's `setup: NAME` asks for where living through it would take days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from jobistemer_tui.storage.open import open_store
from tests.support.engine_world import World, job
from tests.support.factories import add, make_attempt, make_occurrence, make_task_run

NIGHTLY = job(name="nightly-backup", schedule="*/10 6 * * *", timezone="Europe/Berlin")


def _world(home: Path) -> World:
    data = home / ".local" / "share" / "jobistemer"
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    return World(open_store(f"sqlite:{data}/jobistemer.db"))


def overlapping_backup(home: Path) -> None:
    """`nightly-backup` on 2 March 2026 in Berlin: still running since 06:10 when it is due at 06:20."""
    world = _world(home)
    world.begin(NIGHTLY)
    world.handle_next(NIGHTLY)
    world.raw.close()


def a_nightly_and_a_frequent_job(home: Path) -> None:
    """`nightly`, which took two minutes twelve times, and `often`, which has not run yet."""
    world = _world(home)
    nightly = job(name="nightly", schedule="0 5 * * *", timezone="UTC")
    world.publish(nightly)
    world.publish(job(name="often", schedule="*/20 * * * *", timezone="UTC"))
    for day in range(12):
        at = datetime(2026, 2, 10, 5, tzinfo=UTC) + timedelta(days=day)
        row = make_occurrence(world.the_job(nightly), at)
        run = make_task_run(row, "dump", started_at=at, finished_at=at + timedelta(minutes=2))
        add(world.raw, row, run, make_attempt(run, started_at=at, finished_at=at + timedelta(minutes=2)))
    world.raw.close()


HISTORIES: dict[str, Callable[[Path], None]] = {
    "overlapping backup": overlapping_backup,
    "nightly and often": a_nightly_and_a_frequent_job,
}
