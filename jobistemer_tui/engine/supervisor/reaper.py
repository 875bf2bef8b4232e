"""The one place that collects exit statuses.

A main process is only looked at until its tree is gone: as a zombie it keeps its pid, group and session from
being used again. Everything else that ends here was orphaned by a task and is collected at once.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import NamedTuple

from . import procfs


class Exit(NamedTuple):
    """How a main process ended: a code or a signal."""

    code: int | None
    signal: int | None


class Usage(NamedTuple):
    """Processor seconds and peak memory of a process and the children it waited for."""

    user_s: float
    system_s: float
    max_rss_bytes: int


class StatusUnknown(Exception):
    """Somebody else has collected the status; how the process ended will never be known."""


def look_at(pid: int) -> Exit | None:
    """How a main process ended, or None while it runs; it stays a zombie. Raises StatusUnknown."""
    try:
        info = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG)
    except ChildProcessError:
        raise StatusUnknown from None
    if info is None:
        return None
    if info.si_code == os.CLD_EXITED:
        return Exit(info.si_status, None)
    return Exit(None, info.si_status)


def collect_main(pid: int) -> Usage:
    """Let go of a main process that has ended; all zero if it is gone already."""
    try:
        _, _, usage = os.wait4(pid, os.WNOHANG)
    except ChildProcessError:
        return Usage(0.0, 0.0, 0)
    return Usage(usage.ru_utime, usage.ru_stime, usage.ru_maxrss * 1024)


def collect_orphans(mains: Collection[int]) -> None:
    """Collect every ended child that is not a main process."""
    while True:
        try:
            info = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT | os.WNOHANG)
        except ChildProcessError:
            return
        if info is None:
            return
        if info.si_pid in mains:
            break
        _collect(info.si_pid)
    # The kernel names the same zombie first each time, so a main process hides what ended behind it.
    for pid in procfs.own_children() - set(mains):
        _collect(pid)


def _collect(pid: int) -> None:
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return
