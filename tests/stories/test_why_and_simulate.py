"""A person asks why a job did and did not run, and what is to come."""

from __future__ import annotations

from tests.support.real_home import RealHome

JOBS = """
[jobs.backup]
schedule = { cron = "0 3 1 1 *", timezone = "UTC" }
run = "exit 3"
[jobs.mirror]
schedule = { cron = "0 * 1 1 *", timezone = "UTC" }
overlap_policy = "skip"
run = "true"
"""


def test_a_run_explains_itself_and_a_forecast_leaves_no_trace(home: RealHome) -> None:
    home.write("jobs.toml", JOBS)
    home.call("run", str(home.jobs), "--trigger", "backup", "--until-idle", code=1)

    why = home.here("why", "backup").stdout
    assert "failed" in why
    assert "exit code 3" in why
    assert "no engine runs: nothing has been started since" in why

    before = home.here("why", "backup", "2020-01-01T03:00").stdout
    assert before.startswith("backup, 2020-01-01 03:00:00 UTC:\nIt lies before the job was first published")

    forecast = home.ask(
        "simulate", "--from", "2040-01-01T00:00Z", "--for", "1d", "--duration", "mirror=90m",
        "--down", "2040-01-01T03:30Z", "2040-01-01T05:30Z",
    )  # fmt: skip
    backup, mirror = forecast["jobs"]
    assert (backup["job"], backup["runs"], backup["duration_from"]) == ("backup", 1, {"main": "1 earlier tries"})
    assert (mirror["job"], mirror["runs"], mirror["most_at_once"]) == ("mirror", 11, 1)
    assert mirror["not_run"] == {"missed (downtime)": 1, "skipped (overlap)": 11}
    (run,) = home.runs("backup")
    assert f"run {run['id'][:8]}" in why, "and nothing else was run"
