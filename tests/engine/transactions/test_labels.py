"""Which node begins what: labels, drained nodes, and what that leaves alone."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine import control
from jobistemer_tui.engine.transactions.claim import claim, explain
from jobistemer_tui.errors import NotFound
from jobistemer_tui.storage.tables import EVENTS_BY_SEQUENCE, NODE_DRAINS, NODES
from tests.support.engine_world import World, job
from tests.support.factories import make_node
from tests.support.store_backends import MEMORY, Backend

REQUEST = UUID(int=77)


@pytest.fixture
def backend() -> Backend:
    """One store is enough: nothing here depends on the backend."""
    return MEMORY


@pytest.mark.parametrize(
    ("wanted", "labels", "starts"),
    [
        ("any", frozenset(), True),
        ("gpu", frozenset({"gpu", "ssd"}), True),
        ("gpu, ssd", frozenset({"gpu"}), False),
        ("gpu", frozenset(), False),
        ("gpu", None, True),
    ],
)
def test_only_a_node_with_all_labels_begins_it(wanted: str, labels: frozenset[str] | None, starts: bool) -> None:
    from jobistemer_tui.storage.open import open_store

    world = World(open_store("memory:"))
    definition = job(nodes=wanted)
    world.publish(definition)
    row = world.trigger(definition, REQUEST)
    handled = world.run(claim, replace(world.me, labels=labels), row.id, world.now)
    assert (handled.progress is not None) is starts
    if not starts:
        waiting = world.occurrence(row)
        assert (waiting.state, waiting.reason, waiting.detail) == (O.PENDING, Reason.NO_NODE, {"labels": wanted})


def test_a_due_instant_waits_for_a_node_with_the_label(world: World) -> None:
    definition = job(nodes="gpu")
    world.publish(definition)
    world.labels = frozenset()
    row = world.handle_next(definition)
    assert (row.state, row.reason) == (O.PENDING, Reason.NO_NODE)
    assert world.run(claim, replace(world.me, labels=frozenset({"gpu"})), row.id, world.now).progress is not None


def test_a_node_that_is_drained_begins_nothing_and_goes_on_with_what_it_has(world: World) -> None:
    definition = job(max_active=2)
    world.publish(definition)
    running = world.begin(definition)
    row = world.trigger(definition, REQUEST)
    drained = replace(world.me, closed=Reason.DRAINED)
    assert world.run(claim, drained, row.id, world.now).progress is None
    assert world.occurrence(row).reason is Reason.DRAINED
    world.run(explain, world.me, row.id, world.now)
    assert world.occurrence(running).state is O.RUNNING
    assert world.claim(row).progress is not None


def test_draining_is_by_name_audited_and_twice_changes_nothing(world: World) -> None:
    node = replace(make_node(), name="attic")
    world.run(lambda tx: tx.insert(NODES, node))
    drain = [world.run(control.drain, "attic", reason="disk", now=world.now, actor="me") for _ in range(2)]
    undrain = [world.run(control.undrain, "attic", now=world.now, actor="me") for _ in range(2)]
    assert (drain, undrain) == ([True, False], [True, False])
    told = world.store.read(lambda r: r.scan(EVENTS_BY_SEQUENCE))
    assert [(event.kind, event.detail["node"]) for event in told] == [
        ("node_drained", "attic"),
        ("node_undrained", "attic"),
    ]
    assert world.store.read(lambda r: r.get(NODE_DRAINS, "attic")) is None
    with pytest.raises(NotFound, match="no node has the name cellar"):
        world.run(control.drain, "cellar", reason=None, now=world.now, actor="me")
