"""A person lets Prometheus look at an engine: what ran, failed, was skipped, waits and is paused is counted there."""

from __future__ import annotations

import re
import urllib.request

from tests.support.real_home import RealHome
from tests.support.wait_until import wait_until

JOBS = """
[jobs.steady]
schedule = "@yearly"
run = "true"
[jobs.broken]
retry_policy = {{ max_retries = 1, retry_interval = "0s" }}
run = "exit 3"
[jobs.long]
run = "until [ -e {gate} ]; do sleep 0.05; done"
[jobs.behind]
overlap_policy = "queue"
concurrency_group = "place"
run = "true"
[jobs.before]
concurrency_group = "place"
run = "until [ -e {gate} ]; do sleep 0.05; done"
"""
WANTED = """
scheduler_jobs_running_total 2
scheduler_jobs_in_queue_total{state="pending"} 0
scheduler_jobs_in_queue_total{state="queued"} 2
scheduler_jobs_paused_total 1
scheduler_job_occurrences_total{job="steady",status="completed"} 1
scheduler_job_occurrences_total{job="broken",status="failed"} 1
scheduler_job_occurrences_total{job="long",status="skipped"} 1
scheduler_job_failures_in_a_row{job="broken"} 1
scheduler_job_execution_duration_seconds_count{job="steady"} 1
scheduler_task_attempts_total{job="broken",task="main",status="failed"} 2
scheduler_task_execution_duration_seconds_count{job="broken",task="main"} 1
scheduler_recovery_runs_total{job="steady"} 0
"""


def test_what_an_engine_counts(home: RealHome) -> None:
    gate = home.folder / "gate"
    home.write("jobs.toml", JOBS.format(gate=gate))
    home.start_engine("--metrics", "127.0.0.1:0")
    (url,) = re.findall(r"^metrics at (\S+)$", home.engine_log(), re.MULTILINE)
    for name in ("steady", "broken", "long", "long", "before"):
        home.here("trigger", name)
    wait_until(lambda: home.runs("before")[0]["status"] == "running", what="the place to be taken")
    for _ in range(2):
        home.here("trigger", "behind")
    home.here("pause", "steady")

    def page() -> str:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return str(answer.read().decode())

    wanted = WANTED.split("\n")[1:-1]
    wait_until(lambda: not set(wanted) - set(page().splitlines()), what="every count")
    assert re.search(r"^scheduler_queue_oldest_seconds [\d.]+$", page(), re.MULTILINE)
    gate.touch()
