"""A person runs a job by hand, watches it fail, runs the failed part again, and fills in what was never run."""

from __future__ import annotations

import json

from tests.support.real_home import RealHome

JOB = """
[jobs.report]
schedule = {{ cron = "0 4 * * *", timezone = "UTC", end = "2026-01-04T00:00" }}
overlap_policy = "queue"
params.day = {{ default = "today", choices = ["today", "yesterday"] }}

[[jobs.report.tasks]]
name = "collect"
run = "echo collect $JOBISTEMER_TRIGGER >> {ledger}; echo collected"

[[jobs.report.tasks]]
name = "send"
run = "echo sending; test -e {gate} && echo send $JOBISTEMER_SCHEDULED_TIME >> {ledger}"
"""


def test_trigger_replay_and_backfill(home: RealHome) -> None:
    gate = home.folder / "gate"
    home.write("report.toml", JOB.format(ledger=home.ledger, gate=gate))
    home.start_engine()

    followed = home.call("trigger", "report", "--param", "day=yesterday", "--follow", "--reason", "a test", code=1)
    assert followed.stdout.splitlines() == ["collect | collected", "send | sending"]
    (first,) = home.runs("report")
    assert (first["status"], first["params"]) == ("failed", {"day": "yesterday"})

    gate.touch()
    again = home.call("replay", first["id"], "--failed-only", "--reason", "the gate is open", "--wait", "--json")
    replayed = json.loads(again.stdout)
    assert (replayed["status"], replayed["replay_of"], replayed["params"]) == (
        "completed", first["id"], {"day": "yesterday"},
    )  # fmt: skip
    assert {task["name"]: len(task["attempts"]) for task in replayed["tasks"]} == {"collect": 0, "send": 1}
    assert [line.split()[0] for line in home.ledger_lines()] == ["collect", "send"]

    home.call("backfill", "report", "2026-01-01", "2026-01-03T23:00", "--yes")
    home.call("trigger", "report", "--wait")
    sent = [line.split()[1] for line in home.ledger_lines() if line.startswith("send")]
    assert sent[1:4] == ["2026-01-01T04:00:00Z", "2026-01-02T04:00:00Z", "2026-01-03T04:00:00Z"]
    assert [line.split()[1] for line in home.ledger_lines() if line.startswith("collect")][1:4] == ["backfill"] * 3
    assert home.stop_engine() == 0
