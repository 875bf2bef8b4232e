"""An upgrade that deletes the code of a running supervisor does it no harm."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import jobistemer_tui
from tests.engine.supervisor.harness import Place
from tests.support.wait_until import wait_until, wait_until_async


def launch_copy(place: Place, parent: Path) -> None:
    """Start a supervisor from a copy of the package."""
    package = Path(jobistemer_tui.__file__).parent
    for part in ("__init__.py", "engine/__init__.py"):
        target = parent / "jobistemer_tui" / part
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(package / part, target)
    shutil.copytree(package / "engine/supervisor", parent / "jobistemer_tui/engine/supervisor")
    words = place.command("--detach", idle_seconds=60.0)
    words[4] = words[4].replace(repr(str(package.parent)), repr(str(parent)))
    assert repr(str(parent)) in words[4]
    place.launch(*words).wait()
    wait_until(place.is_served, what="the supervisor")


async def test_every_command_works_without_the_code_on_disk(place: Place) -> None:
    await asyncio.to_thread(launch_copy, place, place.file("old"))
    await asyncio.to_thread(shutil.rmtree, place.file("old"))
    client = await place.connect()
    cut = place.order("seq 1000; exit 1", head_bytes=100, tail_bytes=100)
    assert (await place.run(client, cut)).dropped_bytes == 3893 - 200
    assert (await place.run(client, place.order("", argv=("/missing",)))).outcome == "spawn"
    assert (await place.run(client, place.order("sleep 300", timeout_s=0.1))).outcome == "timeout"
    left = await place.run(client, place.order("sleep 300 & exit 2", leftovers="kill"))
    assert left.leftovers_killed == 1
    voided = place.order("true")
    await client.void(voided.attempt_id)
    await client.cancel(voided.attempt_id)
    assert len((await client.list()).finished) == 4
    await client.drain()
    for result in place.finished:
        client.taken(result.attempt_id)
    await wait_until_async(lambda: place.lost == 1, what="the supervisor to end")
    assert not (place.nodes / "supervisor.log").exists()
