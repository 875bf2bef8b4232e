"""The process that holds the tasks stops answering: it is noticed, said, and nothing runs twice when it wakes up."""

from __future__ import annotations

import os
import signal

from tests.support.real_home import RealHome
from tests.support.wait_until import wait_until

JOBS = """
[jobs.early]
run = "echo early $JOBISTEMER_ATTEMPT_ID >> LEDGER"

[jobs.late]
run = "echo late $JOBISTEMER_ATTEMPT_ID >> LEDGER"
"""


def test_what_waits_says_why_and_runs_once_when_it_answers_again(home: RealHome) -> None:
    home.write("jobs.toml", JOBS.replace("LEDGER", str(home.ledger)))
    home.start_engine()
    supervisor = home.supervisor_pid()
    os.kill(supervisor, signal.SIGSTOP)
    home.here("trigger", "early")
    wait_until(lambda: home.runs("early")[0]["status"] == "running", what="the start that gets no answer")
    wait_until(lambda: "no sign of life" in home.engine_log(), what="the engine to notice")
    home.here("trigger", "late")
    wait_until(lambda: home.runs("late")[0]["reason"] == "no_supervisor", what="the reason")
    assert home.ledger_lines() == []

    os.kill(supervisor, signal.SIGCONT)
    for job in ("early", "late"):
        wait_until(lambda job=job: home.runs(job)[0]["status"] == "completed", what=job)  # type: ignore[misc]
    assert sorted(line.split()[0] for line in home.ledger_lines()) == ["early", "late"]
