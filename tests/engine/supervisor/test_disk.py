"""A full disk under the supervisor: nothing hangs, nothing is claimed that is not so.

The kernel lets every write beyond RLIMIT_FSIZE fail, which the test lowers and raises in the running supervisor.
"""

from __future__ import annotations

import os
import resource
import shutil

from jobistemer_tui.engine.supervisor import results
from jobistemer_tui.engine.supervisor_client import Exists, Started, SupervisorClient
from tests.engine.supervisor.harness import Place
from tests.support.wait_until import wait_until_async


def limit_files(client: SupervisorClient, size: int) -> None:
    _, hard = resource.prlimit(client.supervisor_pid, resource.RLIMIT_FSIZE)
    resource.prlimit(client.supervisor_pid, resource.RLIMIT_FSIZE, (size, hard))


async def test_without_room_for_the_result_nothing_is_started(place: Place) -> None:
    client = await place.connect()
    limit_files(client, 100)
    order = place.order(f"touch {place.file('ran')}")
    assert await client.start(order) == Started(None, None)
    result = await place.result(order)
    assert (result.outcome, result.pid, result.durable) == ("not_started", None, False)
    assert result.error is not None
    assert "File too large" in result.error
    assert isinstance(await client.start(order), Exists)
    assert not place.file("ran").exists()
    client.taken(order.attempt_id)


async def test_without_room_for_its_files_nothing_is_started(place: Place) -> None:
    client = await place.connect()
    limit_files(client, 8192)
    order = place.order(f"touch {place.file('ran')}", files={"given.json": "x" * 10_000})
    assert await client.start(order) == Started(None, None)
    assert (await place.result(order)).outcome == "not_started"
    assert isinstance(await client.start(order), Exists)
    assert not place.file("ran").exists()


async def test_a_full_disk_costs_output_but_not_the_task(place: Place) -> None:
    client = await place.connect()
    limit_files(client, 8192)
    order = place.order("head -c 5000000 /dev/zero; exit 3", head_bytes=1 << 20, tail_bytes=1 << 20)
    result = await place.run(client, order)
    assert (result.outcome, result.exit_code, result.durable) == ("exited", 3, True)
    assert result.output_bytes == 5_000_000
    kept = sum(record.length for record in place.records(order) if record.stream)
    assert result.dropped_bytes == 5_000_000 - kept
    assert 0 < kept <= 8192


async def test_a_result_that_cannot_be_written_is_told_and_written_later(place: Place) -> None:
    client = await place.connect()
    os.mkfifo(place.file("go"))
    order = place.order(f"read line < {place.file('go')}; exit 3")
    await place.start(client, order)
    limit_files(client, 0)
    place.file("go").write_text("\n")
    result = await place.result(order)
    assert (result.outcome, result.exit_code, result.durable) == ("exited", 3, False)
    assert not (place.attempt(order) / "result.json").exists()
    await client.close()
    assert place.processes() == [client.supervisor_pid]
    limit_files(client, resource.RLIM_INFINITY)
    patience = results.RETRY_SECONDS + 60
    await wait_until_async((place.attempt(order) / "result.json").exists, seconds=patience)
    await wait_until_async(lambda: not place.processes(), what="the supervisor to end")
    successor = await place.connect()
    (again,) = (await successor.list()).finished
    assert (again.exit_code, again.durable) == (3, True)


async def test_a_removed_attempts_folder_is_made_again(place: Place) -> None:
    client = await place.connect()
    shutil.rmtree(place.attempts)
    result = await place.run(client, place.order("exit 3"))
    assert (result.outcome, result.exit_code) == ("exited", 3)
