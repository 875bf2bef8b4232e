"""A task can do what it likes in the folder of its attempt; the supervisor and its other tasks go on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.engine.supervisor.harness import Place

MUCH = "head -c 3000000 /dev/zero"


@pytest.mark.parametrize(
    "script",
    [
        f"mkfifo $d/output.log $d/output.idx; {MUCH}",
        f"mkfifo $d/output.log; {MUCH}",
        f"mkfifo $d/output.idx; {MUCH}",
        f"mkfifo $d/tail.0 $d/tail.0.idx $d/tail.1.idx; {MUCH}",
        f"mkdir $d/output.log; {MUCH}",
        f"ln -s /dev/full $d/output.log; ln -s /nowhere/x $d/output.idx; {MUCH}",
        f"{MUCH}; truncate -s 10 $d/*.idx; truncate -s 0 $d/output.log $d/tail.?; {MUCH}",
        "mkfifo $d/result.json $d/result.tmp",
        "mkdir $d/result.json",
        "mkdir -p $d/result.json/x $d/result.tmp/x",
        f"rm -rf $d; {MUCH}",
        f"rm -rf $d; touch $d; {MUCH}",
        f"{MUCH}; rm -rf $d; mkdir elsewhere; ln -s $PWD/elsewhere $d",
    ],
)
async def test_whatever_a_task_makes_of_its_folder_its_end_is_told_and_the_others_go_on(
    place: Place, script: str
) -> None:
    client = await place.connect()
    other = place.order("sleep 600")
    await place.start(client, other)
    order = place.order("")
    words = ("/bin/sh", "-c", f"d={place.attempt(order)}; {script}; exit 3")
    result = await place.run(client, replace(order, argv=words))
    assert (result.outcome, result.exit_code) == ("exited", 3)
    client.taken(order.attempt_id)
    await client.void(order.attempt_id)
    await client.cancel(other.attempt_id)
    assert (await place.result(other)).outcome == "canceled"
    assert place.lost == 0
