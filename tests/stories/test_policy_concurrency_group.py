"""Two jobs of two files share one disk; even an engine that is killed meanwhile never lets both run."""

from __future__ import annotations

from tests.support.real_home import ON_EACH_STORE, RealHome
from tests.support.wait_until import wait_until

JOB = """
[jobs.{name}]
concurrency_group = {group}
run = "echo begin {name} >> {ledger}; until [ -e {gate} ]; do sleep 0.05; done; echo end {name} >> {ledger}"
"""


@ON_EACH_STORE
def test_jobs_of_a_group_wait_for_each_other_through_the_death_of_the_engine(home: RealHome) -> None:
    gate = home.folder / "gate"
    for name, group in (("backup", '"disk"'), ("index", '{ name = "disk", limit = 2 }')):
        home.write(f"{name}.toml", JOB.format(name=name, group=group, ledger=home.ledger, gate=gate))
    checked = home.call("check", str(home.jobs))
    assert 'the group "disk" has the limit 2 here, but 1 in the job "backup"' in checked.stdout + checked.stderr
    home.start_engine()
    home.here("trigger", "backup")
    wait_until(lambda: home.ledger_lines() == ["begin backup"], what="the backup to begin")
    home.here("trigger", "index")
    (waiting,) = home.runs("index")
    assert (waiting["status"], waiting["reason"]) == ("queued", "group")
    assert waiting["reason_detail"] == {"group": "disk", "limit": 1, "blocked_by": home.runs("backup")[0]["id"]}
    home.kill_engine()
    home.start_engine()
    statuses = {name: runs[0]["status"] for name, runs in home.all_runs().items()}
    assert statuses == {"backup": "running", "index": "queued"}
    gate.touch()
    wait_until(lambda: "end index" in home.ledger_lines())
    wait_until(lambda: home.runs("index")[0]["status"] == "completed", what="the index")
    assert home.ledger_lines() == ["begin backup", "end backup", "begin index", "end index"]
