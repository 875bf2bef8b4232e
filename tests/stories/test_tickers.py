"""A person stops, skips, puts off, pauses and takes back, with the real command, across the death of engines."""

from __future__ import annotations

from datetime import datetime, timedelta

from jobistemer_tui.domain.clock import SystemClock
from tests.support.real_home import RealHome
from tests.support.wait_until import wait_until

JOBS = """
[jobs.beat]
schedule = { cron = "*/2 * * * * *", seconds = true, timezone = "UTC" }
run = "true"

[jobs.yearly]
schedule = { cron = "0 5 1 1 *", timezone = "Europe/Berlin" }
run = "true"
"""


def fates(home: RealHome) -> list[tuple[str, str | None]]:
    return [(run["status"], run["reason"]) for run in home.runs("beat")]


def test_what_a_person_said_holds_across_the_death_of_engines(home: RealHome) -> None:
    home.write("jobs.toml", JOBS)
    home.start_engine()
    wait_until(lambda: ("completed", None) in fates(home), what="the first beat")
    home.call("stop", "beat", "--reason", "disk swap")
    wait_until(lambda: not home.ask("show", "beat")["running"], what="the last beat to end")
    told = len(fates(home))
    skipped = home.change("skip", "yearly", "--reason", "no disk")
    assert (skipped["status"], skipped["reason"]) == ("planned", "skipped_by_user")
    home.kill_engine()

    home.start_engine()
    assert home.ask("show", "beat")["enabled"] is False
    home.stop_engine()
    assert len(fates(home)) == told, "a stopped schedule leaves no rows, before and after"
    assert "will be skipped (no disk)" in home.here("next", "yearly", "-n", "1").stdout

    home.start_engine()
    home.call("start", "beat")
    wait_until(lambda: len(fates(home)) > told, what="the beat to go on")
    home.call("pause", "beat", "--reason", "lunch")
    home.kill_engine()
    home.start_engine()
    assert home.ask("show", "beat")["paused"] is True
    wait_until(lambda: fates(home)[0] == ("skipped", "paused"), what="a time to pass")

    assert home.change("undo", "beat")[0]["undone"] == "job_paused"
    before = fates(home).count(("completed", None))
    wait_until(lambda: fates(home).count(("completed", None)) > before, what="a beat after the pause")
    assert home.change("undo", "yearly")[0]["undone"] == "run_skipped"
    assert "skipped" not in home.here("next", "yearly", "-n", "1").stdout


def test_a_run_that_is_put_off_waits_for_its_time_through_a_restart(home: RealHome) -> None:
    home.write("jobs.toml", JOBS)
    home.start_engine()
    wait_until(lambda: ("completed", None) in fates(home), what="the first beat")
    while True:  # again, if the restart took so long that its time had come
        until = (SystemClock().now() + timedelta(seconds=8)).replace(microsecond=0)
        put_off = home.ask("snooze", "beat", "--until", until.isoformat())
        assert put_off["reason"] == "snoozed"
        home.kill_engine()
        home.start_engine()
        if SystemClock().now() < until:
            break

    def started() -> str | None:
        run: str | None = home.ask("show", put_off["id"])["started_at"]
        return run

    wait_until(started, what="the run that was put off to start")
    assert datetime.fromisoformat(started() or "") >= until
    assert home.ask("show", put_off["id"])["scheduled_at"] == put_off["scheduled_at"]
