"""What it costs to run a Python callable as a task."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from jobistemer_tui.engine.orders import RUNNER

CONTEXT = {
    "job": "j", "task": "t", "trigger": "manual", "occurrence_id": "o", "attempt_id": "a", "attempt": 1, "fence": 1,
    "scheduled_time": "2026-01-01T00:00:00Z", "actual_time": "2026-01-01T00:00:00Z", "last_run_time": None,
    "is_recovery_run": False, "window": None, "follows": [], "params": {}, "outputs": {}, "state": {}, "state_rev": 0,
    "args": [], "kwargs": {},
}  # fmt: skip


def start_callable(folder: Path, times: int) -> float:
    """Seconds for one run of a callable that takes its context and returns nothing."""
    (folder / "work.py").write_text("def main(context):\n    pass\n")
    (folder / "context.json").write_text(json.dumps(CONTEXT))
    files = {"CONTEXT": "context.json", "OUTPUT": "outputs.txt", "STATE": "state.json"}
    env = {f"JOBISTEMER_{name}": str(folder / file) for name, file in files.items()}
    return _seconds([sys.executable, RUNNER, "work:main"], folder, env, times)


def start_interpreter(times: int) -> float:
    """Seconds for one run of an interpreter that does nothing."""
    return _seconds([sys.executable, "-c", "pass"], Path("/"), {}, times)


def _seconds(argv: Sequence[str], cwd: Path, env: Mapping[str, str], times: int) -> float:
    subprocess.run(argv, cwd=cwd, env=env, check=True)  # so that what can be kept on disk is there
    begin = time.perf_counter()
    for _ in range(times):
        subprocess.run(argv, cwd=cwd, env=env, check=True)
    return (time.perf_counter() - begin) / times
