"""A task fails for good: what becomes of the others is what job and task say."""

from __future__ import annotations

from typing import Any

from tests.support.real_home import RealHome
from tests.support.wait_until import wait_until

JOB = """
[jobs.{strategy}]
failure_strategy = "{strategy}"
retry_policy = {{ retry_interval = "100ms" }}
[[jobs.{strategy}.tasks]]
name = "bad"
run = "exit 1"
[[jobs.{strategy}.tasks]]
name = "beside"
needs = []
run = "until [ -e {gate}.{strategy} ]; do sleep 0.05; done"
[[jobs.{strategy}.tasks]]
name = "anyway"
failure_strategy = "continue"
run = "until [ -e {gate} ]; do sleep 0.05; done; echo anyway {strategy} >> {ledger}"
[[jobs.{strategy}.tasks]]
name = "after"
needs = ["bad"]
run = "echo never >> {ledger}"
[[jobs.{strategy}.tasks]]
name = "tidy"
needs = ["after", "beside"]
run_when = "always"
run = "echo tidy {strategy} >> {ledger}"
"""
STRATEGIES = ("fail-fast", "continue", "retry-on-failure")


def bad_task(home: RealHome, strategy: str) -> Any:
    return next((task["status"] for task in home.runs(strategy)[0]["tasks"] if task["name"] == "bad"), None)


def test_each_strategy_with_an_override_and_a_clean_up(home: RealHome) -> None:
    gate = home.folder / "gate"
    home.write("jobs.toml", "".join(JOB.format(strategy=word, ledger=home.ledger, gate=gate) for word in STRATEGIES))
    home.start_engine()
    for word in STRATEGIES:
        home.here("trigger", word)
    wait_until(lambda: [bad_task(home, word) for word in STRATEGIES] == ["failed"] * 3, what="the bad tasks to fail")
    for path in (gate, home.folder / "gate.continue"):
        path.touch()
    wait_until(lambda: sum(line.startswith("tidy") for line in home.ledger_lines()) == 3, what="all clean-ups")
    over = {"failed", "completed_with_errors"}
    wait_until(lambda: {runs[0]["status"] for runs in home.all_runs().values()} <= over, what="all three to end")
    ended = {word: runs[0] for word, runs in home.all_runs().items()}
    assert {word: run["status"] for word, run in ended.items()} == {
        "fail-fast": "failed", "continue": "completed_with_errors", "retry-on-failure": "failed",
    }  # fmt: skip
    tasks = {word: {task["name"]: task["status"] for task in run["tasks"]} for word, run in ended.items()}
    fast = {"bad": "failed", "beside": "canceled", "anyway": "success", "after": "canceled", "tidy": "success"}
    assert tasks["fail-fast"] == tasks["retry-on-failure"] == fast
    assert tasks["continue"] == {**fast, "beside": "success", "after": "skipped"}
    tries = {word: len(run["tasks"][0]["attempts"]) for word, run in ended.items()}
    assert tries == {"fail-fast": 1, "continue": 1, "retry-on-failure": 4}
    assert sorted(home.ledger_lines()) == sorted(f"{what} {word}" for what in ("anyway", "tidy") for word in STRATEGIES)
