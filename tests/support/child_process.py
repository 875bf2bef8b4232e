"""Processes of a test that are gone when the test is."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import AnyStr


@contextmanager
def ending(process: subprocess.Popen[AnyStr]) -> Iterator[subprocess.Popen[AnyStr]]:
    """Kill it at the end if it has not ended: a plain `with process` would wait for that, after a failure for ever."""
    with process:
        try:
            yield process
        finally:
            process.kill()
