"""What a task leaves running, how much of its output is kept, and how many of a job run and wait."""

from __future__ import annotations

from tests.support.real_home import RealHome
from tests.support.wait_until import wait_until

JOBS = """
[jobs.tidy]
run = "(until [ -e {gate} ]; do sleep 0.05; done; echo late >> {ledger}) & echo begun >> {ledger}"

[jobs.daemon]
leftovers = "leave"
run = "(until [ -e {gate} ]; do sleep 0.05; done; echo daemon >> {ledger}) & exit 0"

[jobs.workers]
leftovers = "wait"
run = "(until [ -e {gate} ]; do sleep 0.05; done; echo worker >> {ledger}) & exit 0"

[jobs.loud]
output_head = "1KiB"
output_tail = "1KiB"
run = "echo first; head -c 100000 /dev/zero | tr '\\\\0' x; echo; echo last"

[jobs.pair]
overlap_policy = "queue"
max_active = 2
queue_limit = 1
on_start = "echo hook >> {ledger}"
run = "until [ -e {gate} ]; do sleep 0.05; done"
"""


def statuses(home: RealHome, job: str) -> list[str]:
    return sorted(run["status"] for run in home.runs(job))


def test_leftovers_output_and_places(home: RealHome) -> None:
    gate = home.folder / "gate"
    home.write("jobs.toml", JOBS.format(gate=gate, ledger=home.ledger))
    home.start_engine()
    for name in ("tidy", "daemon", "loud"):
        home.call("trigger", name, "--wait")
    for name in ("workers", *["pair"] * 4):
        home.here("trigger", name)
    wait_until(
        lambda: statuses(home, "pair") == ["queued", "running", "running", "skipped"], what="two to run and one to wait"
    )
    (skipped,) = (run for run in home.runs("pair") if run["status"] == "skipped")
    assert skipped["reason"] == "queue_full"
    wait_until(lambda: statuses(home, "workers") == ["running"], what="the workers to begin")
    wait_until(lambda: home.ledger_lines().count("hook") == 2, what="a hook for each that began")

    log = home.here("logs", "loud").stdout
    assert "first" in log
    assert "last" in log
    assert len(log) < 10_000

    gate.touch()
    wait_until(lambda: statuses(home, "workers") == ["completed"], what="the workers to be waited for")
    wait_until(lambda: {"daemon", "worker"} <= set(home.ledger_lines()), what="what was left to end by itself")
    wait_until(lambda: statuses(home, "pair") == ["completed"] * 3 + ["skipped"], what="the one that waited to run")
    assert "late" not in home.ledger_lines()
    (tidy,) = home.ask("runs", "--job", "tidy")
    assert tidy["status"] == "completed"
