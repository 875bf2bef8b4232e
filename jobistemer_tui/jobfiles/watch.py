"""When the job files should be read again: after changes have settled, and every half minute anyway.

Notices come from watchfiles (inotify). A folder's own watch goes deaf without a word when another folder is put in its
place, so every two seconds a thread looks whether each is the same still; then the watches are set anew.
No look is the loop's: on a network mount that hangs one does not come back, and no thread follows it until it does.
Where nothing is noticed (network file systems, no watches left in the kernel) the reading every 30 s remains.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path

from watchfiles import Change, awatch

from jobistemer_tui.domain.clock import Clock, Lapse
from jobistemer_tui.jobfiles.folders import absolute_roots
from jobistemer_tui.jobfiles.watch_targets import Targets, find_targets
from jobistemer_tui.settings.own_thread import on_own_thread

SETTLED = timedelta(milliseconds=300)
LONGEST_SETTLING = timedelta(seconds=2)
RESCAN = timedelta(seconds=30)
_STEP_MS = 250  # a thread looks so often: each look costs 40 microseconds, and a save waits for two at the most
_SAME_S = 2.0
_TURN_MS = 60_000  # the thread comes back so often when nothing changes; it ends within a step all the same

_log = logging.getLogger(__name__)


async def watch(
    paths: Sequence[Path], *, stop: asyncio.Event, clock: Clock, again: Callable[[], timedelta] = lambda: RESCAN
) -> AsyncIterator[None]:
    """Yield when the files under `paths` should be read again, until `stop` is set.

    That is 300 ms after the last of some changes (2 s after the first, if they do not end), after as long as `again`
    says at that time (by default every 30 s), and once at the start, because a change before the watch began is not
    noticed. Paths need not exist.
    """
    notices = _Notices(paths)
    stopping = asyncio.create_task(_forward(stop, notices.changed))
    try:
        while not stop.is_set():
            await notices.renew()
            if await clock.wait(notices.changed, clock.now() + again()):
                await _settle(notices.changed, stop, clock)
            if not stop.is_set():
                yield
    finally:
        stopping.cancel()
        with suppress(asyncio.CancelledError):
            await stopping
        await notices.close()


async def _forward(stop: asyncio.Event, changed: asyncio.Event) -> None:
    await stop.wait()
    changed.set()


async def _settle(changed: asyncio.Event, stop: asyncio.Event, clock: Clock) -> None:
    """Return when nothing has changed for a while; `changed` is clear then unless changes go on and on."""
    longest = Lapse(clock, LONGEST_SETTLING)
    while not stop.is_set():
        changed.clear()
        if not await Lapse(clock, min(SETTLED, longest.left)).wait(changed):
            return


class _Notices:
    """Sets `changed` when something happened to a job file; the watches are tasks on the running loop."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.changed = asyncio.Event()
        self._roots = absolute_roots(paths)
        self._targets: Targets | None = None
        self._watches: list[asyncio.Task[None]] = []
        self._ending: set[asyncio.Task[None]] = set()
        self._stale = (
            False  # a folder was made or deleted, whose number may be that of the one before; or a watch ended
        )
        self._failing = False
        self._loop = asyncio.get_running_loop()
        self._closed = threading.Event()
        threading.Thread(target=self._keep_looking, name="job folders", daemon=True).start()

    def _keep_looking(self) -> None:
        while not self._closed.wait(_SAME_S):
            known = self._targets
            if known is not None and find_targets(self._roots) != known:
                with suppress(RuntimeError):  # the loop has ended
                    self._loop.call_soon_threadsafe(self.changed.set)

    async def renew(self) -> None:
        """Set the watches anew if a path is not what it was, or a watch has failed.

        Watches of other folders are followed by a notice: what changed before they stood is not noticed otherwise.
        """
        targets = await on_own_thread(partial(find_targets, self._roots), "looking for the folders of job files")
        is_other = self._stale or targets != self._targets
        if not is_other and not any(watch.done() for watch in self._watches):
            return
        self._drop()
        self._stale = False
        self._targets = targets
        groups = ((targets.beside, False), (targets.within, True))
        self._watches = [
            asyncio.create_task(self._listen(folders, targets, recursive)) for folders, recursive in groups if folders
        ]
        if is_other:
            self.changed.set()

    async def close(self) -> None:
        """End all watches."""
        self._closed.set()
        self._drop()
        await asyncio.gather(*self._ending, return_exceptions=True)

    def _drop(self) -> None:
        for task in self._watches:
            task.cancel()
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)
        self._watches = []

    async def _listen(self, folders: frozenset[str], targets: Targets, recursive: bool) -> None:
        """Watch until cancelled, or until the folders cannot be watched: then `renew` tries again."""
        relevant = targets.is_relevant_within if recursive else targets.is_relevant_beside

        def is_relevant(change: Change, path: str) -> bool:
            return relevant(path, written=change is Change.modified)

        try:
            async for changes in awatch(
                *sorted(folders), watch_filter=is_relevant, recursive=recursive, step=_STEP_MS, debounce=_STEP_MS,
                rust_timeout=_TURN_MS,
            ):  # fmt: skip
                self._stale = self._stale or any(targets.is_on_the_way(path) for _, path in changes)
                self._failing = False
                self.changed.set()
        except FileNotFoundError:  # deleted since the targets were found
            self.changed.set()
        except ExceptionGroup:  # it has ended over a notice, for example of a name that is not UTF-8
            self._stale = True
            self.changed.set()
        except (OSError, RuntimeError) as error:  # for example no watches left in the kernel
            if not self._failing:
                _log.warning("job files are not watched, only read every %s s: %s", RESCAN.seconds, error)
            self._failing = True
