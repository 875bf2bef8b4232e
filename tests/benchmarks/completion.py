"""What a press of the Tab key costs: the names of a store with many jobs and runs, beside an interpreter alone."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

from jobistemer_tui.storage.open import open_store
from jobistemer_tui.storage.tables import OCCURRENCES
from tests.support.factories import NOW, add_job, make_definition, make_occurrence


def complete(folder: Path, *, jobs: int, runs: int, times: int) -> tuple[float, float]:
    """Seconds of `__complete names b` and of `python -c pass`, the quickest of so many tries each."""
    folder.chmod(0o700)
    store = open_store(f"sqlite:{folder}/jobistemer.db")
    made = [add_job(store, make_definition(f"backup-{number:05}")) for number in range(jobs)]
    rows = [make_occurrence(made[0], NOW - timedelta(minutes=number)) for number in range(runs)]
    store.write(lambda tx: [tx.insert(OCCURRENCES, row) for row in rows])
    store.close()
    ask = [sys.executable, "-m", "jobistemer_tui", "__complete", "names", "b", str(folder)]
    seconds = [(_seconds(ask), _seconds([sys.executable, "-c", "pass"])) for _ in range(times)]
    return min(mine for mine, _ in seconds), min(bare for _, bare in seconds)


def _seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start
