"""Files that are being written are pending until they rest."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from jobistemer_tui.engine.resting import RESTS, Resting
from jobistemer_tui.jobfiles.reading import FileReading, Reading, SourcedJob
from tests.support.engine_world import START, job
from tests.support.manual_clock import ManualClock


def file(path: str, digest: str = "1") -> FileReading:
    return FileReading(path, "/jobs", digest, (SourcedJob(job(), path, 1, "/jobs"),), ())


async def look(now: dict[str, str], *files: FileReading, known: tuple[FileReading, ...] = ()) -> Reading:
    clock = ManualClock(START)
    resting = Resting(clock, lambda path: now.get(path, ""))
    looking = asyncio.ensure_future(resting.at_rest(Reading(("/jobs",), files), {one.path: one for one in known}))
    while not looking.done():
        clock.advance(0.05)
        await asyncio.sleep(0)
    return await looking


async def test_what_has_the_same_content_a_while_later_is_taken() -> None:
    one = file("/jobs/a.toml")
    assert (await look({one.path: "1"}, one)).files == (one,)


async def test_what_has_changed_or_gone_meanwhile_is_pending_and_holds_up_no_other() -> None:
    rests, moves, gone = file("/jobs/a.toml"), file("/jobs/b.toml"), file("/jobs/c.toml")
    found = await look({rests.path: "1", moves.path: "2"}, rests, moves, gone)
    assert found.files[0] is rests
    assert [(one.pending, one.ok, one.jobs) for one in found.files[1:]] == [(True, False, ())] * 2


async def test_what_is_known_refused_unread_or_pending_already_is_not_waited_for() -> None:
    known, unread = file("/jobs/a.toml"), file("/jobs/b.toml", digest="")
    pending = replace(file("/jobs/c.py"), pending=True)
    clock = ManualClock(START)
    resting = Resting(clock, lambda path: "other")
    reading = Reading(("/jobs",), (known, unread, pending))
    assert await resting.at_rest(reading, {known.path: known}) is reading
    assert RESTS.total_seconds() < 0.5
