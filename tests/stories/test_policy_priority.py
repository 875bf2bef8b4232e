"""One slot and three that wait: the most urgent is first; few processes and many tasks: each says why it waits."""

from __future__ import annotations

from tests.support.real_home import RealHome
from tests.support.wait_until import wait_until

JOB = """
[jobs.{name}]
priority = {priority}
run = "echo {name} >> {ledger}; until [ -e {gate} ]; do sleep 0.05; done"
"""


def config(home: RealHome, text: str) -> None:
    home.home.mkdir(mode=0o700, exist_ok=True)
    path = home.home / "config.toml"
    path.write_text(text)
    path.chmod(0o600)


def test_the_most_urgent_starts_first(home: RealHome) -> None:
    config(home, "max_concurrent_jobs = 1\n")
    gate = home.folder / "gate"
    names = {"holder": 0, "low": -1, "normal": 0, "high": 1}
    jobs = (JOB.format(name=name, priority=number, ledger=home.ledger, gate=gate) for name, number in names.items())
    home.write("jobs.toml", "".join(jobs))
    home.start_engine()
    home.here("trigger", "holder")
    wait_until(lambda: home.ledger_lines() == ["holder"], what="the slot to be taken")
    for name in ("low", "normal", "high"):
        home.here("trigger", name)
    waiting = {"low", "normal", "high"}
    wait_until(
        lambda: waiting == {name for name, runs in home.all_runs().items() if runs[0]["reason"] == "no_slot"},
        what="the reason to be shown",
    )
    gate.touch()
    wait_until(lambda: len(home.ledger_lines()) == 4, what="the last")
    assert home.ledger_lines() == ["holder", "high", "normal", "low"]


WIDE = """
[jobs.wide]
tasks_mode = "parallel"
max_parallel_tasks = 3
[[jobs.wide.tasks]]
name = "a"
run = "{work}"
[[jobs.wide.tasks]]
name = "b"
run = "{work}"
[[jobs.wide.tasks]]
name = "c"
run = "{work}"
[[jobs.wide.tasks]]
name = "d"
run = "{work}"
"""


WAITING = {
    "a": ("running", None), "b": ("running", None),
    "c": ("pending", "max_attempts_running"), "d": ("pending", "max_parallel_tasks"),
}  # fmt: skip


def tasks_of(home: RealHome) -> dict[str, tuple[str, str | None]]:
    (run,) = home.runs("wide")
    return {task["name"]: (task["status"], task["reason"]) for task in run["tasks"]}


def test_no_more_processes_and_tasks_run_than_may(home: RealHome) -> None:
    config(home, "max_attempts_running = 2\n")
    gate = home.folder / "gate"
    home.write("jobs.toml", WIDE.format(work=f"echo x >> {home.ledger}; until [ -e {gate} ]; do sleep 0.05; done"))
    home.start_engine()
    home.here("trigger", "wide")
    wait_until(lambda: len(home.ledger_lines()) == 2, what="two to begin")
    wait_until(lambda: tasks_of(home) == WAITING, what="the two others to say why they wait")
    assert "pending (max_parallel_tasks)" in home.here("show", home.runs("wide")[0]["id"]).stdout
    gate.touch()
    wait_until(lambda: home.runs("wide")[0]["status"] == "completed", what="all four")
    assert len(home.ledger_lines()) == 4
