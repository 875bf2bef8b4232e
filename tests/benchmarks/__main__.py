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

from jobistemer_tui.engine.transactions.common import DEFAULT_ATTEMPTS
from tests.benchmarks import screen
from tests.benchmarks.bare import BareEngine, DurableSpawns, spawn_all
from tests.benchmarks.callables import start_callable, start_interpreter
from tests.benchmarks.capture import capture_cpu, copy_cpu
from tests.benchmarks.completion import complete
from tests.benchmarks.engine_under_test import engine, until_completed
from tests.benchmarks.floor import Floor
from tests.benchmarks.forecast import forecast
from tests.benchmarks.next_due import next_due, next_due_again, refusal
from tests.benchmarks.saving import PROMISED_S, WAYS, save
from tests.benchmarks.screen_store import add_jobs, make_store
from tests.benchmarks.standing import stand, write_jobs

DATE = ["/bin/date", "+%s.%N"]
READING_S = 5
"""So long, and a second for each 30 jobs, the files may take to be read on a machine that is busy."""


def main() -> None:
    """Run all benchmarks, or quick forms of them, and print a line each."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one small round of each, to see that they work")
    parser.add_argument("--screen", action="store_true", help="those of the screen alone")
    chosen = parser.parse_args()
    quick = chosen.quick
    if not chosen.screen:
        report_engine(quick=quick)
    with tempfile.TemporaryDirectory() as folder:
        report_screen(Path(folder), screen.QUICK if quick else screen.FULL)


def report_screen(folder: Path, sizes: screen.Sizes) -> None:
    """Print what the screen costs beside minimal programs of the same kind."""
    home = make_store(folder / "home", sizes.jobs, sizes.occurrences)
    of = f"with {sizes.jobs} jobs and {sizes.occurrences} occurrences"
    for how, words in (("attached", ["--attach"]), ("with its engine", [str(home / "jobs")])):
        report_first_paint(f"{how}, {of}", home, words, sizes)
        complete = [screen.all_rows(home, sizes, *words) for _ in range(sizes.rounds)]
        report(f"all rows known {how}, {of}, beside a minimal one with as many (s)", complete, goal="none was set")
        keys = [screen.key_to_paint(home, sizes, *words)]
        report(f"key to paint {how}, {of}, beside a bare list (s)", keys, goal="at most 2")
    report("key to paint among 100 changes a second, beside none (s)", [screen.key_among_changes(home, sizes)],
           goal="none was set")  # fmt: skip
    many = make_store(folder / "many", screen.QUICK.jobs, screen.QUICK.occurrences)
    add_jobs(many, sizes.many_jobs)
    report_first_paint(f"attached, with {sizes.many_jobs} jobs more", many, ["--attach"], sizes)
    log = screen.write_long_log(folder / "log", sizes.log_lines)
    what = f"a log of {sizes.log_lines} lines"
    opened = [screen.open_log(folder / "log", log) for _ in range(sizes.rounds)]
    report(f"{what} is opened, beside reading the file (s)", opened, goal="at most 3")
    report(f"a jump in {what}, beside a bare list (s)", [screen.jump_in_log(folder / "log", log, sizes)],
           goal="one frame (0.017 s) more")  # fmt: skip
    pair, rate = screen.key_beside_a_busy_engine(folder / "busy", sizes)
    what = f"key to paint while a task writes 10 MB and {rate:.0f} tasks start each second, beside quiet (s)"
    report(what, [pair], goal="none was set")


def report_first_paint(which: str, home: Path, words: list[str], sizes: screen.Sizes) -> None:
    """Print how long the first rows take, by the clock and in processor time."""
    paints = [screen.first_paint(home, *words) for _ in range(sizes.rounds)]
    what = f"first paint {which}, beside a minimal Textual application"
    report(f"{what} (s)", [clock for clock, _ in paints], goal="at most 1.3")
    report(f"{what} (s of processor time)", [processor for _, processor in paints], goal="at most 1.3")


def report_engine(*, quick: bool) -> None:
    """Print what the engine and the commands cost."""
    rounds = 1 if quick else 5
    many = 50 if quick else 1000
    report("due-to-start, N = 1 (s)", [due_to_start(1) for _ in range(rounds)], goal="at most 2")
    for what, processes, goal in (
        ("with no limit on processes, as the bare engine", many, "at most 1.5"),
        (f"with at most {DEFAULT_ATTEMPTS} processes at a time", None, "none was set"),
    ):
        late = [due_to_start(many, processes) for _ in range(min(rounds, 3))]
        report(f"due-to-start of the last, N = {many}, {what} (s)", late, goal=goal)
    started = [throughput(many) for _ in range(min(rounds, 3))]
    what = f"durable occurrences per second, N = {many}"
    for reference, name, goal in (
        (1, "posix_spawn with nothing durable", "at least 0.6"),
        (2, "posix_spawn with a commit before and after", "none was set"),
        (3, "the least that a durable engine in Python does", "none was set; 0.6 was meant"),
    ):
        report(f"{what}, beside {name}", [(speeds[0], speeds[reference]) for speeds in started], goal=goal)
    report_schedules(300 if quick else 10_000, rounds=rounds)
    runs, simulated, walked = forecast(120, days=1 if quick else 7)
    report(f"simulation of {runs} runs beside the calendar alone (s)", [(simulated, walked)], goal="none was set")
    report_standing(100 if quick else 1000, 300 if quick else 10_000, seconds=2.0 if quick else 130.0)
    report(
        "processor time for output (ms a MB)",
        [capture(8 if quick else 256) for _ in range(min(rounds, 3))],
        goal="ours at most 1.5 ms",
    )
    for secrets in (1, 20):
        report(
            f"processor time for output in which {secrets} secrets are looked for (ms a MB)",
            [capture(8 if quick else 128, secrets=secrets) for _ in range(min(rounds, 3))],
            goal="none was set",
        )
    report(
        "a Python task, beside the same interpreter that does nothing (s)",
        [python_task(1 if quick else 20) for _ in range(rounds)],
        goal="none was set",
    )
    report_saving(20 if quick else 1000, times=1 if quick else 20)
    with tempfile.TemporaryDirectory() as folder:
        pressed = complete(Path(folder), jobs=many, runs=10 * many, times=20 * rounds)
    report(f"names of {many} jobs for a shell, beside python -c pass (s)", [pressed], goal="ours at most 0.1 s more")


def report_saving(files: int, *, times: int) -> None:
    """Print how long saves take to be live at the most, beside what is promised."""
    for way in WAYS:
        with tempfile.TemporaryDirectory() as folder:
            taken = save(Path(folder), way, files=files, times=times)
        what = f"the slowest of {times} saves {way} to be live, beside {files} other files (s)"
        report(what, [(max(taken), PROMISED_S)], goal="at most 1")


def report_schedules(jobs: int, *, rounds: int) -> None:
    """Print what the calendar costs: the first round also fills the caches of both."""
    what = f"next instants of {jobs} mixed jobs"
    report(f"{what}, parsed first (s)", [next_due(jobs) for _ in range(rounds)], goal="at most 1.2")
    report(f"{what}, parsed before (s)", [next_due_again(jobs) for _ in range(rounds)], goal="at most 1.2")
    report("an impossible date is refused (ms)", [refusal(jobs // 10) for _ in range(rounds)], goal="ours below 1 ms")


def report_standing(few: int, many: int, *, seconds: float) -> None:
    """Print what an engine costs that has many jobs and nothing to do, at its second start over them."""
    with tempfile.TemporaryDirectory() as name:
        folders = [Path(name) / str(count) for count in (few, many)]
        for folder, count in zip(folders, (few, many), strict=True):
            folder.mkdir()
            write_jobs(folder, count)
            stand("engine", folder, seconds=0)
        small = [stand("engine", folders[0], seconds=0) for _ in range(3)]
        large = [stand("engine", folders[1], seconds=0) for _ in range(2)]
        large.append(stand("engine", folders[1], seconds=seconds))
        timers, wakes = (stand(kind, folders[1], seconds=seconds) for kind in ("timers", "wakes"))
        imports = stand("imports", folders[1], seconds=0)
    # Medians of each, since the starts are not pairs.
    ready = statistics.median(one.ready_s for one in large), statistics.median(one.ready_s for one in small)
    report(f"ready with {many} unchanged jobs beside {few} (s)", [ready], goal="at most 1.3")
    what = f"processor time while idle for {seconds:g} s with {many} jobs"
    report(f"{what}, beside as many timers (s)", [(large[-1].idle_cpu_s, timers.idle_cpu_s)], goal="none was set")
    idle = (large[-1].idle_cpu_s, wakes.idle_cpu_s)
    report(f"{what}, beside a loop with the same timers and files to watch (s)", [idle], goal="at most 3")
    memory = (large[-1].memory / 2**20, imports.memory / 2**20)
    report(f"memory with {many} jobs beside the same imports (MB)", [memory], goal="at most 1.3")


def python_task(times: int) -> tuple[float, float]:
    """Seconds from the start of a callable that does nothing to its end, and of `python -c pass`."""
    with tempfile.TemporaryDirectory() as name:
        return start_callable(Path(name), times), start_interpreter(times)


def capture(mebibytes: int, *, secrets: int = 0) -> tuple[float, float]:
    """Milliseconds of processor time a MB of output: the supervisor's, and a bare loop's from pipe to file."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(capture_cpu(Path(folder), mebibytes, secrets=secrets)), copy_cpu(Path(folder), mebibytes)


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


