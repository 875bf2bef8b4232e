"""The nodes of a store as people see them: the newest engine of each name, and how sure one can be of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from jobistemer_tui.domain.instants import instant_text
from jobistemer_tui.domain.records import Node, NodeDrain
from jobistemer_tui.domain.states import OWNED_OCCURRENCES, Reason
from jobistemer_tui.engine.owned import owned_by
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import NODE_DRAINS_BY_NAME, NODES_BY_START, OCCURRENCES_BY_OWNER

MANY_NODES = 1000
"""So many of the newest engines are looked at; every start of one is a row."""


class NodeStanding(StrEnum):
    """How a node stands: its lock is held, it ended by itself, it was declared lost, or nobody knows."""

    ALIVE = "alive"
    STOPPED = "stopped"
    SILENT = "silent"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class NodeRow:
    """A node: its newest engine `id`, when that last wrote (`seen_at`), and what it has in hand.

    `stale` are runs that earlier engines of the name still own. `groups` are the concurrency groups of its runs.
    `zone_data_differs` and `version_differs`: from this program's. `here`: it is the engine of this home.
    """

    id: UUID
    name: str
    host: str
    pid: int
    standing: NodeStanding
    started_at: datetime
    seen_at: datetime
    slots: int
    running: int
    stale: int
    groups: tuple[str, ...]
    labels: tuple[str, ...]
    version: str
    version_differs: bool
    zone_data: str
    zone_data_differs: bool
    clock_offset_ms: int | None
    trouble: Reason | None
    drain: NodeDrain | None
    here: bool

    @property
    def has_problem(self) -> bool:
        """Whether somebody should look at it."""
        silent = self.standing in (NodeStanding.SILENT, NodeStanding.LOST) and bool(self.running + self.stale)
        return silent or self.trouble is not None or self.zone_data_differs


def node_rows(reader: Reader, alive: frozenset[UUID], here: UUID | None, program: tuple[str, str]) -> list[NodeRow]:
    """The nodes by name. `alive` are the engines whose lock is held, `program` our version and our time-zone data's."""
    drains = {drain.name: drain for drain in reader.scan(NODE_DRAINS_BY_NAME)}
    found = newest_engines(reader).items()
    return [_row(reader, engines, alive, here, program, drains.get(name)) for name, engines in found]


def newest_engines(reader: Reader) -> dict[str, list[Node]]:
    """The engines of each node, the newest first; by name."""
    found: dict[str, list[Node]] = {}
    for node in reader.scan(NODES_BY_START, reverse=True, limit=MANY_NODES):
        found.setdefault(name_of(node), []).append(node)
    return dict(sorted(found.items()))


def name_of(node: Node) -> str:
    """How people call it; engines before names were known have their host's."""
    return node.name or node.host


def _row(
    reader: Reader, engines: list[Node], alive: frozenset[UUID], here: UUID | None, program: tuple[str, str],
    drain: NodeDrain | None,
) -> NodeRow:  # fmt: skip
    newest = next((engine for engine in engines if engine.id in alive), engines[0])
    owned = owned_by(reader, newest.id)
    version, zone_data = program
    return NodeRow(
        id=newest.id, name=name_of(newest), host=newest.host, pid=newest.pid, standing=standing_of(newest, alive),
        started_at=newest.started_at, seen_at=newest.stopped_at or newest.swept_at, slots=newest.slots,
        running=len(owned), stale=sum(_owned(reader, engine) for engine in engines if engine is not newest),
        groups=tuple(sorted({row.group_name for row in owned if row.group_name is not None})),
        labels=tuple(newest.labels), version=newest.program_version,
        version_differs=newest.program_version != version, zone_data=newest.timezone_data,
        zone_data_differs=newest.id in alive and newest.timezone_data != zone_data,
        clock_offset_ms=newest.clock_offset_ms, trouble=newest.trouble if newest.id in alive else None, drain=drain,
        here=newest.id == here,
    )  # fmt: skip


def _owned(reader: Reader, engine: Node) -> int:
    return sum(reader.count(OCCURRENCES_BY_OWNER, engine.id, state) for state in OWNED_OCCURRENCES)


def standing_of(node: Node, alive: Iterable[UUID]) -> NodeStanding:
    """How an engine stands, by its row and by whose locks are held."""
    if node.lost_at is not None:
        return NodeStanding.LOST
    if node.id in alive:
        return NodeStanding.ALIVE
    return NodeStanding.STOPPED if node.stopped_at is not None else NodeStanding.SILENT


def in_question(reader: Reader) -> list[UUID]:
    """The engines that may be alive, as far as their rows say."""
    nodes = reader.scan(NODES_BY_START, reverse=True, limit=MANY_NODES)
    return [node.id for node in nodes if node.stopped_at is None and node.lost_at is None]


def node_json(row: NodeRow) -> Mapping[str, Any]:
    """A node as tools get it."""
    drain = row.drain
    return {
        "id": str(row.id), "name": row.name, "host": row.host, "pid": row.pid, "status": row.standing.value,
        "here": row.here, "started_at": instant_text(row.started_at), "seen_at": instant_text(row.seen_at),
        "slots": row.slots, "running": row.running, "stale": row.stale, "groups": list(row.groups),
        "labels": list(row.labels), "version": row.version, "zone_data": row.zone_data,
        "zone_data_differs": row.zone_data_differs, "clock_offset_ms": row.clock_offset_ms,
        "trouble": None if row.trouble is None else row.trouble.value,
        "drained": None if drain is None else {
            "at": instant_text(drain.at), "by": drain.actor, "reason": drain.reason,
        },
    }  # fmt: skip
