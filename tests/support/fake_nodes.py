"""The part of FakeOperations about nodes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from jobistemer_tui.domain.records import NodeDrain
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.errors import Refused
from jobistemer_tui.operations.nodes import NodeRow, NodeStanding

from .sample_jobs import NOW

N1 = NodeRow(
    id=UUID(int=0x1D01), name="n1", host="n1", pid=4711, standing=NodeStanding.ALIVE,
    started_at=NOW - timedelta(hours=5), seen_at=NOW - timedelta(seconds=1), slots=8, running=3, stale=0,
    groups=("database", "uplink"), labels=("office",), version="0.4.1", version_differs=False, zone_data="2026b",
    zone_data_differs=False, clock_offset_ms=12, trouble=None, drain=None, here=True,
)  # fmt: skip
_IDLE = replace(N1, running=0, groups=(), here=False)
N2 = replace(
    _IDLE, id=UUID(int=0x1D02), name="n2", host="n2", pid=99, standing=NodeStanding.SILENT, running=1, slots=4,
    seen_at=NOW - timedelta(seconds=94), labels=("office", "gpu"), clock_offset_ms=-300,
)  # fmt: skip
N3 = replace(
    _IDLE, id=UUID(int=0x1D03), name="n3", host="n3", pid=7, slots=4, labels=(), clock_offset_ms=4100,
    version="0.4.0", version_differs=True, zone_data="2025a", zone_data_differs=True,
)  # fmt: skip
N4 = replace(
    _IDLE, id=UUID(int=0x1D04), name="n4", host="n4", trouble=Reason.DRAINED, running=1,
    drain=NodeDrain("n4", NOW - timedelta(minutes=20), "cli eva", "new disk"),
)  # fmt: skip
N5 = replace(_IDLE, id=UUID(int=0x1D05), name="n5", host="n5", trouble=Reason.CLOCK_SKEW, clock_offset_ms=-95_000)
N6 = replace(
    _IDLE, id=UUID(int=0x1D06), name="n6", host="n6", standing=NodeStanding.STOPPED, stale=2, slots=0,
    seen_at=NOW - timedelta(days=2), clock_offset_ms=None,
)  # fmt: skip
NODES = (N1, N2, N3, N4, N5, N6)


class FakeNodes:
    """Nodes as fixed rows, which change as they are asked to."""

    calls: list[tuple[object, ...]]
    node_rows: dict[str, NodeRow]

    def nodes(self) -> list[NodeRow]:
        return list(self.node_rows.values())

    def drain_node(self, name: str, *, reason: str | None = None) -> NodeRow:
        return self._put_node("drain", replace(self.node_rows[name], drain=NodeDrain(name, NOW, "tui eva", reason)))

    def undrain_node(self, name: str) -> NodeRow:
        return self._put_node("undrain", replace(self.node_rows[name], drain=None, trouble=None))

    def declare_node_lost(self, name: str) -> NodeRow:
        if self.node_rows[name].standing is NodeStanding.ALIVE:
            raise Refused(f"the node {name} holds its lock, so it lives")
        return self._put_node("lost", replace(self.node_rows[name], standing=NodeStanding.LOST))

    def _put_node(self, act: str, row: NodeRow) -> NodeRow:
        self.calls.append((act, row.name))
        self.node_rows[row.name] = row
        return row
