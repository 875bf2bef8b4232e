"""`jobistemer nodes`: who works with the store, draining, and declaring lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from jobistemer_tui.domain.clock import SystemClock
from jobistemer_tui.domain.records import Node
from jobistemer_tui.domain.states import OccurrenceState, Reason
from jobistemer_tui.operations.node_words import node_notes, skew_words
from jobistemer_tui.operations.nodes import NodeStanding, node_rows
from jobistemer_tui.storage.contract import Store
from jobistemer_tui.storage.open import open_store
from jobistemer_tui.storage.tables import NODES
from tests.cli.home import Home
from tests.support.factories import NOW, add, add_job, make_definition, make_node, make_occurrence
from tests.support.fake_nodes import NODES as SAMPLES


def node(number: int, **values: object) -> Node:
    base = replace(make_node(), id=UUID(int=number), name=f"n{number}", slots=8, swept_at=SystemClock().now())
    return replace(base, **values)  # type: ignore[arg-type]  # fields of a test's row


def fill(store: Store) -> None:
    job = add_job(store, make_definition("backup"))
    for row in (node(1), node(2, stopped_at=NOW), node(3, labels=["gpu"], trouble=Reason.NO_SPACE)):
        store.write(lambda tx, row=row: tx.insert(NODES, row))  # type: ignore[misc]  # a default is bound
    add(store, make_occurrence(job, NOW, OccurrenceState.RUNNING, owner=UUID(int=1), group_name="disk"))


def test_the_list_and_its_json(home: Home) -> None:
    home.fill(fill)
    lines = home.run("nodes").out.splitlines()
    begins = [line.split()[:2] for line in lines]
    assert begins == [["NODE", "STATUS"], ["n1", "silent"], ["n2", "stopped"], ["n3", "silent"]]
    assert "1 of its runs waits to be taken over" in lines[1]
    listed = {row["name"]: row for row in home.run("nodes", "--json").json}
    assert (listed["n1"]["running"], listed["n1"]["groups"], listed["n3"]["labels"]) == (1, ["disk"], ["gpu"])
    assert listed["n1"]["clock_offset_ms"] is None


def test_without_any_engine(home: Home) -> None:
    done = home.run("nodes")
    assert (done.out, "no engine has worked with this store yet" in done.err) == ("", True)


def test_draining_and_taking_it_back(home: Home) -> None:
    home.fill(fill)
    assert "n1 begins nothing new" in home.run("nodes", "drain", "n1", "--reason", "new disk").err
    assert "drained: new disk" in home.run("nodes").out
    drained = home.run("--json", "nodes", "drain", "n1").json["drained"]
    assert (drained["reason"], drained["by"].split()[0]) == ("new disk", "cli")
    assert "n1 begins runs again" in home.run("nodes", "undrain", "n1").err
    unknown = home.run("--json", "nodes", "drain", "cellar")
    assert (unknown.code, unknown.error["code"]) == (66, "not_found")


def test_an_embedded_store_needs_no_declaring(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.fill(fill)
    refused = home.run("--json", "nodes", "lost", "n1", "--yes")
    assert (refused.code, "one engine, whose lock says" in refused.error["message"]) == (1, True)
    monkeypatch.setattr("click.prompt", lambda *_, **__: "n2")
    assert home.run("nodes", "lost", "n1").code == 64


def test_the_newest_engine_stands_for_its_name_and_what_older_ones_left_is_stale() -> None:
    store = open_store("memory:")
    job = add_job(store, make_definition("backup"))
    old, new = node(1, name=""), node(2, name="alder", started_at=NOW + timedelta(hours=1))
    for row in (replace(old, host="alder"), new):
        store.write(lambda tx, row=row: tx.insert(NODES, row))  # type: ignore[misc]  # a default is bound
    add(store, make_occurrence(job, NOW, OccurrenceState.RUNNING, owner=UUID(int=1)))
    (found,) = store.read(lambda r: node_rows(r, frozenset({UUID(int=2)}), UUID(int=2), ("9", "2026b")))
    assert (found.id, found.standing, found.stale, found.here) == (UUID(int=2), NodeStanding.ALIVE, 1, True)
    assert found.version_differs
    assert found.has_problem is found.zone_data_differs


def test_what_is_said_of_each_node() -> None:
    said = {row.name: node_notes(row) for row in SAMPLES}
    assert said == {
        "n1": [],
        "n2": ["1 of its runs waits to be taken over"],
        "n3": ["time-zone data 2025a: plans no zoned jobs", "another version"],
        "n4": ["drained: new disk"],
        "n5": ["begins nothing: its clock is wrong"],
        "n6": ["2 stale claims"],
    }
    assert [skew_words(offset) for offset in (None, 12, 4100, -95_000)] == ["", "+0.0 s", "+4.1 s", "-95.0 s"]
