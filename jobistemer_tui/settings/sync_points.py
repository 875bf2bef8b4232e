"""Named moments at which a test may have this process killed, as by `kill -9`; in ordinary use they do nothing.

`JOBISTEMER_KILL_AT=NAME` (or `NAME:COUNT`, for the COUNT-th time) is read once, when the process starts. The engine's
supervisor, which may import nothing of ours, has a copy of this file beside it.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping

VARIABLE = "JOBISTEMER_KILL_AT"


def _armed(environ: Mapping[str, str]) -> tuple[str, int]:
    name, _, count = environ.get(VARIABLE, "").partition(":")
    return name, int(count) if count.isdigit() else 1


_NAME, _left = _armed(os.environ)


def sync_point(name: str) -> None:
    """This process has come to a named moment."""
    if name == _NAME:
        _count_down()


def _count_down() -> None:
    global _left
    _left -= 1
    if _left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
