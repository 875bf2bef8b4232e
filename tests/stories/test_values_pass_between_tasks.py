"""A person lets tasks hand values on, and a job remember where it was, also when the engine is killed meanwhile."""

from __future__ import annotations

from tests.support.real_home import ON_EACH_STORE, RealHome
from tests.support.wait_until import wait_until

REPORT = """
[[jobs.report.tasks]]
name = "dump"
run = 'echo rows=12 >> $JOBISTEMER_OUTPUT'
[[jobs.report.tasks]]
name = "shape"
python = "shape:main"
kwargs = { factor = 2 }
[[jobs.report.tasks]]
name = "tell"
run = 'echo "$JOBISTEMER_OUTPUT_DUMP_ROWS $JOBISTEMER_OUTPUT_SHAPE_DOUBLE" >> LEDGER'
[[jobs.report.tasks]]
name = "spoil"
run = 'echo nonsense >> $JOBISTEMER_OUTPUT'
"""
SHAPE = """
async def main(context, factor):
    context.log.info("shaping %s", context.job)
    context.state["seen"] = context.state.get("seen", 0) + 1
    return {"double": int(context.outputs["dump"]["rows"]) * factor, "seen": context.state["seen"]}
"""


@ON_EACH_STORE
def test_values_reach_the_tasks_that_need_them(home: RealHome) -> None:
    home.write("shape.py", SHAPE)
    home.write("report.toml", REPORT.replace("LEDGER", str(home.ledger)))
    home.call("run", str(home.jobs), "--trigger", "report", "--until-idle", code=None)
    home.call("run", str(home.jobs), "--trigger", "report", "--until-idle", code=None)

    assert home.ledger_lines() == ["12 24", "12 24"]
    shown = home.ask("show", home.runs("report")[0]["id"])
    assert {task["name"]: task["outputs"] for task in shown["tasks"]} == {
        "dump": {"rows": "12"}, "shape": {"double": 24, "seen": 2}, "tell": {}, "spoil": {},
    }  # fmt: skip
    assert home.ask("show", "report")["state"] == {"seen": 2}
    for words in (("double", "24"), ("rows", "12")):
        assert any(line.split()[1:] == list(words) for line in home.here("show", shown["id"]).stdout.splitlines())
    spoilt = shown["tasks"][3]["attempts"][0]
    assert (spoilt["status"], spoilt["exit_code"]) == ("failed", 0)
    assert "outputs.txt:1: expected key=value" in home.here("show", spoilt["id"]).stdout
    assert "INFO shaping report" in home.here("logs", shown["id"]).stdout


STATE = """
[jobs.count]
run = '''
until [ -e GATE ]; do sleep 0.05; done
[ -e $JOBISTEMER_STATE ] && exit 3
echo '{"seen": 1}' > $JOBISTEMER_STATE
'''
"""


def test_a_state_is_kept_though_the_engine_was_killed(home: RealHome) -> None:
    gate = home.folder / "gate"
    home.write("count.toml", STATE.replace("GATE", str(gate)))
    home.start_engine()
    home.here("trigger", "count")
    wait_until(lambda: home.task_processes(), what="the task to begin")
    home.kill_engine()
    gate.touch()
    wait_until(lambda: not home.task_processes(), what="the task to end without an engine")
    assert home.ask("show", "count")["state"] == {}

    home.start_engine()
    wait_until(lambda: home.runs("count")[0]["status"] == "completed", what="the outcome")
    assert home.ask("show", "count")["state"] == {"seen": 1}
    home.here("trigger", "count")
    wait_until(lambda: home.runs("count")[0]["status"] == "failed", what="the second run, which must see the state")
    assert home.ask("show", "count")["state"] == {"seen": 1}


CONFLICT = """
[jobs.count]
overlap_policy = "allow"
retry_policy = { max_retries = 1, retry_interval = "1s" }
run = '''
echo began >> LEDGER
[ $JOBISTEMER_ATTEMPT = 2 ] || until [ -e GATE ]; do sleep 0.05; done
n=$(cat $JOBISTEMER_STATE 2>/dev/null | tr -dc 0-9)
echo "{\\"n\\": $((n + 1))}" > $JOBISTEMER_STATE
'''
"""


def test_two_that_count_at_once_lose_nothing(home: RealHome) -> None:
    gate = home.folder / "gate"
    home.write("count.toml", CONFLICT.replace("GATE", str(gate)).replace("LEDGER", str(home.ledger)))
    home.start_engine()
    home.here("trigger", "count")
    home.here("trigger", "count")
    wait_until(lambda: len(home.ledger_lines()) == 2, what="both to begin from the empty state")
    gate.touch()
    wait_until(lambda: [run["status"] for run in home.runs("count")] == ["completed"] * 2, what="both to end")
    assert home.ask("show", "count")["state"] == {"n": 2}
    tries = [attempt["status"] for run in home.runs("count") for task in run["tasks"] for attempt in task["attempts"]]
    assert sorted(tries) == ["failed", "success", "success"]
