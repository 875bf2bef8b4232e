"""An edit of a schedule takes effect at once, after the old one's next instant, or within the rows that are planned."""

from __future__ import annotations

from datetime import datetime

from tests.support.real_home import RealHome
from tests.support.wait_until import wait_until

JOB = """
[jobs.{name}]
update_policy = "{name}"
plan_horizon = {horizon}
schedule = {{ cron = "{cron}", timezone = "UTC" }}
run = "echo '{name} {cron}' >> {ledger}"
"""
HORIZONS = {"immediate": 1, "graceful": 1, "windowed": 3}


def save(home: RealHome, cron: str) -> None:
    jobs = (JOB.format(name=name, horizon=horizon, cron=cron, ledger=home.ledger) for name, horizon in HORIZONS.items())
    home.write("jobs.toml", "".join(jobs))


def hours(home: RealHome) -> dict[str, list[int]]:
    """The hours of the day of the next three instants of each job."""
    found: dict[str, list[int]] = {}
    for one in home.ask("next", "-n", "12"):
        found.setdefault(one["job"], []).append(datetime.fromisoformat(one["at"]).hour)
    return {name: each[:3] for name, each in found.items()}


def test_each_policy_plans_as_it_says_and_the_new_version_runs(home: RealHome) -> None:
    save(home, "0 4 29 2 *")
    home.start_engine()
    assert hours(home) == {name: [4, 4, 4] for name in HORIZONS}

    save(home, "0 5 29 2 *")
    new = {"immediate": [5, 5, 5], "graceful": [4, 5, 5], "windowed": [5, 5, 5]}
    wait_until(lambda: hours(home) == new, what="the edit to be live")
    home.call("trigger", "graceful", "--wait")
    assert home.ledger_lines() == ["graceful 0 5 29 2 *"]
