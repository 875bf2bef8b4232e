"""`--campaign stubborn`: tasks that defy, fork, flood and hold on; each ends in time, with all that it started.

All that such a task starts ends by itself within half a minute, and is killed by its mark if the test fails.
"""

from __future__ import annotations

import pytest

from jobistemer_tui.domain.clock import SystemClock
from tests.support.campaign_home import CampaignHome
from tests.support.wait_until import wait_until

GRACE_S, MORE_S = 1.0, 9.0
STUBBORN = """
[defaults]
timezone = "UTC"
kill_grace = "1s"
task_timeout = "40s"

[jobs.defies-term]
task_timeout = "2s"
run = '''trap '' TERM; {begin}; sleep 30; sleep 30'''

[jobs.forks-twice]
run = '''{begin}; (setsid sh -c 'setsid sleep 30 &' &); {well}'''

[jobs.closes-its-output]
run = '''{begin}; exec >&- 2>&-; sleep 2; {well}'''

[jobs.stops-itself]
task_timeout = "2s"
run = '''{begin}; kill -STOP $$; {well}'''

[jobs.leaves-a-pipe-holder]
run = '''{begin}; sleep 30 & {well}'''

[jobs.forks-many]
run = '''{begin}; i=0; while [ $i -lt MANY ]; do sleep 25 & i=$((i+1)); done; {well}'''

[jobs.floods]
run = '''{begin}; head -c FLOOD /dev/zero; {well}'''

[jobs.writes-one-line]
run = '''{begin}; head -c 10485760 /dev/zero | tr '\\\\0' x; {well}'''
"""
EXPECTED = {
    "defies-term": "failed", "forks-twice": "completed", "closes-its-output": "completed", "stops-itself": "failed",
    "leaves-a-pipe-holder": "completed", "forks-many": "completed", "floods": "completed",
    "writes-one-line": "completed",
}  # fmt: skip


def test_all_of_them(home: CampaignHome) -> None:
    defy(home, many=50, flood=64 << 20)


@pytest.mark.campaign("stubborn")
@pytest.mark.timeout(600)
@pytest.mark.parametrize("round_", range(3))
def test_campaign_all_of_them(home: CampaignHome, round_: int) -> None:
    defy(home, many=1000, flood=1 << 30)


def defy(home: CampaignHome, *, many: int, flood: int) -> None:
    """Run them all at once."""
    home.write_jobs(STUBBORN.replace("MANY", str(many)).replace("FLOOD", str(flood)))
    engine = home.start_engine()
    for job in EXPECTED:
        home.here("trigger", job)
    wait_until(lambda: statuses(home) == EXPECTED, seconds=200, what="the ends")
    ended = SystemClock().read().monotonic
    wait_until(lambda: not home.task_processes(), what="what they started to end")
    assert SystemClock().read().monotonic - ended <= GRACE_S + MORE_S, "what tasks leave behind lives too long"
    assert engine.poll() is None
    assert home.stop_engine() == 0
    assert home.judge(over=True) == []


def statuses(home: CampaignHome) -> dict[str, str]:
    """How the newest run of each job stands."""
    return {job["name"]: (job["last"] or {}).get("status", "") for job in home.ask("jobs")}
