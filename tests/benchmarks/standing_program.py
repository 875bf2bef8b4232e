"""One program to be measured from outside: `python -m tests.benchmarks.standing_program KIND FOLDER SECONDS`.

KIND `engine`: an engine over the folder's job files. `timers`: a bare asyncio loop with a timer for each job in
them. `wakes`: the same loop, which also looks at its clock once a second and notices changes of the files. `imports`:
nothing but the engine's imports. Prints one JSON object: seconds until ready, processor seconds used while it then
stood idle for SECONDS, and its memory in bytes.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from importlib import import_module
from pathlib import Path

from watchfiles import awatch

from tests.benchmarks.engine_under_test import JOBS, engine, supervisor_pid
from tests.benchmarks.processes import cpu_seconds, private_bytes

A_DAY = 86_400.0
LATER = ("anyio._backends._asyncio", "jobistemer_tui.storage.sqlite.store", "typing_extensions")
"""What an engine imports only when it first watches files and opens its store."""


def main() -> None:
    """Be what the first argument says."""
    kind, folder, seconds = sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])
    match kind:
        case "engine":
            asyncio.run(_engine(folder, seconds))
        case "wakes":
            asyncio.run(_wakes(folder, seconds))
        case "timers":
            asyncio.run(_timers(_count_jobs(folder), seconds))
        case _:
            for name in LATER:
                import_module(name)
            asyncio.run(_timers(0, seconds))


def _count_jobs(folder: Path) -> int:
    return sum(file.read_text().count("[jobs.") for file in (folder / JOBS).iterdir())


async def _engine(folder: Path, seconds: float) -> None:
    begin = time.perf_counter()
    async with engine(folder, None, slots=2):
        ready = time.perf_counter() - begin
        pid = supervisor_pid(folder)
        before = cpu_seconds() + cpu_seconds(pid)
        await asyncio.sleep(seconds)
        _tell(ready, cpu_seconds() + cpu_seconds(pid) - before)


async def _timers(count: int, seconds: float) -> None:
    begin = time.perf_counter()
    loop = asyncio.get_running_loop()
    timers = [loop.call_later(A_DAY + number, print, number) for number in range(count)]
    ready = time.perf_counter() - begin
    before = cpu_seconds()
    await asyncio.sleep(seconds)
    _tell(ready, cpu_seconds() - before)
    for timer in timers:
        timer.cancel()


async def _wakes(folder: Path, seconds: float) -> None:
    """What no engine can do without that finds out when its clock is set and when its files are saved."""
    wakes = [asyncio.create_task(_look_at_the_clock()), asyncio.create_task(_notice_saves(folder / JOBS))]
    await _timers(_count_jobs(folder), seconds)
    for task in wakes:
        task.cancel()
    await asyncio.gather(*wakes, return_exceptions=True)


async def _look_at_the_clock() -> None:
    begin = time.time() - time.monotonic()
    while abs(time.time() - time.monotonic() - begin) < A_DAY:  # noqa: ASYNC110 - the wake is what is measured
        await asyncio.sleep(1)


async def _notice_saves(folder: Path) -> None:
    async for _ in awatch(folder, step=250, rust_timeout=60_000):
        pass


def _tell(ready: float, cpu: float) -> None:
    print(json.dumps({"ready_s": ready, "idle_cpu_s": cpu, "memory": private_bytes()}), flush=True)


main()
