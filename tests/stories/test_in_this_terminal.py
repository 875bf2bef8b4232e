"""A person runs one job in a terminal, as it runs when scheduled, and waits in scripts for runs."""

from __future__ import annotations

import signal
import subprocess

from tests.support.real_home import RealHome

JOBS = """
[jobs.report]
params.day = { default = "today" }
env = { MODE = "night" }
[[jobs.report.tasks]]
name = "collect"
run = '''
env | grep -v -e _ID= -e _TIME= -e JOBISTEMER_OUTPUT= -e JOBISTEMER_STATE= -e JOBISTEMER_CONTEXT= | sort >> LEDGER
{ pwd; umask; ulimit -n; ulimit -c; tty || true; cat; } >> LEDGER
'''
[[jobs.report.tasks]]
name = "send"
run = "echo sent $JOBISTEMER_PARAM_DAY; echo oh >&2; test $JOBISTEMER_PARAM_DAY = today"
[jobs.other]
run = "echo other >> LEDGER.other"
[jobs.slow]
kill_grace = "0s"
run = "echo begun; sleep 60"
[jobs.after]
schedule = { after = "report" }
run = "echo after >> LEDGER.other"
"""


def prepared(home: RealHome) -> None:
    home.write("jobs.toml", JOBS.replace("LEDGER", str(home.ledger)))


def test_a_job_runs_here_as_it_runs_there_and_nothing_else_does(home: RealHome) -> None:
    prepared(home)
    home.call("run", str(home.jobs), "--trigger", "report", "--until-idle")
    there = home.ledger_lines()
    beside = home.folder / "ledger.other"
    assert beside.read_text() == "after\n"
    home.ledger.write_text("")
    home.here("trigger", "other")

    here = home.call("run", str(home.jobs), "--foreground", "report", "--param", "day=monday", code=1)
    assert home.ledger_lines() == [line.replace("=today", "=monday") for line in there]
    assert sorted(here.stdout.splitlines()) == ["send | oh", "send | sent monday"]
    assert "report: failed (task_failed)" in here.stderr
    runs = home.all_runs()
    assert [run["trigger"] for run in runs["report"]] == ["manual"] * 2
    assert runs["other"][0]["status"] == "pending", "what waits is left to the next engine"
    assert beside.read_text() == "after\n"


def begin(home: RealHome, *words: str) -> subprocess.Popen[str]:
    """A command that has printed `begun`."""
    process = subprocess.Popen(home.command(*words), env=home.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True)  # fmt: skip
    assert process.stdout is not None
    assert "begun" in process.stdout.readline()
    return process


def test_ctrl_c_cancels_the_run_here_and_leaves_the_one_of_a_trigger(home: RealHome) -> None:
    prepared(home)
    alone = begin(home, "run", str(home.jobs), "--foreground", "slow")
    alone.send_signal(signal.SIGINT)
    _, talk = alone.communicate(timeout=60)
    assert (alone.returncode, "slow: canceled (user)" in talk) == (130, True)

    home.start_engine()
    following = begin(home, "trigger", "slow", "--follow")
    following.send_signal(signal.SIGINT)
    _, talk = following.communicate(timeout=60)
    assert (following.returncode, "no longer waited for; the run goes on" in talk) == (130, True)
    attached = begin(home, "run", "--foreground", "slow", "--force")
    attached.send_signal(signal.SIGTERM)
    _, talk = attached.communicate(timeout=60)
    assert (attached.returncode, "slow: canceled (user)" in talk) == (130, True)
    assert [run["status"] for run in home.runs("slow")] == ["canceled", "running", "canceled"]
