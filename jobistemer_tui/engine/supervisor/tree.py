"""Which processes belong to an attempt, and how to signal them.

Four signs, any of which suffices: the session that the main process opened, the environment it was given, a
stamp in a resource limit, and descent from a process with one of these.

The stamp is the soft limit RLIMIT_RTTIME, set to a number of microseconds that no process can ever use up and
that is made from the store's and the attempt's id. It is inherited by every child and survives what a daemon
does to get away: a double fork, a session of its own, a cleared environment.
"""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import NamedTuple

from . import procfs
from .procfs import Process

_STAMP_BASE = 1 << 60


class Mark(NamedTuple):
    """What every process of one attempt carries."""

    environment: dict[str, str]
    entries: tuple[bytes, ...]
    stamp: int

    def is_on(self, pid: int) -> bool:
        """True if the process carries the stamp or the environment."""
        return _stamp_of(pid) == self.stamp or procfs.environment_has(pid, self.entries)

    @contextmanager
    def stamped(self) -> Iterator[None]:
        """Children made inside carry the stamp; where the hard limit is too low they go without."""
        soft, hard = _own_limit()
        try:
            resource.setrlimit(resource.RLIMIT_RTTIME, (self.stamp, hard))
        except (ValueError, OSError):
            yield
            return
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_RTTIME, (soft, hard))


@cache
def _own_limit() -> tuple[int, int]:
    return resource.getrlimit(resource.RLIMIT_RTTIME)


def mark_of(store_id: str, attempt_id: str) -> Mark:
    """The mark of an attempt of a store; two stores have different marks for the same attempt id."""
    environment = {"JOBISTEMER_ATTEMPT_ID": attempt_id, "JOBISTEMER_STORE_ID": store_id}
    entries = tuple(f"{name}={value}".encode() for name, value in environment.items())
    return Mark(environment, entries, _STAMP_BASE | (_low_bits(store_id) ^ _low_bits(attempt_id)))


def _low_bits(uuid: str) -> int:
    """The last 60 bits of a UUID, all of them random or hashed whatever its version."""
    return int(uuid.replace("-", ""), 16) % _STAMP_BASE


def _stamp_of(pid: int) -> int | None:
    try:
        return resource.prlimit(pid, resource.RLIMIT_RTTIME)[0]
    except OSError:  # gone, or another user's
        return None


def members(mark: Mark, session: int | None) -> list[Process]:
    """The living processes of an attempt, the oldest first, so that a parent is signalled before its children.

    `session` is the main process's pid, or None if that is not certain.
    """
    processes = procfs.living_processes()
    own = os.getpid()
    found = {
        pid for pid, process in processes.items() if pid != own and (process.session == session or mark.is_on(pid))
    }
    children: dict[int, list[int]] = {}
    for process in processes.values():
        children.setdefault(process.ppid, []).append(process.pid)
    waiting = list(found)
    while waiting:
        for child in children.get(waiting.pop(), ()):
            if child not in found:
                found.add(child)
                waiting.append(child)
    return sorted((processes[pid] for pid in found), key=lambda process: (process.started, process.pid))


def recorded_session(pid: int, started: int) -> int | None:
    """The session of a main process of an earlier supervisor, unless another process has its pid by now."""
    process = procfs.read_process(pid)
    return pid if process is None or process.started == started else None


def send(process: Process, signum: signal.Signals) -> bool:
    """Signal exactly this process, never a later one with its pid; False if it is gone."""
    try:
        descriptor = os.pidfd_open(process.pid)
    except OSError:
        return False
    try:
        now = procfs.read_process(process.pid)
        if now is None or now.started != process.started or now.dead:
            return False
        signal.pidfd_send_signal(descriptor, signum)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


def terminate(mark: Mark, session: int, *, spare: Collection[tuple[int, int]]) -> set[tuple[int, int]]:
    """TERM to every process but `spare` (and CONT, so that a stopped one sees it).

    Returns (pid, start) of each that was reached.
    """
    reached = set()
    for process in members(mark, session):
        if (process.pid, process.started) not in spare and send(process, signal.SIGTERM):
            send(process, signal.SIGCONT)
            reached.add((process.pid, process.started))
    return reached


def kill(mark: Mark, session: int | None) -> set[tuple[int, int]]:
    """KILL to every process, looked for again until no new one appears; returns (pid, start) of each reached."""
    reached: set[tuple[int, int]] = set()
    for _ in range(20):
        # Orphans first, in one quick look: something that forks and ends all the time is gone after a slow one.
        fresh = _kill_each(_own_marked(mark), reached) | _kill_each(members(mark, session), reached)
        if not fresh:
            break
        reached |= fresh
    return reached


def _own_marked(mark: Mark) -> list[Process]:
    found = (procfs.read_process(pid) for pid in procfs.own_children() if _stamp_of(pid) == mark.stamp)
    return [process for process in found if process is not None and not process.dead]


def _kill_each(processes: list[Process], spare: Collection[tuple[int, int]]) -> set[tuple[int, int]]:
    return {
        (process.pid, process.started)
        for process in processes
        if (process.pid, process.started) not in spare and send(process, signal.SIGKILL)
    }


def environment(mark: Mark, given: Mapping[str, str]) -> dict[str, str]:
    """The task's environment with the mark in it."""
    return {**given, **mark.environment}
