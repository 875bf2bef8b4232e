"""Benchmarks beside references in the same run, as ratios: `python -m tests.benchmarks [--quick]`.

Prints one JSON object a line: what was measured, ours, the reference, the ratio and the goal.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks.bare import BareEngine, spawn_all
from tests.benchmarks.engine_under_test import engine, until_completed

DATE = ["/bin/date", "+%s.%N"]


def main() -> None:
    """Run all benchmarks, or quick forms of them, and print a line each."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one small round of each, to see that they work")
    quick = parser.parse_args().quick
    rounds = 1 if quick else 5
    many = 50 if quick else 1000
    report("due-to-start, N = 1 (s)", [due_to_start(1) for _ in range(rounds)], goal="at most 2")
    report(
        f"due-to-start of the last, N = {many} (s)",
        [due_to_start(many) for _ in range(min(rounds, 3))],
        goal="at most 1.5",
    )
    report(
        f"durable occurrences per second, N = {many}",
        [throughput(many) for _ in range(min(rounds, 3))],
        goal="at least 0.6",
    )


def report(what: str, pairs: list[tuple[float, float]], *, goal: str) -> None:
    """Print the medians of (ours, reference) pairs and the median of their ratios."""
    ours, reference = (statistics.median(values) for values in zip(*pairs, strict=True))
    ratio = statistics.median(mine / bare for mine, bare in pairs)
    line = {
        "what": what,
        "ours": round(ours, 5),
        "reference": round(reference, 5),
        "ratio": round(ratio, 3),
        "goal": goal,
    }
    print(json.dumps(line), flush=True)


def due_to_start(count: int) -> tuple[float, float]:
    """Seconds from the instant to the start of the last of `count` processes: ours, and a bare asyncio engine's."""
    with tempfile.TemporaryDirectory() as folder:
        ours = asyncio.run(_engine_lateness(Path(folder), count))
    with tempfile.TemporaryDirectory() as folder:
        bare = asyncio.run(_bare_lateness(Path(folder), count))
    return ours, bare


async def _engine_lateness(folder: Path, count: int) -> float:
    # Far enough ahead for the files to be read; the start is measured from the instant.
    at = datetime.fromtimestamp(int(time.time()) + 3 + count // 150, UTC)
    once = at.isoformat()
    jobs = "".join(
        f'[jobs.j{n}]\nschedule = {{ once = "{once}" }}\ncommand = {json.dumps(DATE)}\n' for n in range(count)
    )
    async with engine(folder, jobs, slots=count) as running:
        if time.time() > at.timestamp():
            raise RuntimeError("the files were not read in time; the instant passed")
        await until_completed(running, count)
        logs = [log.read_text() for log in running.attempts.glob("*/output.log")]
    if len(logs) != count:
        raise RuntimeError(f"{count - len(logs)} of {count} were lost")
    return max(float(text) for text in logs) - at.timestamp()


async def _bare_lateness(folder: Path, count: int) -> float:
    at = float(int(time.time()) + 2)
    files = await BareEngine(folder).run(count, at, DATE)
    return max(float(file.read_text()) for file in files) - at


def throughput(count: int) -> tuple[float, float]:
    """Occurrences per second from first start to last recorded end: ours, and bare posix_spawn, 16 at a time."""
    with tempfile.TemporaryDirectory() as folder:
        ours = asyncio.run(_engine_seconds(Path(folder), count))
    bare = spawn_all(count, ["/bin/true"], at_once=16)
    return count / ours, count / bare


async def _engine_seconds(folder: Path, count: int) -> float:
    at = datetime.fromtimestamp(int(time.time()) + 3 + count // 150, UTC)
    once = at.isoformat()
    jobs = "".join(f'[jobs.j{n}]\nschedule = {{ once = "{once}" }}\ncommand = ["/bin/true"]\n' for n in range(count))
    async with engine(folder, jobs, slots=16) as running:
        await until_completed(running, count)
        return time.time() - at.timestamp()


main()
