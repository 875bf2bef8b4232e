"""The process that holds a person's tasks is killed with -9: what it held is lost, said so, and never runs twice."""

from __future__ import annotations

import os
import signal

from tests.support.real_home import RealHome
from tests.support.wait_until import wait_until

STUBBORN = """
[jobs.stubborn]
run = "trap '' TERM; echo begin $JOBISTEMER_ATTEMPT_ID >> LEDGER; (setsid sleep 600 &) ; sleep 600; echo end >> LEDGER"

[jobs.again]
on_lost = "rerun"
run = "echo begin $JOBISTEMER_ATTEMPT_ID >> LEDGER; [ $JOBISTEMER_ATTEMPT = 2 ] || sleep 600"
"""


def test_what_it_held_is_reported_lost_and_killed(home: RealHome) -> None:
    home.write("jobs.toml", STUBBORN.replace("LEDGER", str(home.ledger)))
    home.start_engine()
    home.here("trigger", "stubborn")
    wait_until(lambda: len(home.ledger_lines()) == 1, what="the task to begin")
    wait_until(lambda: len(home.task_processes()) >= 3, what="its children")
    os.kill(home.supervisor_pid(), signal.SIGKILL)
    wait_until(lambda: home.runs("stubborn")[0]["status"] == "failed_stale", what="the report")

    (run,) = home.runs("stubborn")
    (attempt,) = run["tasks"][0]["attempts"]
    assert (run["reason"], attempt["status"], attempt["exit_code"]) == ("supervisor_lost", "lost", None)
    wait_until(lambda: not home.task_processes(), what="every process of the task to be gone")
    assert len(home.ledger_lines()) == 1


def test_it_runs_again_only_where_the_job_says_so(home: RealHome) -> None:
    home.write("jobs.toml", STUBBORN.replace("LEDGER", str(home.ledger)))
    home.start_engine()
    home.here("trigger", "again")
    wait_until(lambda: len(home.ledger_lines()) == 1, what="the task to begin")
    os.kill(home.supervisor_pid(), signal.SIGKILL)
    wait_until(lambda: home.runs("again")[0]["status"] == "completed", what="the second try")

    attempts = home.runs("again")[0]["tasks"][0]["attempts"]
    assert [attempt["status"] for attempt in attempts] == ["lost", "success"]
    assert len(set(home.ledger_lines())) == 2
