"""A person's engine is killed with -9 while tasks run; the next engine goes on as if nothing had happened."""

from __future__ import annotations

import itertools
from typing import Any

from tests.support.real_home import ON_EACH_STORE, RealHome
from tests.support.wait_until import wait_until

LONG_TASK = '''
[jobs.long]
execution_timeout = "5m"
run = """
echo begin $JOBISTEMER_ATTEMPT_ID >> {ledger}
echo first line
until [ -e {gate} ]; do sleep 0.1; done
echo last line
exit 7
"""

[jobs.tick]
schedule = {{ cron = "* * * * * *", seconds = true }}
late_grace = "0s"
run = "echo tick $JOBISTEMER_OCCURRENCE_ID >> {ledger}"
'''


@ON_EACH_STORE
def test_a_running_task_survives_and_missed_instants_have_a_reason(home: RealHome) -> None:
    gate = home.folder / "gate"
    home.write("jobs.toml", LONG_TASK.format(ledger=home.ledger, gate=gate))
    home.start_engine()
    home.here("trigger", "long")
    wait_until(lambda: any(line.startswith("begin") for line in home.ledger_lines()), what="the task to begin")
    task_before = home.task_processes()
    home.kill_engine()
    gate_opened_at = len(home.runs("tick"))
    wait_for_missed_instants(home)
    home.start_engine()
    wait_until(lambda: home.runs("long")[0]["node"] is not None)
    assert home.task_processes().items() & task_before.items(), "the task's process was restarted"
    gate.touch()
    wait_until(lambda: home.runs("long")[0]["status"] == "failed", what="the long task's end")

    wait_until(lambda: "downtime" in {run["reason"] for run in home.runs("tick")}, what="the fate of what was missed")
    (long,) = home.runs("long")
    (attempt,) = long["tasks"][0]["attempts"]
    assert (attempt["exit_code"], attempt["number"]) == (7, 1)
    assert home.here("logs", attempt["id"]).stdout.splitlines() == ["first line", "last line"]
    assert sum(line.startswith("begin") for line in home.ledger_lines()) == 1
    ticks = home.runs("tick")
    assert_every_second_has_one_fate(ticks)
    assert "downtime" in [run["reason"] for run in ticks if run["status"] == "missed"]
    assert len(ticks) > gate_opened_at


def wait_for_missed_instants(home: RealHome) -> None:
    """Let at least two instants of the ticking job pass without an engine."""
    instants = home.ask("next", "tick", "-n", "3")
    wait_until(lambda: home.ask("next", "tick", "-n", "1")[0] > instants[-1], what="instants to pass")


def assert_every_second_has_one_fate(runs: list[dict[str, Any]]) -> None:
    """Each second from the first to the last has exactly one occurrence."""
    scheduled = sorted(run["scheduled_at"] for run in runs)
    assert len(scheduled) == len(set(scheduled))
    seconds = [int(text[14:16]) * 60 + int(text[17:19]) for text in scheduled]
    gaps = [(later - earlier) % 3600 for earlier, later in itertools.pairwise(seconds)]
    assert set(gaps) <= {1}, scheduled
