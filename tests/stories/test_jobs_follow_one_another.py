"""A person chains jobs: one starts when another completes, also when the engine is killed between the two."""

from __future__ import annotations

from tests.support.real_home import RealHome
from tests.support.wait_until import wait_until

JOBS = """
[jobs.dump]
run = "echo dumped"
[jobs.upload]
schedule = { after = "dump" }
run = '''
echo "$JOBISTEMER_TRIGGER $JOBISTEMER_AFTER_JOB $JOBISTEMER_AFTER_STATUS $JOBISTEMER_AFTER_OCCURRENCE_ID" >> LEDGER
'''
[jobs.alarm]
schedule = { after = ["upload"], on = "failed" }
run = "echo alarm >> LEDGER"
[jobs.report]
schedule = { after = ["dump", "upload"] }
python = "report:main"
"""
REPORT = """
def main(context):
    with open("LEDGER", "a") as ledger:
        ledger.write(" ".join(run["job"] for run in context.follows) + "\\n")
"""


def test_a_chain_runs_by_itself_and_explains_itself(home: RealHome) -> None:
    home.write("jobs.toml", JOBS.replace("LEDGER", str(home.ledger)))
    home.write("report.py", REPORT.replace("LEDGER", str(home.ledger)))
    home.call("run", str(home.jobs), "--trigger", "dump", "--until-idle")

    runs = home.all_runs()
    (dump,), (upload,), (report,) = (runs[name] for name in ("dump", "upload", "report"))
    assert home.ledger_lines() == [f"after dump completed {dump['id']}", "dump upload"]
    assert "alarm" not in runs
    assert [run["occurrence_id"] for run in report["follows"]] == [dump["id"], upload["id"]]
    assert (upload["trigger"], upload["scheduled_at"]) == ("after", dump["finished_at"])

    why = home.here("why", "upload").stdout
    assert f"it follows run {dump['id'][:8]} of dump, which ended as completed" in why
    assert "whose last run by then ended as completed" in home.here("why", "alarm").stdout
    assert "after upload fails" in home.here("next", "alarm").stderr
    assert f"dump (completed), run {dump['id']}" in home.here("show", upload["id"]).stdout


SLOW = """
[jobs.dump]
run = "until [ -e GATE ]; do sleep 0.05; done"
[jobs.upload]
schedule = { after = "dump" }
run = "echo uploaded >> LEDGER"
"""


def test_the_end_that_came_while_no_engine_was_there_is_followed(home: RealHome) -> None:
    gate = home.folder / "gate"
    home.write("jobs.toml", SLOW.replace("GATE", str(gate)).replace("LEDGER", str(home.ledger)))
    home.start_engine()
    home.here("trigger", "dump")
    wait_until(lambda: home.runs("dump")[0]["status"] == "running")
    home.kill_engine()
    gate.touch()
    wait_until(lambda: not home.task_processes())
    home.call("run", str(home.jobs), "--until-idle")
    assert home.ledger_lines() == ["uploaded"]
    assert [run["status"] for run in home.runs("upload")] == ["completed"]
