"""What an engine is told at its start, and how it introduces itself."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from jobistemer_tui import __version__
from jobistemer_tui.domain.records import Node
from jobistemer_tui.engine import host
from jobistemer_tui.engine.disk import free_bytes
from jobistemer_tui.engine.engine_lock import EngineOwner
from jobistemer_tui.jobfiles.read import NO_CONFIG
from jobistemer_tui.jobfiles.reading import ConfigLevel
from jobistemer_tui.schedules.zones import zone_data_version
from jobistemer_tui.settings.quick_dataclass import dataclass


class StopMode(StrEnum):
    """How an engine stops: tasks go on under the supervisor, are waited for first, or are cancelled."""

    HANDOVER = "handover"
    DRAIN = "drain"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class NodeOptions:
    """What an engine serves: `roots` are watched files and folders; `drain_grace_s` is how long a stop waits.

    `metrics` is the address to serve metrics at. `min_free`: bytes of disk below which nothing new is started;
    `free_bytes` is how they are read. `awaits_synchronisation`: whether the clock is about to be set right.
    `only`: of all that is due or waits it starts nothing but what this request made.
    """

    roots: tuple[Path, ...]
    max_concurrent_jobs: int | None = None
    max_attempts_running: int | None = None
    drain_grace_s: float = 30.0
    config: ConfigLevel = NO_CONFIG
    metrics: str | None = None
    min_free: int | None = None
    free_bytes: Callable[[Path], int] = free_bytes
    awaits_synchronisation: Callable[[], bool] = lambda: False
    only: UUID | None = None


def default_slots() -> int:
    """Occurrences a node runs at once where nothing else is set: twice the cores, at least 8."""
    return max(8, 2 * (os.cpu_count() or 1))


def lock_owner(node_id: UUID, now: datetime, roots: Sequence[Path] = ()) -> EngineOwner:
    """This process as the holder of the engine lock, serving the files under `roots`."""
    names = tuple(str(root.absolute()) for root in roots)
    return EngineOwner(os.getpid(), socket.gethostname(), node_id, now, names)


def node_name(config: ConfigLevel) -> str:
    """How people call the engine of this home: as its `config.toml` says, else as its host."""
    return config.node_name or socket.gethostname()


def node_row(node_id: UUID, place: str, now: datetime, config: ConfigLevel = NO_CONFIG, slots: int = 0) -> Node:
    """This process as a row of the store; `place` is where its supervisor is."""
    return Node(
        id=node_id, host=socket.gethostname(), pid=os.getpid(), machine_id=place, boot_id=host.boot_id(),
        program_version=__version__, timezone_data=zone_data_version(), started_at=now, swept_at=now,
        name=node_name(config), labels=list(config.labels), slots=slots, lost_after_s=config.lost_after,
    )  # fmt: skip
