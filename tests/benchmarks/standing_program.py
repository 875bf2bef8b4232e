"""One program to be measured from outside: `python -m tests.benchmarks.standing_program KIND FOLDER SECONDS`.

KIND `engine`: an engine over the folder's job files. `timers`: a bare asyncio loop with a timer for each job in
them. `imports`: nothing but the engine's imports. Prints one JSON object: seconds until ready, processor seconds
used while it then stood idle for SECONDS, and its memory in bytes.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from importlib import import_module
from pathlib import Path

from tests.benchmarks.engine_under_test import JOBS, engine, supervisor_pid
from tests.benchmarks.processes import cpu_seconds, private_bytes

A_DAY = 86_400.0
LATER = ("anyio._backends._asyncio", "jobistemer_tui.storage.sqlite.store", "typing_extensions")
"""What an engine imports only when it first watches files and opens its store."""


def main() -> None:
    """Be what the first argument says."""
    kind, folder, seconds = sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])
    if kind == "engine":
        asyncio.run(_engine(folder, seconds))
    else:
        for name in LATER if kind == "imports" else ():
            import_module(name)
        asyncio.run(_timers(_count_jobs(folder) if kind == "timers" else 0, seconds))


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


def _tell(ready: float, cpu: float) -> None:
    print(json.dumps({"ready_s": ready, "idle_cpu_s": cpu, "memory": private_bytes()}), flush=True)


main()
