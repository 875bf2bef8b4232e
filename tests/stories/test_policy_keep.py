"""A person keeps little of a job's history: the newest, the failed and the pinned stay, the rest goes with its logs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from jobistemer_tui.storage.contract import Transaction
from jobistemer_tui.storage.open import open_store
from jobistemer_tui.storage.tables import OCCURRENCES, OCCURRENCES_BY_JOB
from tests.support.real_home import RealHome
from tests.support.wait_until import wait_until

JOBS = """
[jobs.gauge]
keep = {{ runs = 1, age = "30d", bytes = "1MiB" }}
params.fate = {{ default = "0" }}
run = "echo from $JOBISTEMER_OCCURRENCE_ID >> {ledger}; exit $JOBISTEMER_PARAM_FATE"
"""


def grow_old(home: RealHome, ids: set[str]) -> None:
    """Let all that these runs did be two hours ago: what ended within the last hour stays whatever is set."""
    store = open_store(f"sqlite:{home.home / 'jobistemer.db'}")

    def work(tx: Transaction) -> None:
        for row in tx.scan(OCCURRENCES_BY_JOB):
            assert str(row.id) in ids
            assert row.finished_at is not None
            tx.replace(OCCURRENCES, row, replace(row, finished_at=row.finished_at - timedelta(hours=2)))

    store.write(work)
    store.close()


def test_what_is_kept_of_a_job(home: RealHome) -> None:
    home.write("jobs.toml", JOBS.format(ledger=home.ledger))
    home.start_engine()
    fates = ["0", "0", "1", "1", "1", "0"]
    for number, fate in enumerate(fates, 1):
        home.here("trigger", "gauge", "--param", f"fate={fate}")
        wait_until(
            lambda number=number: sum(run["finished_at"] is not None for run in home.runs("gauge")) == number,  # type: ignore[misc]  # a default is bound
            what="its end",
        )
    ids = [run["id"] for run in reversed(home.runs("gauge"))]
    home.here("pin", ids[0])
    home.stop_engine()
    grow_old(home, set(ids))

    (found,) = home.ask("storage", "prune", "--dry-run")["jobs"]
    assert (found["job"], found["runs"]) == ("gauge", 2)
    assert len(home.runs("gauge")) == len(fates), "looking takes nothing"
    home.here("storage", "prune")
    left = [run["id"] for run in reversed(home.runs("gauge"))]
    assert left == [ids[0], ids[3], ids[4], ids[5]], "the pinned, two that failed, the newest good one"
    folders = {entry.name for entry in (home.home / "attempts").glob("*/*") if entry.is_dir()} - {"live"}
    tries = {run["tasks"][0]["attempts"][0]["id"] for run in home.runs("gauge")}
    assert folders == tries
    assert home.ask("storage", "prune")["jobs"] == []
