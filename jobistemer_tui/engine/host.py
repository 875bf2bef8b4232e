"""What this machine is, for the node's row and for evidence."""

from __future__ import annotations

import os
import socket
from pathlib import Path


def machine_id() -> str:
    """The machine's id (machine-id(5)) with its pid namespace; the host's name where there is none."""
    text = _read("/etc/machine-id") or socket.gethostname()
    return f"{text}/{_namespace()}"


def boot_id() -> str:
    """The kernel's id of this boot (random(4)); empty where there is none."""
    return _read("/proc/sys/kernel/random/boot_id")


def _namespace() -> str:
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return ""


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
