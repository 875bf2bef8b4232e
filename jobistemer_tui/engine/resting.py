"""Files that are being written are left alone until they rest: half a file may well make sense."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial

from jobistemer_tui.domain.clock import Clock, Lapse
from jobistemer_tui.jobfiles.reading import FileReading, Reading
from jobistemer_tui.settings.own_thread import on_own_thread
from jobistemer_tui.settings.quick_dataclass import replace

RESTS = timedelta(milliseconds=300)
"""How long the content of a file has to stay the same before it is taken."""

HashNow = Callable[[str], str]
"""The hash of a file's content as it is now, "" if it cannot be read; blocking."""


class Resting:
    """Looks twice at what is new."""

    def __init__(self, clock: Clock, hash_now: HashNow) -> None:
        self._clock = clock
        self._hash_now = hash_now

    async def at_rest(self, reading: Reading, known: Mapping[str, FileReading]) -> Reading:
        """The reading, in which new files whose content has changed within 300 ms are pending.

        Notices of changes cannot tell: they come late or, from network file systems, not at all, and the next part may
        be written after the one that was read.
        """
        fresh = {file.path: file.content_hash for file in reading.files if _is_fresh(file, known)}
        if not fresh:
            return reading
        await Lapse(self._clock, RESTS).wait(asyncio.Event())
        moving = await on_own_thread(partial(self._moving, fresh), "looking whether job files rest")
        files = tuple(
            replace(file, jobs=(), diagnostics=(), pending=True) if file.path in moving else file
            for file in reading.files
        )
        return replace(reading, files=files)

    def _moving(self, fresh: Mapping[str, str]) -> set[str]:
        return {path for path, digest in fresh.items() if self._hash_now(path) != digest}


def _is_fresh(file: FileReading, known: Mapping[str, FileReading]) -> bool:
    earlier = known.get(file.path)
    is_new = earlier is None or earlier.content_hash != file.content_hash
    return is_new and bool(file.content_hash) and not file.pending
