"""Two engines on one home: the second is turned away and told who serves; the next takes over when that one dies."""

from __future__ import annotations

import json

from tests.support.real_home import ON_EACH_STORE, RealHome

JOB = """
[jobs.quiet]
run = "true"
"""


@ON_EACH_STORE
def test_the_second_run_ends_with_75_and_names_the_first(home: RealHome) -> None:
    home.write("jobs.toml", JOB)
    first = home.start_engine()
    refused = home.call("run", str(home.jobs), code=75)
    assert str(first.pid) in refused.stderr
    assert str(home.home) in refused.stderr
    as_json = home.call("--json", "run", str(home.jobs), code=75)
    assert json.loads(as_json.stderr.splitlines()[-1])["error"]["code"] == "already_served"


def test_after_the_first_is_killed_the_next_takes_over(home: RealHome) -> None:
    home.write("jobs.toml", JOB)
    home.start_engine()
    home.kill_engine()
    home.start_engine()
    assert home.change("trigger", "quiet")["job"] == "quiet"
    assert home.stop_engine() == 0


def test_another_folder_in_the_same_home_retires_nothing(home: RealHome) -> None:
    home.write("jobs.toml", JOB)
    home.start_engine()
    home.stop_engine()
    other = home.folder / "other"
    other.mkdir(mode=0o700)
    (other / "more.toml").write_text('[jobs.other]\nrun = "true"\n')
    done = home.call("run", str(other), "--for", "7s")
    assert done.returncode == 0
    jobs = {job["name"]: job for job in home.ask("jobs")}
    assert set(jobs) == {"quiet", "other"}
    events = home.here("show", "quiet").stdout
    assert "retired" not in events
