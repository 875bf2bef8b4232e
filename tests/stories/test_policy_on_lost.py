"""The supervisor dies under a task: its outcome is unknown; where the job says so it runs again, not for ever."""

from __future__ import annotations

import os
import signal

from tests.support.real_home import RealHome
from tests.support.wait_until import wait_until

JOBS = """
[jobs.careful]
run = "echo careful >> {ledger}; sleep 600"

[jobs.stubborn]
on_lost = "rerun"
max_reruns = 1
run = "echo stubborn >> {ledger}; sleep 600"
"""


def test_a_lost_task_is_run_again_as_often_as_may_be(home: RealHome) -> None:
    home.write("jobs.toml", JOBS.format(ledger=home.ledger))
    home.start_engine()
    for name in ("careful", "stubborn"):
        home.here("trigger", name)
    for begun in (1, 2):
        wait_until(lambda begun=begun: home.ledger_lines().count("stubborn") == begun, what="it to begin")  # type: ignore[misc]  # a default is bound
        wait_until(lambda: "careful" in home.ledger_lines())
        os.kill(home.supervisor_pid(), signal.SIGKILL)
    wait_until(lambda: home.runs("stubborn")[0]["status"] == "failed_stale", what="the second loss to be the last")
    wait_until(lambda: home.runs("careful")[0]["status"] == "failed_stale", what="the other to be given up, too")
    (run,) = home.runs("stubborn")
    assert [a["status"] for a in run["tasks"][0]["attempts"]] == ["lost", "lost"]
    (unknown,) = home.runs("careful")
    assert (unknown["status"], [a["status"] for a in unknown["tasks"][0]["attempts"]]) == ("failed_stale", ["lost"])
    assert sorted(home.ledger_lines()) == ["careful", "stubborn", "stubborn"]