def due_to_start(count: int, processes: int | None = None) -> tuple[float, float]:
    """Seconds from the instant to the start of the last of `count` processes: ours, and a bare asyncio engine's."""
    with tempfile.TemporaryDirectory() as folder:
        ours = asyncio.run(_engine_lateness(Path(folder), count, processes))
    with tempfile.TemporaryDirectory() as folder:
        bare = asyncio.run(_bare_lateness(Path(folder), count))
    return ours, bare


async def _engine_lateness(folder: Path, count: int, processes: int | None) -> float:
    # Far enough ahead for the files to be read; the start is measured from the instant.
    at = datetime.fromtimestamp(int(time.time()) + READING_S + count // 30, UTC)
    once = at.isoformat()
    jobs = "".join(
        f'[jobs.j{n}]\nschedule = {{ once = "{once}" }}\ncommand = {json.dumps(DATE)}\n' for n in range(count)
    )
    async with engine(folder, jobs, slots=count, processes=processes) as running:
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


def throughput(count: int) -> tuple[float, float, float, float]:
    """Occurrences per second from first start to last recorded end, 16 at a time.

    Ours; bare posix_spawn, which records nothing; posix_spawn with a durable claim before and a durable end after;
    the least that a durable engine of this kind does (see `floor`).
    """
    argv = ["/bin/true"]
    with tempfile.TemporaryDirectory() as folder:
        ours = asyncio.run(_engine_seconds(Path(folder), count))
    bare = spawn_all(count, argv, at_once=16)
    with tempfile.TemporaryDirectory() as folder:
        durable = DurableSpawns(Path(folder)).seconds(count, argv, at_once=16)
    with tempfile.TemporaryDirectory() as folder:
        least = Floor(Path(folder)).seconds(count, argv, at_once=16)
    return count / ours, count / bare, count / durable, count / least


async def _engine_seconds(folder: Path, count: int) -> float:
    at = datetime.fromtimestamp(int(time.time()) + READING_S + count // 30, UTC)
    once = at.isoformat()
    jobs = "".join(f'[jobs.j{n}]\nschedule = {{ once = "{once}" }}\ncommand = ["/bin/true"]\n' for n in range(count))
    async with engine(folder, jobs, slots=16) as running:
        await until_completed(running, count)
        return time.time() - at.timestamp()


main()
