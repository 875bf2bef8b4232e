"""Two machines share a store on a server. One dies, or is stopped for so long that the other takes over its work."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.postgres_server import end_sessions
from tests.support.real_home import RealHome
from tests.support.wait_until import wait_until

JOBS = """
[defaults]
timezone = "UTC"
cwd = "/"
[jobs.long]
overlap_policy = "queue"
run = '''echo hello; echo $JOBISTEMER_OCCURRENCE_ID >> {ledger}; [ -e {gate} ] || sleep 300'''
"""


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[tuple[RealHome, RealHome]]:
    """Two machines over one store, whose engines take six seconds of silence for death."""
    both: list[RealHome] = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        home = RealHome(folder, "postgresql", shared=tmp_path)
        home.home.mkdir(mode=0o700)
        config = home.home / "config.toml"
        config.write_text('lost_after = "6s"\n')
        config.chmod(0o600)
        # Without `cwd` a job runs in its file's folder, and would be another job in each home.
        home.write("jobs.toml", JOBS.format(ledger=tmp_path / "ledger", gate=tmp_path / "gate"))
        both.append(home)
    yield both[0], both[1]
    for home in both:
        home.end()


def begun(machines: tuple[RealHome, RealHome]) -> list[str]:
    """The runs that have begun, by what their tasks wrote."""
    ledger = machines[0].folder.parent / "ledger"
    return ledger.read_text().splitlines() if ledger.exists() else []


def start_both_and_run_on_the_first(machines: tuple[RealHome, RealHome]) -> tuple[str, str]:
    """A run on the first, and one that waits for it; gives their ids."""
    one, two = machines
    one.start_engine()
    one.here("trigger", "long")
    wait_until(lambda: begun(machines), what="the first run to begin")
    two.start_engine()
    two.here("trigger", "long")
    waiting, running = one.runs("long")
    assert (running["status"], waiting["status"]) == ("running", "queued")
    return running["id"], waiting["id"]


def run_of(home: RealHome, run_id: str) -> dict[str, Any]:
    return next(run for run in home.runs("long") if run["id"] == run_id)


def test_a_machine_that_dies_is_declared_lost_and_the_queue_goes_on(machines: tuple[RealHome, RealHome]) -> None:
    first, second = start_both_and_run_on_the_first(machines)
    two = machines[1]
    wait_until(lambda: "hello" in two.here("logs", first, code=None).stdout, what="its output on the other machine")
    (two.folder.parent / "gate").touch()
    machines[0].end()
    wait_until(lambda: run_of(machines[1], second)["status"] == "completed", what="the one that waited")
    lost = run_of(machines[1], first)
    assert (lost["status"], lost["reason"]) == ("failed_stale", "owner_lost")
    assert begun(machines) == [first, second]


def test_an_engine_that_comes_back_after_it_was_given_up_kills_what_was_taken(
    machines: tuple[RealHome, RealHome],
) -> None:
    one, two = machines
    first, second = start_both_and_run_on_the_first(machines)
    task = next(iter(one.task_processes()))
    (two.folder.parent / "gate").touch()
    one.engines[-1].send_signal(signal.SIGSTOP)
    assert end_sessions(one.store_url) > 0
    wait_until(lambda: run_of(two, second)["status"] == "completed", what="the other engine to take over")
    assert Path(f"/proc/{task}").exists(), "its supervisor has kept it"
    one.engines[-1].send_signal(signal.SIGCONT)
    wait_until(lambda: not Path(f"/proc/{task}").exists(), what="the task that was given up to be killed")
    assert two.stop_engine() == 0
    one.here("trigger", "long")
    wait_until(lambda: one.runs("long")[0]["status"] == "completed", what="the engine to work as another one")
    assert run_of(one, first)["status"] == "failed_stale"
    assert len(begun(machines)) == len(set(begun(machines))) == 3
    assert os.waitid(os.P_PID, one.engines[-1].pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
