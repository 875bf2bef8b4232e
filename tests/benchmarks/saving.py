"""How long a save takes to be live: real editors' ways of writing, the real watcher, a real engine and store."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

from jobistemer_tui.domain.identity import job_id
from jobistemer_tui.storage.tables import JOBS as JOB_TABLE
from tests.benchmarks.engine_under_test import JOBS, Running, engine

PROMISED_S = 2.0
EDITED = "edited"


def text_of(number: int) -> str:
    """The file, in another version for each number."""
    return f"[jobs.{EDITED}]\ndescription = 'save {number}'\nschedule = '0 5 * * *'\nrun = 'true'\n"


def by_rename(file: Path, number: int) -> None:
    """As vim, and most tools, do."""
    beside = file.with_name(".beside")
    beside.write_text(text_of(number))
    beside.rename(file)


def in_place(file: Path, number: int) -> None:
    """As nano, and a shell's `>`, do."""
    file.write_text(text_of(number))


def in_pieces(file: Path, number: int) -> None:
    """As what generates a file line by line does; each line on disk before the next."""
    with file.open("w") as handle:
        for line in text_of(number).splitlines(keepends=True):
            handle.write(line)
            handle.flush()
            time.sleep(0.02)


WAYS: dict[str, Callable[[Path, int], None]] = {"by rename": by_rename, "in place": in_place, "in pieces": in_pieces}


def save(folder: Path, way: str, *, files: int, times: int) -> list[float]:
    """Seconds from the end of each save until its version is published, beside so many other files."""
    jobs = folder / JOBS
    jobs.mkdir(mode=0o700)
    for number in range(files):
        (jobs / f"other{number}.toml").write_text(f"[jobs.other{number}]\nschedule = '0 5 * * *'\nrun = 'true'\n")
    in_place(jobs / f"{EDITED}.toml", 0)
    return asyncio.run(_save(folder, WAYS[way], times))


async def _save(folder: Path, way: Callable[[Path, int], None], times: int) -> list[float]:
    taken = []
    async with engine(folder, None, slots=1) as running:
        for number in range(1, times + 1):
            await asyncio.to_thread(way, folder / JOBS / f"{EDITED}.toml", number)
            saved = time.perf_counter()
            await _until_version(running, number + 1)
            taken.append(time.perf_counter() - saved)
    return taken


async def _until_version(running: Running, version: int) -> None:
    while True:
        job = running.store.read(lambda reader: reader.get(JOB_TABLE, job_id(EDITED)))
        if job is not None and job.version >= version:
            return
        await asyncio.sleep(0.01)
