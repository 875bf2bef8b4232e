"""Somebody who knows the keys types without looking; every key arrives, however many come with one read."""

from __future__ import annotations

from tests.support.real_home import RealHome
from tests.support.terminal import Terminal
from tests.support.wait_until import wait_until

JOBS = """
[jobs.quiet]
run = "true"

[jobs.talker]
run = '''
for line in $(seq 300); do echo line $line; case $line in 50|150|250) echo a needle;; esac; done
exec sleep 600
'''
kill_grace = "1s"
"""


def test_from_the_list_into_a_log_and_back(home: RealHome) -> None:
    home.write("jobs.toml", JOBS)
    with Terminal(home.command(str(home.jobs)), home.environ) as screen:
        screen.wait_for("live", "quiet", "talker")
        screen.type_ahead("/talk", "enter", "r", "enter")
        screen.wait_for("1 of 2 jobs", "► talker", "1 running")
        screen.type_ahead("enter", "enter")
        screen.wait_for("line 300", "FOLLOW on")

        screen.type_ahead("/nee", "dle", "enter")
        screen.wait_for("/needle", "match 1 of 3", "n N", "FOLLOW off", "│ a needle")
        screen.type_ahead("n", "n")
        screen.wait_for("match 3 of 3")
        screen.type_ahead("N")
        screen.wait_for("match 2 of 3", "│ line 150")
        screen.type_ahead("/no such line", "enter", "n")
        screen.wait_for("0 matches", "nothing matches no such line")

        screen.press("escape")
        screen.wait_until_gone("FOLLOW")
        screen.type_ahead("c", "y")
        wait_until(lambda: home.runs("talker")[0]["status"] == "canceled", what="the cancellation")
        screen.wait_for("CANC")
