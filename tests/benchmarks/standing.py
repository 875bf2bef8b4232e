"""What it costs to stand there with many jobs of which none is due: until ready, processor time, memory."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.engine_under_test import JOBS


@dataclass(frozen=True, slots=True)
class Standing:
    """Seconds until the first claim is possible, processor seconds while idle, bytes of private memory."""

    ready_s: float
    idle_cpu_s: float
    memory: int


def write_jobs(folder: Path, count: int) -> None:
    """So many jobs that are due once a day, a thousand to a file as people with that many would keep them."""
    (folder / JOBS).mkdir(mode=0o700)
    for begin in range(0, count, 1000):
        jobs = "".join(
            f'[jobs.j{n}]\nschedule = "{n % 60} {(n // 60) % 24} 29 2 *"\ncommand = ["/bin/true"]\n'
            for n in range(begin, min(begin + 1000, count))
        )
        (folder / JOBS / f"jobs-{begin}.toml").write_text(jobs)


def stand(kind: str, folder: Path, *, seconds: float) -> Standing:
    """Run the program of a kind (see `standing_program`) and give what it measured."""
    command = [sys.executable, "-m", "tests.benchmarks.standing_program", kind, str(folder), str(seconds)]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return Standing(**json.loads(answer.stdout))
