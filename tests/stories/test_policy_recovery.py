"""The program was down for a few seconds: each recovery strategy makes up for them as the guide says."""

from __future__ import annotations

from typing import Any

from tests.support.downtime import miss_some_seconds
from tests.support.real_home import RealHome
from tests.support.wait_until import wait_until

JOB = """
[jobs.{name}]
schedule = {{ cron = "* * * * * *", seconds = true, end = "{end}" }}
late_grace = "0s"
overlap_policy = "queue"
recovery_strategy = "{strategy}"
recovery_window = {{ {window} }}
recovery_spread = "0s"
run = "echo {name} {values} >> {ledger}"
"""
VALUES = " ".join(f"${{JOBISTEMER_{name}:-none}}" for name in ("SCHEDULED_TIME", "IS_RECOVERY_RUN", "WINDOW_COUNT"))
VALUES += " $JOBISTEMER_WINDOW_INSTANTS"
STRATEGIES = ("execute-all", "execute-last", "mark-as-missed", "bounded-window", "compressed")
WINDOWS = {
    **dict.fromkeys(STRATEGIES, "max_occurrences = 2"),
    "too-old": 'max_occurrences = "none", max_duration = "50ms"',
}
"""What is in the window of each job; the one that has no strategy's name is `bounded-window` too."""


Runs = dict[str, list[dict[str, Any]]]


def recovered(runs: Runs, strategy: str) -> list[dict[str, Any]]:
    """The runs that make up for missed ones, the oldest instant first."""
    found = [run for run in runs[strategy] if run["trigger"] == "recovery" and run["status"] != "missed"]
    assert all(run["is_recovery_run"] for run in found)
    return sorted(found, key=lambda run: str(run["scheduled_at"]))


def missed(runs: Runs, strategy: str) -> list[dict[str, Any]]:
    return [run for run in runs[strategy] if run["status"] == "missed"]


def is_settled(runs: Runs) -> bool:
    """Whether each strategy has decided, and nothing waits or runs any more."""
    decided = all(missed(runs, strategy) or recovered(runs, strategy) for strategy in WINDOWS)
    statuses = {run["status"] for some in runs.values() for run in some}
    return decided and not statuses & {"pending", "queued", "running"}


def test_each_strategy_after_a_crash(home: RealHome) -> None:
    def jobs_until(end: str) -> str:
        return "".join(
            JOB.format(
                name=name, strategy=name if name in STRATEGIES else "bounded-window", window=window, values=VALUES,
                ledger=home.ledger, end=end,
            )
            for name, window in WINDOWS.items()
        )  # fmt: skip

    end = miss_some_seconds(home, WINDOWS, jobs_until)
    home.start_engine()
    wait_until(lambda: is_settled(home.all_runs()), what="everything to be made up for")
    runs = home.all_runs()
    assert len(recovered(runs, "execute-all")) >= 2
    assert [len(recovered(runs, name)) for name in [*WINDOWS][1:]] == [1, 0, 2, 1, 0]
    reasons = {name: {run["reason"] for run in missed(runs, name)} for name in WINDOWS}
    assert reasons == {
        "execute-all": set(), "execute-last": {"downtime"}, "mark-as-missed": {"downtime"},
        "bounded-window": {"out_of_window"}, "compressed": {"compressed_into"}, "too-old": {"out_of_window"},
    }  # fmt: skip
    assert [run["scheduled_at"] for run in recovered(runs, "execute-last")] == [end]
    lines = [words for line in home.ledger_lines() if (words := line.split())[2] == "1"]
    in_order = [line[1] for line in lines if line[0] == "execute-all"]
    assert in_order == sorted(in_order), "one after another, in the order of their instants"
    assert_told_of_all(runs, [line for line in lines if line[0] == "compressed"])


def assert_told_of_all(runs: Runs, lines: list[list[str]]) -> None:
    """The one compressed run was told of every instant that it stands for, and their rows name it."""
    ((_, at, _, count, *told),) = lines
    (run,) = recovered(runs, "compressed")
    others = missed(runs, "compressed")
    assert {other["reason_detail"]["compressed_into"] for other in others} == {run["id"]}
    assert int(count) == len(told) == len(others) + 1
    assert sorted(told) == sorted([at, *(other["scheduled_at"] for other in others)])
