"""A person triggers a job again while it still runs: each overlap policy does what the guide says."""

from __future__ import annotations

from tests.support.real_home import ON_EACH_STORE, RealHome
from tests.support.wait_until import wait_until

JOB = """
[jobs.{policy}]
overlap_policy = "{policy}"
run = "echo begin {policy} >> {ledger}; until [ -e {gate} ]; do sleep 0.05; done; echo end {policy} >> {ledger}"
"""
POLICIES = ("skip", "allow", "queue", "replace")


@ON_EACH_STORE
def test_each_policy_with_one_that_runs(home: RealHome) -> None:
    gate = home.folder / "gate"
    home.write("jobs.toml", "".join(JOB.format(policy=p, ledger=home.ledger, gate=gate) for p in POLICIES))
    home.start_engine()
    for begun in (4, 6):
        for policy in POLICIES:
            home.here("trigger", policy)
        wait_until(lambda begun=begun: len(home.ledger_lines()) == begun, what="all to begin that may")  # type: ignore[misc]  # a default is bound
    waiting, first = home.runs("queue")
    assert (waiting["status"], waiting["reason"]) == ("queued", "overlap")
    assert waiting["reason_detail"] == {"blocked_by": first["id"]}
    gate.touch()
    wait_until(lambda: home.ledger_lines().count("end queue") == 2, what="the queue to end")
    settled = {"completed", "skipped", "canceled"}
    wait_until(
        lambda: all(run["status"] in settled for runs in home.all_runs().values() for run in runs), what="all to end"
    )
    runs = home.all_runs()
    fates = {policy: [(run["status"], run["reason"]) for run in reversed(runs[policy])] for policy in POLICIES}
    assert fates == {
        "skip": [("completed", None), ("skipped", "overlap")],
        "allow": [("completed", None)] * 2,
        "queue": [("completed", None)] * 2,
        "replace": [("canceled", "replaced"), ("completed", None)],
    }
    newer, replaced = runs["replace"]
    assert replaced["reason_detail"]["replaced_by"] == newer["id"]
    lines = [line for line in home.ledger_lines() if line.endswith(" queue")]
    assert lines == ["begin queue", "end queue"] * 2, "one after another"
