"""`python read_corpus.py FOLDER SECONDS`: reads each file of a folder by itself; prints what each gave, as JSON.

A process of its own: what a deep file does to the interpreter's stack must not reach the other tests.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from jobistemer_tui.domain.clock import SystemClock
from jobistemer_tui.jobfiles import ConfigLevel, read_paths


def read(path: Path, seconds: float) -> dict[str, Any]:
    """Names, diagnostics and seconds of one file."""
    clock = SystemClock()
    begin = clock.read().monotonic
    (file,) = read_paths([path], config=ConfigLevel(load_timeout=seconds)).files
    return {
        "ok": file.ok, "jobs": [job.definition.name for job in file.jobs],
        "problems": [found.to_json() for found in file.diagnostics], "seconds": clock.read().monotonic - begin,
    }  # fmt: skip


def main() -> None:
    """Read them, two at a time."""
    folder, seconds = Path(sys.argv[1]), float(sys.argv[2])
    paths = sorted(folder.iterdir())
    with ThreadPoolExecutor(2) as pool:
        results = pool.map(lambda path: read(path, seconds), paths)
        found = {path.name: result for path, result in zip(paths, results, strict=True)}
    print(json.dumps(found))  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
