"""A flaky job is tried again as its policy says, the engine killed in between; another failure is not worth a try."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.support.real_home import ON_EACH_STORE, RealHome
from tests.support.wait_until import wait_until

JOBS = """
[jobs.flaky]
retry_policy.max_retries = 3
retry_policy.retry_interval = "200ms"
retry_policy.backoff_factor = 4
retry_policy.max_interval = "800ms"
retry_policy.jitter = "100ms"
retry_policy.retry_on = [75]
run = "echo $JOBISTEMER_ATTEMPT >> {ledger}; [ $(wc -l < {ledger}) -ge 3 ] || exit 75"

[jobs.wrong]
retry_policy = {{ max_retries = 3, retry_interval = "0s", retry_on = [75, "signal"] }}
run = "exit 64"

[jobs.shot]
retry_policy = {{ max_retries = 1, retry_interval = "0s", retry_on = ["SIGKILL"] }}
run = "kill -9 $$"
"""


def attempts(home: RealHome, job: str) -> list[dict[str, Any]]:
    runs = home.runs(job)
    return runs[0]["tasks"][0]["attempts"] if runs else []


@ON_EACH_STORE
def test_retries_survive_the_engine_and_only_what_is_named_is_retried(home: RealHome) -> None:
    home.write("jobs.toml", JOBS.format(ledger=home.ledger))
    home.start_engine()
    home.here("trigger", "flaky")
    wait_until(home.ledger_lines, what="the first try")
    home.kill_engine()
    home.start_engine()
    for name in ("wrong", "shot"):
        home.here("trigger", name)
    wait_until(lambda: home.runs("flaky")[0]["status"] == "completed", what="its end")
    # One that was claimed when the engine was killed, and never begun, is no try.
    begun = [a for a in attempts(home, "flaky") if a["status"] != "not_started"]
    assert [(a["status"], a["exit_code"]) for a in begun] == [("failed", 75), ("failed", 75), ("success", 0)]
    assert home.ledger_lines() == [str(a["number"]) for a in begun]
    waited = datetime.fromisoformat(begun[2]["not_before"]) - datetime.fromisoformat(begun[1]["finished_at"])
    assert waited >= timedelta(milliseconds=700), "four times 200 ms; the jitter moves down where no wait may be longer"
    for name in ("wrong", "shot"):
        wait_until(lambda name=name: home.runs(name)[0]["status"] == "failed", what=name)  # type: ignore[misc]  # a default is bound
    assert [(a["status"], a["exit_code"]) for a in attempts(home, "wrong")] == [("failed", 64)]
    assert [a["status"] for a in attempts(home, "shot")] == ["failed", "failed"]
