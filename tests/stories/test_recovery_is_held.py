"""The program was down; with `recovery_hold` a person decides what is made up for, whatever happens to engines."""

from __future__ import annotations

from tests.support.downtime import miss_some_seconds
from tests.support.real_home import RealHome
from tests.support.wait_until import wait_until

JOB = """
[jobs.{name}]
schedule = {{ cron = "* * * * * *", seconds = true, end = "{end}" }}
late_grace = "0s"
overlap_policy = "queue"
recovery_spread = "0s"
recovery_hold = "10m"
run = "echo {name} ${{JOBISTEMER_IS_RECOVERY_RUN:-0}} >> {ledger}"
"""
NAMES = ("kept", "dropped")


def test_a_person_decides_after_a_crash(home: RealHome) -> None:
    def jobs_until(end: str) -> str:
        return "".join(JOB.format(name=name, end=end, ledger=home.ledger) for name in NAMES)

    last = miss_some_seconds(home, NAMES, jobs_until)
    home.start_engine()
    wait_until(lambda: len(home.ask("recovery", "list")) == 2, what="two gaps that are held")
    home.kill_engine()
    home.start_engine()
    held = home.ask("recovery", "list")
    assert [(gap["job"], gap["reason"], gap["strategy"], gap["held_for"]) for gap in held] == [
        (name, "downtime", "execute-last", "recovery_hold") for name in sorted(NAMES)
    ]
    assert all(gap["instants"] >= 2 and gap["to"] == last for gap in held)
    assert not [line for line in home.ledger_lines() if line.endswith(" 1")], "nothing is made up for yet"
    shown = home.here("jobs")
    assert [line.split()[:2] for line in shown.stdout.splitlines()[1:]] == [[name, "held"] for name in sorted(NAMES)]
    assert "2 held: what was missed waits for a decision" in shown.stderr
    assert "until" in home.here("why", "kept").stdout.partition("waits behind a gap")[2]
    home.call("recovery", "drop", "dropped", "--reason", "no need")
    home.call("recovery", "change", "kept", "--strategy", "execute-all")
    home.call("recovery", "trim", "kept", "--newest", "2")
    home.call("recovery", "release", "kept")
    wait_until(lambda: home.ledger_lines().count("kept 1") == 2, what="the two that were kept")
    wait_until(lambda: home.ask("recovery", "list") == [], what="nothing that waits")
    past = {gap["job"]: gap for gap in home.ask("recovery", "list", "--past")}
    assert past["kept"]["outcome"]["run"] == 2
    assert past["dropped"]["outcome"] == {"run": 0, "missed": 0, "passed_over": past["dropped"]["instants"]}
    runs = {run["scheduled_at"]: run for run in home.runs("dropped")}
    assert (runs[last]["status"], runs[last]["reason"]) == ("skipped", "skipped_by_user")
    why = home.here("why", f"dropped@{last}").stdout
    assert "because someone decided to skip it" in why
    assert "no need" in why
    assert home.call("recovery", "release", "dropped", code=1).stdout == ""
