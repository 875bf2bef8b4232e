"""What a process has used so far, read from /proc."""

from __future__ import annotations

import re
from pathlib import Path


def cpu_seconds(pid: int | str = "self") -> float:
    """Processor seconds of all threads that live, to the nanosecond (proc(5), `schedstat`)."""
    files = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(file.read_text().split()[0]) for file in files) / 1e9


def private_bytes(pid: int | str = "self") -> int:
    """Memory that would be freed if the process ended (proc(5), `smaps_rollup`)."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return 1024 * sum(int(value) for value in re.findall(r"^Private_\w+: +(\d+) kB", text, re.MULTILINE))
