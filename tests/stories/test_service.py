"""The two programs of a service: the scheduler is stopped, and its tasks go on under the unit of the supervisor."""

from __future__ import annotations

import signal
import subprocess

from jobistemer_tui.engine.supervisor.protocol import SOCKET_NAME
from tests.support.real_home import RealHome
from tests.support.wait_until import wait_until

JOB = """
[jobs.long]
run = "until [ -e {gate} ]; do sleep 0.05; done; exit 7"
"""


def test_the_supervisor_of_the_service_is_the_one_that_runs_the_tasks(home: RealHome) -> None:
    gate = home.folder / "gate"
    home.write("jobs.toml", JOB.format(gate=gate))
    unit = subprocess.Popen(home.command("service", "supervisor"), env=home.environ, stdin=subprocess.DEVNULL)
    try:
        wait_until((home.home / "jobistemer.db.nodes" / SOCKET_NAME).exists, what="the supervisor")
        assert home.supervisors() == [unit.pid]
        home.start_engine()
        home.here("trigger", "long")
        wait_until(lambda: bool(home.task_processes()), what="the task")
        home.kill_engine()  # all that KillMode=process ends
        assert home.task_processes()
        unit.send_signal(signal.SIGTERM)  # what KillMode=mixed sends at first: it waits for the task
        gate.touch()
        assert unit.wait(60) == 0
    finally:
        unit.kill()
        unit.wait()
    home.start_engine("--until-idle", wait=False)
    wait_until(lambda: home.runs("long")[0]["status"] == "failed", what="the outcome")
    assert home.runs("long")[0]["tasks"][0]["attempts"][0]["exit_code"] == 7
