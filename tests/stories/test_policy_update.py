"""An edit of a schedule takes effect at once, after the old one's next instant, or within the rows that are planned."""

from __future__ import annotations

from datetime import datetime

from jobistemer_tui.domain.states import OccurrenceState
from jobistemer_tui.storage.open import open_store
from jobistemer_tui.storage.tables import JOBS_BY_KEY, OCCURRENCES_BY_JOB_STATE
from tests.support.real_home import RealHome
from tests.support.wait_until import wait_until

JOB = """
[jobs.{name}]
update_policy = "{name}"
plan_horizon = {horizon}
schedule = {{ cron = "{cron}", timezone = "UTC" }}
run = "echo '{name} {cron}' >> {ledger}"
"""
HORIZONS = {"immediate": 3, "graceful": 1, "windowed": 3}


def save(home: RealHome, cron: str) -> None:
    jobs = (JOB.format(name=name, horizon=horizon, cron=cron, ledger=home.ledger) for name, horizon in HORIZONS.items())
    home.write("jobs.toml", "".join(jobs))


def hours(home: RealHome) -> dict[str, list[int]]:
    """The hours of the day of the next three instants of each job."""
    found: dict[str, list[int]] = {}
    for one in home.ask("next", "-n", "12"):
        found.setdefault(one["job"], []).append(datetime.fromisoformat(one["at"]).hour)
    return {name: each[:3] for name, each in found.items()}


def planned(home: RealHome) -> dict[str, list[int]]:
    """The hours of the rows that there are already."""
    found: dict[str, list[int]] = {}
    store = open_store(f"sqlite:{home.home / 'jobistemer.db'}")
    for job in store.read(lambda reader: reader.scan(JOBS_BY_KEY)):
        rows = store.read(lambda r, id=job.id: r.scan(OCCURRENCES_BY_JOB_STATE, id, OccurrenceState.PLANNED))  # type: ignore[misc]  # a default is bound
        found[job.name] = [row.scheduled_at.hour for row in rows]
    store.close()
    return found


def test_each_policy_plans_as_it_says_and_the_new_version_runs(home: RealHome) -> None:
    save(home, "0 4 29 2 *")
    home.start_engine()
    assert hours(home) == {name: [4, 4, 4] for name in HORIZONS}
    assert planned(home) == {name: [4] * horizon for name, horizon in HORIZONS.items()}

    save(home, "0 5 29 2 *")
    new = {"immediate": [5, 5, 5], "graceful": [4, 5, 5], "windowed": [5, 5, 5]}
    wait_until(lambda: hours(home) == new, what="the edit to be live")
    rows = {"immediate": [5, 5, 5], "graceful": [4], "windowed": [5, 5]}
    assert planned(home) == rows, "windowed plans nothing beyond the last row that there was"
    home.call("trigger", "graceful", "--wait")
    assert home.ledger_lines() == ["graceful 0 5 29 2 *"]
