"""Why no node begins a run that waits for one: what each of them lacks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from typing import Final

from jobistemer_tui.domain.records import Job, Node, NodeDrain
from jobistemer_tui.domain.states import TERMINAL_OCCURRENCES, Reason
from jobistemer_tui.engine.definitions import Definitions
from jobistemer_tui.errors import ODDITIES, JobistemerError
from jobistemer_tui.operations.nodes import newest_engines
from jobistemer_tui.operations.why_answer import Evidence, Fact, Slot, moment
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import NODE_DRAINS_BY_NAME

_OF_A_NODE: Final = {Reason.NO_NODE, Reason.DRAINED, Reason.CLOCK_SKEW}
_TROUBLES: Final = {
    Reason.CLOCK_SKEW: "has a clock that is too far from the store's",
    Reason.NO_SUPERVISOR: "has no supervisor that answers",
    Reason.NO_SPACE: "has too little free disk",
}


def node_facts(reader: Reader, job: Job, slot: Slot, zone: tzinfo) -> Iterator[Fact]:
    """A sentence for each node, if the run waits for one; nothing for a run that waits for anything else."""
    if slot.reason not in _OF_A_NODE or slot.status is None or slot.status in TERMINAL_OCCURRENCES:
        return
    try:
        wanted = Definitions().of(reader, job.id, job.version).policies.nodes
    except (JobistemerError, *ODDITIES):
        return  # what keeps a job from being planned is told for itself
    drains = {drain.name: drain for drain in reader.scan(NODE_DRAINS_BY_NAME)}
    for name, engines in newest_engines(reader).items():
        node = engines[0]
        yield Fact(_standing(node, name, wanted, drains.get(name), zone), None, Evidence("node", str(node.id)))


def _standing(node: Node, name: str, wanted: tuple[str, ...], drain: NodeDrain | None, zone: tzinfo) -> str:
    missing = [label for label in wanted if label not in node.labels]
    if node.lost_at is not None:
        return f"node {name} was declared lost at {moment(node.lost_at, zone)}"
    if node.stopped_at is not None:
        return f"node {name} was stopped at {moment(node.stopped_at, zone)}"
    if missing:
        return f"node {name} lacks the label{'s' if len(missing) > 1 else ''} {', '.join(missing)}"
    if drain is not None:
        return f"node {name} was drained by {drain.actor} at {moment(drain.at, zone)}"
    if node.trouble in _TROUBLES:
        return f"node {name} {_TROUBLES[node.trouble]}"
    return f"node {name} may run it if it has its text in a file; it looked last at {moment(node.swept_at, zone)}"
