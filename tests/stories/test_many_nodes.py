"""Two nodes over a server: one is drained, then the other; each is told why; and one that is gone is declared lost."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.support.real_home import RealHome
from tests.support.wait_until import wait_until

JOBS = """
[defaults]
timezone = "UTC"
cwd = "/"
[jobs.quick]
run = "cat {word}"
[jobs.long]
run = "[ -e {gate} ] || sleep 300"
retry_policy = {{ max_retries = 1, retry_interval = "1s" }}
[jobs.train]
run = "true"
nodes = ["gpu", "ssd"]
"""
CONFIG = '[node]\nname = "{name}"\nlabels = ["{label}"]\n'


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[tuple[RealHome, RealHome]]:
    """Two homes over one store; `two` has the label gpu."""
    both: list[RealHome] = []
    for name, label in (("one", "disk"), ("two", "gpu")):
        folder = tmp_path / name
        folder.mkdir()
        home = RealHome(folder, "postgresql", shared=tmp_path)
        home.home.mkdir(mode=0o700)
        config = home.home / "config.toml"
        config.write_text(CONFIG.format(name=name, label=label))
        config.chmod(0o600)
        home.write("jobs.toml", JOBS.format(word=tmp_path / "word", gate=tmp_path / "gate"))
        both.append(home)
    yield both[0], both[1]
    for home in both:
        home.end()


def node(home: RealHome, name: str) -> dict[str, Any]:
    return next(row for row in home.ask("nodes") if row["name"] == name)


def run_one(home: RealHome, word: str) -> dict[str, Any]:
    """A run of `quick` that writes a word, once it has ended."""
    (home.folder.parent / "word").write_text(f"{word}\n")
    home.call("trigger", "quick", "--wait")
    return home.runs("quick")[0]


def drain(home: RealHome, name: str) -> None:
    home.call("nodes", "drain", name)
    wait_until(lambda: node(home, name)["trouble"] == "drained", what=f"{name} to see it")


def test_a_drained_node_begins_nothing_and_finishes_what_it_has(nodes: tuple[RealHome, RealHome]) -> None:
    one, two = nodes
    one.start_engine()
    two.start_engine()
    drain(one, "two")
    there = run_one(two, "apples")
    assert there["node_id"] == node(two, "one")["id"]
    two.call("trigger", "long")
    wait_until(lambda: [run["status"] for run in two.runs("long")] == ["running"], what="a run on the first node")
    two.call("nodes", "undrain", "two")
    drain(two, "one")
    here = run_one(two, "pears")
    assert here["node_id"] == node(two, "two")["id"]

    assert two.runs("long")[0]["status"] == "running", "what the drained node has goes on"
    (two.folder.parent / "gate").touch()
    wait_until(lambda: one.task_processes(), what="its process")
    for task in one.task_processes():
        with suppress(ProcessLookupError):  # the supervisor ends what the first leaves
            os.kill(task, signal.SIGKILL)
    wait_until(lambda: two.runs("long")[0]["status"] == "completed", what="its retry, on the drained node")
    assert two.runs("long")[0]["node_id"] == node(two, "one")["id"]
    compared = two.call("compare", there["id"], here["id"], code=None).stdout
    assert "apples" in compared, "the output of the other node"
    assert "pears" in compared

    two.call("trigger", "train")
    wait_until(lambda: two.runs("train")[0]["reason_detail"] == {"labels": "gpu, ssd"}, what="it to say what it lacks")
    facts = [fact["text"] for fact in two.ask("why", "train")["facts"]]
    assert "node one lacks the labels gpu, ssd" in facts
    assert "node two lacks the label ssd" in facts


def test_a_node_that_is_gone_is_declared_lost_by_hand(nodes: tuple[RealHome, RealHome]) -> None:
    one, two = nodes
    one.start_engine()
    one.call("trigger", "long")
    wait_until(lambda: [run["status"] for run in one.runs("long")] == ["running"], what="a run on the first node")
    two.start_engine()
    refused = two.call("nodes", "lost", "one", "--yes", code=1)
    assert "holds its lock" in refused.stderr
    one.end()
    wait_until(lambda: node(two, "one")["status"] == "silent", what="its lock to be free")
    assert two.runs("long")[0]["status"] == "running", "nobody has said that it is gone"
    two.call("nodes", "lost", "one", "--yes")
    wait_until(lambda: two.runs("long")[0]["status"] == "failed_stale", what="the other node to give up what it had")
    assert (two.runs("long")[0]["reason"], node(two, "one")["status"]) == ("owner_lost", "lost")
    again = two.call("nodes", "lost", "one", "--yes", code=1)
    assert "lost" in again.stderr
