"""A process that works on a store beside others: `python -m tests.support.racing_store MODE URL COUNT`.

It opens the store, says "ready", waits for a line and starts.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from jobistemer_tui.storage.contract import Store
from jobistemer_tui.storage.open import open_store
from jobistemer_tui.storage.tables import JOBS
from tests.support.child_process import ending
from tests.support.sample_records import sample_job
from tests.support.store_work import append_event, insert_job, replace_row

ROOT = Path(__file__).parents[2]


def insert_same(store: Store, count: int) -> int:
    """Insert the same keys as everybody else; gives how many were new."""
    return sum(store.write(insert_job(number)) for number in range(count))


def increment(store: Store, count: int) -> int:
    """Raise `rev` of job 1 by compare-and-set over a value read before, until it has succeeded `count` times."""
    done = 0
    while done < count:
        old = store.read(lambda reader: reader.get(JOBS, sample_job().id))
        assert old is not None
        done += store.write(replace_row(JOBS, old, replace(old, rev=old.rev + 1)))
    return done


def append(store: Store, count: int) -> int:
    """Append events and say the number of each once it is durable."""

    for _ in range(count):
        say(store.write(append_event("raced")))
    return count


MODES = {"insert": insert_same, "increment": increment, "append": append}


def say(word: object) -> None:
    """Tell the parent."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def main(mode: str, url: str, count: str) -> None:
    """Run one racer and say its result."""
    store = open_store(url)
    say("ready")
    sys.stdin.readline()
    say(MODES[mode](store, int(count)))
    store.close()


def start_racer(mode: str, url: str, count: int) -> subprocess.Popen[str]:
    """Start a racer in a process of its own."""
    command = [sys.executable, "-m", "tests.support.racing_store", mode, url, str(count)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def race(mode: str, url: str, *, processes: int, count: int) -> list[int]:
    """Start so many racers at the same moment; gives the result of each."""
    with ExitStack() as stack:
        racers = [stack.enter_context(ending(start_racer(mode, url, count))) for _ in range(processes)]
        for racer in racers:
            assert racer.stdout is not None
            assert racer.stdout.readline() == "ready\n"
        go(racers)
        outputs = [racer.communicate(timeout=250)[0] for racer in racers]
    assert [racer.returncode for racer in racers] == [0] * processes
    return [int(output.split()[-1]) for output in outputs]


def go(racers: Sequence[subprocess.Popen[str]]) -> None:
    """Let racers that are ready start."""
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("\n")
        racer.stdin.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
