"""What Linux tells about processes under /proc."""

from __future__ import annotations

import os
from typing import NamedTuple

_PIECE = 1 << 16


class Process(NamedTuple):
    """One process at one moment; `started` (clock ticks since boot) tells it from a later one of the same pid."""

    pid: int
    ppid: int
    session: int
    started: int
    dead: bool


def read_process(pid: int) -> Process | None:
    """The process `pid`, or None when there is none (any more)."""
    data = _read(f"/proc/{pid}/stat")
    # The name stands in parentheses and may itself contain any byte, so count from the last one.
    end = data.rfind(b")")
    if end < 0:
        return None
    fields = data[end + 2 :].split()
    return Process(pid, int(fields[1]), int(fields[3]), int(fields[19]), fields[0] in (b"Z", b"X"))


def living_processes() -> dict[int, Process]:
    """Every process of the host that is not a zombie, by pid."""
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            process = read_process(int(name))
            if process is not None and not process.dead:
                found[process.pid] = process
    return found


def own_children() -> set[int]:
    """The pids of this process's children, zombies included.

    All are its first thread's, which starts the tasks, and which the kernel gives whatever they leave behind.
    """
    try:
        return {int(pid) for pid in _read(f"/proc/self/task/{os.getpid()}/children", strict=True).split()}
    except FileNotFoundError:  # a kernel without CONFIG_PROC_CHILDREN
        return _children_by_scan()


def _children_by_scan() -> set[int]:
    processes = (read_process(int(name)) for name in os.listdir("/proc") if name.isdigit())
    return {process.pid for process in processes if process is not None and process.ppid == os.getpid()}


def environment_has(pid: int, entries: tuple[bytes, ...]) -> bool:
    """True if the process was executed with all of the `NAME=value` entries; False if it cannot be read."""
    found = set(_read(f"/proc/{pid}/environ").split(b"\0"))
    return all(entry in found for entry in entries)


def boot_id() -> str:
    """The id that changes with every boot of the host."""
    return _read("/proc/sys/kernel/random/boot_id").decode("ascii").strip()


def _read(path: str, *, strict: bool = False) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            data = b""
            while piece := os.read(descriptor, _PIECE):
                data += piece
            return data
        finally:
            os.close(descriptor)
    except (ProcessLookupError, FileNotFoundError, PermissionError):
        if strict:
            raise
        return b""
