"""Limits hold for every attempt, for the whole run, and without any engine at all."""

from __future__ import annotations

from tests.support.real_home import RealHome
from tests.support.wait_until import wait_until

JOBS = """
[jobs.slow-task]
task_timeout = "500ms"
kill_grace = "200ms"
retry_policy = {{ max_retries = 1, retry_interval = "0s", retry_on = ["timeout"] }}
run = "trap '' TERM; echo slow-task >> {ledger}; while :; do sleep 0.1; done"

[jobs.slow-run]
execution_timeout = "6s"
kill_grace = "200ms"
retry_policy = {{ max_retries = 9, retry_interval = "0s" }}
run = "echo slow-run >> {ledger}; sleep 60"

[jobs.holder]
concurrency_group = "place"
run = "until [ -e {gate} ]; do sleep 0.05; done"

[jobs.stale]
concurrency_group = "place"
start_deadline = "1s"
run = "true"
"""


def test_time_limits_hold_though_the_engine_is_killed(home: RealHome) -> None:
    gate = home.folder / "gate"
    home.write("jobs.toml", JOBS.format(ledger=home.ledger, gate=gate))
    home.start_engine()
    for name in ("slow-task", "holder", "stale", "slow-run"):
        home.here("trigger", name)
    wait_until(lambda: "slow-run" in home.ledger_lines(), what="the slow run to begin")
    wait_until(lambda: home.runs("slow-task")[0]["status"] == "failed", what="the slow task's second time-out")
    (slow,) = home.runs("slow-task")
    assert slow["reason"] == "timeout"
    assert [a["status"] for a in slow["tasks"][0]["attempts"]] == ["timeout"] * 2
    home.kill_engine()
    wait_until(
        lambda: not any("slow-run" in words for words in home.task_processes().values()),
        what="the supervisor to end it without an engine",
    )
    home.start_engine()
    wait_until(lambda: home.runs("slow-run")[0]["status"] == "failed", what="the result to be recorded")
    (run,) = home.runs("slow-run")
    assert (run["reason"], [a["status"] for a in run["tasks"][0]["attempts"]]) == ("timeout", ["timeout"])
    wait_until(lambda: home.runs("stale")[0]["status"] == "missed", what="the one that waits for too long")
    assert [run["reason"] for run in home.runs("stale")] == ["too_late"]
    assert home.runs("holder")[0]["status"] == "running"
