"""The screen beside a minimal Textual application and a bare list: first paint, keys, changes, a log, a busy engine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from jobistemer_tui.tui.presentation.job_rows import grouped
from tests.benchmarks.screen_terminal import Paints
from tests.support.log_folder import LogFolderWriter
from tests.tui.log.log_app import THIRD

_PROGRAM = [sys.executable, "-m", "tests.benchmarks.screen_program"]
_ENVIRON = {
    **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
    "TERM": "xterm-256color", "LANG": "C.UTF-8", "TEXTUAL_ANIMATIONS": "none", "PYTHONPATH": os.getcwd(),
}  # fmt: skip
Pair = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much there is."""

    jobs: int
    occurrences: int
    many_jobs: int
    log_lines: int
    rounds: int
    presses: int


QUICK = Sizes(200, 2_000, 1_000, 20_000, 1, 6)
FULL = Sizes(10_000, 1_000_000, 100_000, 2_000_000, 5, 60)


def ours(home: Path, *words: str) -> Paints:
    """The real screen over a home."""
    return Paints([sys.executable, "-m", "jobistemer_tui", "--home", str(home), *words], _ENVIRON)


def program(*words: str) -> Paints:
    """A reference program."""
    return Paints([*_PROGRAM, *words], _ENVIRON)


def first_paint(home: Path, *words: str) -> tuple[Pair, Pair]:
    """From the start to the first job in the table, and to the first row of a minimal application.

    By the clock and, which other work on the machine changes less, in processor time.
    """
    with ours(home, *words) as screen:
        mine = screen.until_shown(" j0 "), screen.processor_s
    with program("minimal", "30") as screen:
        bare = screen.until_shown("row-00001"), screen.processor_s
    return (mine[0], bare[0]), (mine[1], bare[1])


def all_rows(home: Path, sizes: Sizes, *words: str) -> Pair:
    """From the start until no job is still to be read, and to a minimal application whose table has as many rows."""
    with ours(home, *words) as screen:
        screen.until_shown(f"reading {grouped(sizes.jobs)} jobs")
        screen.forget()  # the path of the first, empty picture
        mine = screen.until_shown("Jobistemer ▸ Jobs   ")
    with program("minimal", str(sizes.jobs)) as screen:
        return mine, screen.until_shown("row-00001")


def key_to_paint(home: Path, sizes: Sizes, *words: str) -> Pair:
    """From a key that moves the cursor to what it paints: ours, and a bare list of as many lines."""
    with program("list", str(sizes.jobs)) as screen:
        screen.until_shown("row-00001")
        screen.settle(0.5)
        bare = screen.keys("jk", sizes.presses)
    with ours(home, *words) as screen:
        screen.until_shown(" j0 ")
        screen.settle(2.0)
        return screen.keys("jk", sizes.presses), bare


def key_among_changes(home: Path, sizes: Sizes) -> Pair:
    """The same key while another process changes the store a hundred times a second, and while it does not."""
    with ours(home, "--attach") as screen:
        screen.until_shown(" j0 ")
        screen.settle(2.0)
        quiet = screen.keys("jk", sizes.presses, apart=0.02)
        with _changing(home):
            screen.settle(1.0)
            return screen.keys("jk", sizes.presses, apart=0.02), quiet


@contextmanager
def _changing(home: Path) -> Iterator[None]:
    with subprocess.Popen([*_PROGRAM, "store", str(home)], env=_ENVIRON, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"changing\n"
        try:
            yield
        finally:
            process.kill()


def write_long_log(folder: Path, lines: int) -> Path:
    """A finished attempt that wrote so many lines; gives the log itself."""
    writer = LogFolderWriter(folder / str(THIRD))
    for begin in range(0, lines, 10_000):
        writer.write(b"".join(b"line %08d of a long log, with some words after its number\n" % number
                              for number in range(begin, min(begin + 10_000, lines))))  # fmt: skip
    writer.finish()
    return next((folder / str(THIRD)).glob("*log*"))


def open_log(folder: Path, log: Path) -> Pair:
    """From opening the log to its end on the screen, and the time to read the file and count its lines.

    What the program itself takes to start is measured with a log of one line and taken off.
    """
    first = f"{_line_count(log) - 1:08d}"
    with program("log", str(folder)) as screen:
        shown = screen.until_shown(first)
    empty = folder / "empty"
    write_long_log(empty, 1)
    with program("log", str(empty)) as screen:
        started = screen.until_shown(f"{0:08d}")
    begin = time.perf_counter()
    _line_count(log)
    return max(0.0, shown - started), time.perf_counter() - begin


def _line_count(log: Path) -> int:
    return log.read_bytes().count(b"\n")


def jump_in_log(folder: Path, log: Path, sizes: Sizes) -> Pair:
    """From `g` or `G` to what it paints: our log, and the same file's lines in a bare list."""
    with program("log", str(folder)) as screen:
        screen.until_shown(f"{_line_count(log) - 1:08d}")
        screen.settle(1.0)
        mine = screen.keys("gG", sizes.presses)
    with program("lines", str(log)) as screen:
        screen.until_shown(f"{0:08d}")
        screen.settle(0.5)
        return mine, screen.keys("Gg", sizes.presses)


BUSY = """
[defaults]
max_active = 50
overlap_policy = "allow"
[jobs.a-quiet-one]
run = "true"
[jobs.writes]
overlap_policy = "skip"
run = "while :; do head -c 1000000 /dev/zero | tr '\\\\0' 'x' | fold -w 100; sleep 0.1; done"
"""
_STARTER = """
[jobs.starts-{number:02}]
schedule = {{ cron = "* * * * * *", seconds = true }}
tasks_mode = "parallel"
max_parallel_tasks = 20
"""
_TASK = '[[jobs.starts-{number:02}.tasks]]\nname = "t{task}"\ncommand = ["/bin/true"]\n'


def key_beside_a_busy_engine(folder: Path, sizes: Sizes) -> tuple[Pair, float]:
    """A key in the window that runs the engine, while a task writes 10 MB and 200 tasks start each second, and before.

    Gives also how many tasks were in fact started each second.
    """
    jobs = folder / "jobs"
    jobs.mkdir(parents=True, mode=0o700)
    (jobs / "quiet.toml").write_text(BUSY)
    with ours(folder, str(jobs)) as screen:
        screen.until_shown("a-quiet-one")
        screen.settle(2.0)
        quiet = screen.keys("jk", sizes.presses, apart=0.02)
        _call(folder, "trigger", "writes")
        (jobs / "busy.toml").write_text(_starters())
        screen.settle(5.0)
        begin, before = time.perf_counter(), _started(folder)
        busy = screen.keys("jk", sizes.presses, apart=0.1)
        rate = (_started(folder) - before) / (time.perf_counter() - begin)
        screen.key("q", "Leave Jobistemer?")
        screen.until_ended("a")  # cancel what runs
    _end_supervisor(folder)
    return (busy, quiet), rate


def _starters() -> str:
    return "".join(
        _STARTER.format(number=number) + "".join(_TASK.format(number=number, task=task) for task in range(20))
        for number in range(10)
    )


def _started(folder: Path) -> int:
    return sum(1 for _ in (folder / "attempts").glob("*/*"))


def _call(folder: Path, *words: str) -> None:
    subprocess.run([sys.executable, "-m", "jobistemer_tui", "--home", str(folder), *words], env=_ENVIRON, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip


def _end_supervisor(folder: Path) -> None:
    """It would wait half a minute for the next engine."""
    pid = int((folder / "jobistemer.db.nodes" / "supervisor.lock").read_text())
    os.kill(pid, signal.SIGTERM)
