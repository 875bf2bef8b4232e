"""One running engine: takes the lock, takes over, then turns, sweeps, reloads and listens until it is stopped."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from jobistemer_tui import __version__
from jobistemer_tui.domain import identity
from jobistemer_tui.domain.clock import Clock, Lapse
from jobistemer_tui.domain.identity import short_id
from jobistemer_tui.domain.records import Event
from jobistemer_tui.domain.records import Node as NodeRecord
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine import host
from jobistemer_tui.engine.clearing import Clearing
from jobistemer_tui.engine.closing import Closing
from jobistemer_tui.engine.definitions import Definitions
from jobistemer_tui.engine.disk import MIN_FREE, Disk
from jobistemer_tui.engine.engine_lock import EngineLock
from jobistemer_tui.engine.event_feed import EventFeed
from jobistemer_tui.engine.external import is_recording, recorded_here
from jobistemer_tui.engine.gone_jobs import GONE_FOR
from jobistemer_tui.engine.idleness import is_idle
from jobistemer_tui.engine.introduce import introduce, note_boot
from jobistemer_tui.engine.known_texts import KnownTexts
from jobistemer_tui.engine.liveness import Liveness, OneOfMany, TheOnlyEngine
from jobistemer_tui.engine.loaded import Loaded
from jobistemer_tui.engine.log_shipping import LogShipper
from jobistemer_tui.engine.membership import Membership
from jobistemer_tui.engine.metrics.collect import EngineFacts, families, read_all
from jobistemer_tui.engine.metrics.exposition import exposition
from jobistemer_tui.engine.metrics.serving import metrics_served
from jobistemer_tui.engine.node_options import NodeOptions, StopMode, default_slots, lock_owner, node_name, node_row
from jobistemer_tui.engine.outbox.hook import Surroundings
from jobistemer_tui.engine.outbox.sender import CLOSE_S, Outbox
from jobistemer_tui.engine.poke import PokeListener
from jobistemer_tui.engine.reloader import Reloader
from jobistemer_tui.engine.retention_rounds import RetentionRounds
from jobistemer_tui.engine.runner import Runner
from jobistemer_tui.engine.scheduler import Scheduler, earliest
from jobistemer_tui.engine.standing import note_space, stamp_node
from jobistemer_tui.engine.store_calls import StoreCalls
from jobistemer_tui.engine.supervisor_client import (
    AttemptResult,
    SupervisorClient,
    SupervisorRefused,
    SupervisorUnavailable,
)
from jobistemer_tui.engine.sweep import Sweep
from jobistemer_tui.engine.takeover import Takeover
from jobistemer_tui.engine.transactions.common import DEFAULT_ATTEMPTS, Owner
from jobistemer_tui.engine.wakefulness import Wakefulness
from jobistemer_tui.engine.wind_down import wind_down
from jobistemer_tui.errors import EngineFenced, StoreUnavailable
from jobistemer_tui.jobfiles.watch import RESCAN, watch
from jobistemer_tui.jobfiles.watched import WatchedFiles
from jobistemer_tui.settings.sync_points import sync_point
from jobistemer_tui.storage.contract import Reader, Store
from jobistemer_tui.storage.presence import SharedStore
from jobistemer_tui.storage.tables import NODES_BY_START

log = logging.getLogger(__name__)
STORE_RETRY = timedelta(seconds=1)
MANY_NODES = 100
LOADING_PAUSE = timedelta(milliseconds=250)


class Node:
    """An engine of one store. `run` it once on an event loop; `stop` it from any thread.

    `nodes_dir` holds locks and sockets beside the database, `attempts_dir` the attempts' folders of this store.
    `on_event` is called on the loop with each event that this engine sees committed.
    """

    def __init__(
        self, store: Store, *, nodes_dir: Path, attempts_dir: Path, clock: Clock, options: NodeOptions,
        on_event: Callable[[Event], None] | None = None,
    ) -> None:  # fmt: skip
        self.id = identity.new_incarnation()
        self._nodes_dir, self._attempts_dir = nodes_dir, attempts_dir
        self._clock, self._options, self._started_at = clock, options, clock.now()
        self._slots = options.max_concurrent_jobs or options.config.max_concurrent_jobs or default_slots()
        self._attempts = options.max_attempts_running or options.config.max_attempts_running or DEFAULT_ATTEMPTS
        self._definitions = Definitions()
        self._loaded = Loaded()
        self._wakefulness = Wakefulness(clock.read(), options.awaits_synchronisation)
        self._shared = store if isinstance(store, SharedStore) else None
        self._texts = None if self._shared is None else KnownTexts(nodes_dir)
        self._use_store(store)
        self._make_runner()
        self._join_others()
        self._make_sweep()
        self._make_reloader()
        self._make_outbox()
        self._events = EventFeed(store, on_event) if on_event is not None else None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake, self._stop, self._hurry, self._idle = (asyncio.Event() for _ in range(4))
        self._how = StopMode.HANDOVER
        self.metrics_url: str | None = None

    def _use_store(self, store: Store) -> None:
        """What writes, and what keeps the engine from beginning anything: the disk, a drain, its clock."""
        self._raw_store = store
        self._disk = Disk(
            [self._nodes_dir, self._attempts_dir], _min_free(self._options), read=self._options.free_bytes
        )
        self._is_low = self._was_low = False
        self._store = StoreCalls(store, self._clock)
        self._store.on_full, self._store.on_damage = self._disk.give_up_reserve, self.wake
        self._closing = Closing(store, self._store, self._clock, node_name(self._options.config))

    def _make_runner(self) -> None:
        self._runner = Runner(self._store, self._clock, self._owner, self._connect, self._attempts_dir)
        self._scheduler = Scheduler(
            self._store, self._clock, self._runner, self._loaded, self._owner, self._wakefulness,
            only=self._options.only,
        )  # fmt: skip
        self._runner.on_change, self._runner.on_result = self.wake, self._fill_places
        self._runner.follow_clock = self._scheduler.follow_clock
        self._runner.held_ends.places_wanted = lambda: self._scheduler.places_wanted
        self._scheduler.on_places_wanted = self._runner.held_ends.release

    def _join_others(self) -> None:
        """On a store that others share: evidence that they live, our own standing, and the logs that they may see."""
        self._liveness: Liveness = TheOnlyEngine()
        self._membership: Membership | None = None
        self._shipper: LogShipper | None = None
        if self._shared is not None:
            self._liveness = OneOfMany(self._nodes_dir, partial(recorded_here, self._nodes_dir))
            self._membership = Membership(
                self._shared, self._store, self._clock, self._runner, self._owner, self._look_at_lives, self._poked,
                self._options.config.lost_after,
            )  # fmt: skip
            self._shipper = LogShipper(self._store, self._clock, self._runner, self._attempts_dir)

    def _make_sweep(self) -> None:
        """What is looked at again and again: what dead engines left, what was lost on the way, what is kept no more."""
        self._takeover = Takeover(
            self._store, self._clock, self._runner, self._owner, partial(is_recording, self._nodes_dir), self._liveness,
            self._loaded.__contains__ if self._shared is not None else lambda _: True,
        )  # fmt: skip
        self._sweep = Sweep(
            self._store, self._clock, self._runner, self._scheduler, self._loaded, self._owner, self._takeover,
            self._wakefulness,
        )  # fmt: skip
        clearing = Clearing(self._store, self._attempts_dir)
        self._retention = RetentionRounds(
            self._store, self._owner, clearing, self._options.config.audit_age, self._reports_dir
        )

    def _make_reloader(self) -> None:
        files = WatchedFiles(tuple(self._options.roots), self._options.config)
        label = "" if self._shared is None else f"{socket.gethostname()}:"
        self._reloader = Reloader(
            self._store, self._clock, self._loaded, self._owner, self._wakefulness, files, self._texts, label
        )

    def _make_outbox(self) -> None:
        around = Surroundings(os.environ, self._options.config.mail, self._reports_dir)
        self._outbox = Outbox(
            self._store, self._clock, self._definitions, self._owner().actor, around, self.wake, self._texts
        )

    @property
    def _reports_dir(self) -> Path:
        return self._nodes_dir / "reports"

    async def run(self, *, on_ready: Callable[[], None] | None = None) -> None:
        """Serve the store until stopped; `on_ready` is called when files are loaded and the first claim is possible.

        Raises AlreadyServed, HomeNotWritable, StoreError; StoreDamaged at once when damage shows, and what runs is left
        to the supervisor.
        """
        self._loop = asyncio.get_running_loop()
        lock = EngineLock.acquire(self._nodes_dir, lock_owner(self.id, self._clock.now(), self._options.roots))
        try:
            sync_point("node.locked")
            await self._check_store()
            listener = PokeListener(self._nodes_dir, self._poked)
            try:
                address = self._options.metrics or self._options.config.metrics
                with metrics_served(address, self._metrics) as self.metrics_url:
                    await self._serve(lock, on_ready or (lambda: None))
                    while self._membership is not None and self._membership.is_lost:
                        self._begin_again(lock)
                        await self._serve(lock, lambda: None)
                sync_point("node.stopped")
                await self._say_goodbye()
                sync_point("node.said_goodbye")
            finally:
                listener.close()
        finally:
            lock.release()

    async def _check_store(self) -> None:
        """Refuse to run jobs over a damaged store; look at all of it where the last engine was cut short."""
        try:
            limit = MANY_NODES if self._membership is not None else 1
            last = self._raw_store.read(partial(_latest, now=self._clock.now(), limit=limit))
            cut_short = bool(last) and last[0].stopped_at is None
            if last:
                self._wakefulness.was_down_since(max(node.stopped_at or node.swept_at for node in last))
        except (ValueError, TypeError):
            cut_short = True  # a row that makes no sense
        await asyncio.to_thread(self._raw_store.check, thorough=cut_short)

    def _begin_again(self, lock: EngineLock) -> None:
        """As another one: this incarnation was declared lost, and what it owned is others' by now."""
        self.id = identity.new_incarnation()
        lock.tell(lock_owner(self.id, self._clock.now(), self._options.roots))

    def _look_at_lives(self) -> None:
        """Somebody was declared lost, perhaps this engine."""
        self._sweep.hurry()
        self.wake()

    def stop(self, how: StopMode) -> None:
        """Stop from any thread; a second call skips the waiting, never the writes."""
        if self._loop is None:
            self._request_stop(how)  # it has not begun: nobody waits on these events yet
            return
        with suppress(RuntimeError):  # the loop has ended meanwhile: so has the engine
            self._loop.call_soon_threadsafe(self._request_stop, how)

    def _request_stop(self, how: StopMode) -> None:
        if self._stop.is_set():
            self._hurry.set()
        self._how = how
        self._stop.set()
        self.wake()

    def wake(self) -> None:
        """Look again now; on the loop's thread only."""
        self._idle.clear()
        self._wake.set()

    def _fill_places(self) -> None:
        """A run may be about to end: look now for what takes its place, if anything waits for one."""
        if self._scheduler.more_wait:
            self.wake()

    async def wait_until_idle(self) -> None:
        """Return when files are loaded and nothing runs, waits, retries, is held or is due within a second."""
        await self._idle.wait()

    async def _serve(self, lock: EngineLock, on_ready: Callable[[], None]) -> None:
        # A store that takes no writes must not hold up an engine that is told to end.
        self._store.is_patient = lambda: not self._stop.is_set()
        if self._membership is not None:
            await self._membership.join()
        row = node_row(self.id, self._liveness.place, self._clock.now(), self._options.config, self._slots)
        await self._store.try_write(partial(introduce, node=row))
        try:
            async with asyncio.TaskGroup() as group:
                helpers = [group.create_task(self._runner.keep_connected(self._takeover.settle_all), name="supervisor")]
                if self._membership is not None:
                    helpers.append(group.create_task(self._membership.run(), name="membership"))
                if self._shipper is not None:
                    helpers.append(group.create_task(self._shipper.run(), name="logs"))
                sync_point("node.introduced")
                await self._take_over()
                sync_point("node.taken_over")
                if await self._load_files():
                    sync_point("node.loaded")
                    await self._note_boot()
                    helpers.append(group.create_task(self._keep_files_loaded(), name="job files"))
                    on_ready()
                await self._turn_until_stopped(lock)
                self._store.is_patient = lambda: True  # what is waited for now ends by itself
                lapse = Lapse(self._clock, timedelta(seconds=self._options.drain_grace_s))
                await wind_down(
                    self._how, self._store, self._clock, self._runner, self._owner,
                    wake=self._wake, hurry=self._hurry, grace_s=self._options.drain_grace_s,
                )  # fmt: skip
                if self._how is StopMode.HANDOVER:
                    lapse = Lapse(self._clock, timedelta(seconds=CLOSE_S))
                if not self._is_lost:
                    await self._outbox.finish(self._wake, self._hurry, lapse)
                for helper in helpers:
                    helper.cancel()
        finally:
            await self._retention.close()
            await self._outbox.close()
            await self._runner.close()
            self._store.is_patient = lambda: False
            if self._shipper is not None:
                await self._shipper.finish()
            if self._membership is not None:
                self._membership.leave()

    def _metrics(self) -> str:
        """The page of metrics; on a thread of its own."""
        facts = EngineFacts(__version__, short_id(self.id), self._started_at, self._store.write_seconds)
        return exposition(families(self._raw_store.read(read_all), facts, self._clock.now()))

    async def _load_files(self) -> bool:
        """Read the job files for the first time; False if it was told to end first, as on a disk that hangs."""
        loading, stopping = asyncio.ensure_future(self._reloader.load()), asyncio.ensure_future(self._stop.wait())
        try:
            await asyncio.wait({loading, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if loading.done():
                loading.result()
            return loading.done()
        finally:
            loading.cancel()
            stopping.cancel()

    async def _note_boot(self) -> None:
        machine, boot, now = host.machine_id(), host.boot_id(), self._clock.now()
        await self._store.write(partial(note_boot, machine_id=machine, boot_id=boot, now=now))

    async def _take_over(self) -> None:
        try:
            await self._runner.connect()
            await self._takeover.run()
            if self._membership is not None:
                await self._runner.stop_strangers(self._membership.runs)
        except (SupervisorUnavailable, SupervisorRefused, OSError) as error:
            log.error("nothing is started: %s", error)
            self._runner.reconnect(self._takeover.run)

    async def _say_goodbye(self) -> None:
        self._tell_events()
        await self._store.try_write(partial(stamp_node, node_id=self.id, now=self._clock.now(), stopped=True))

    async def _turn_until_stopped(self, lock: EngineLock) -> None:
        while not self._stop.is_set() and not self._is_lost:
            self._wake.clear()
            self._idle.clear()  # before anything is committed: what it starts must not be called idle meanwhile
            next_at = await self._turn(lock)
            await self._clock.wait(self._wake, next_at)
            if self._store.damage is not None:
                raise self._store.damage

    async def _turn(self, lock: EngineLock) -> datetime:
        """One turn; gives when to look again unless something wakes us. A store in trouble is waited out."""
        try:
            await self._look_at_the_disk()
            await self._closing.look(self.id)
            next_at = await self._scheduler.turn()
            if await self._sweep.run_if_due(partial(self._check_standing, lock)):
                await self._outbox.pull_back()
                self._closing.look_again()
                next_at = self._clock.now()
                self._retention.start_if_due(self._wakefulness.believed)
            next_at = earliest(next_at, self._sweep.next_at, self._outbox.look()) or self._sweep.next_at
            self._tell_events()
            self._note_idleness(next_at)
            return next_at
        except EngineFenced:
            raise
        except StoreUnavailable as error:
            self._store.complain(error)
        except Exception:  # one thing that cannot be done must not stop everything else
            log.exception("a turn failed")
        return self._clock.now() + STORE_RETRY

    async def _look_at_the_disk(self) -> None:
        """Say once that it has become too full to start anything, or no longer is; keep a reserve while it is not."""
        self._is_low = low = self._disk.is_low
        if not low:
            self._disk.keep_reserve()
        if low is self._was_low:
            return
        owner, detail = self._owner(), {"free": self._disk.free(), "min_free": self._disk.min_free}
        noted = partial(
            note_space, node_id=self.id, actor=owner.actor, low=low, now=self._clock.now(), trouble=owner.no_slot,
            detail=detail,
        )  # fmt: skip
        await self._store.try_write(noted)
        self._was_low = low
        log.warning("the disk is %s: %s", "too full to start anything" if low else "no longer too full", detail)

    def _note_idleness(self, next_at: datetime) -> None:
        if (
            self._outbox.busy
            or self._scheduler.holds_gaps
            or self._wake.is_set()
            or not is_idle(self._store, self._loaded, next_at, self._clock.now())
        ):
            self._idle.clear()
        else:
            self._idle.set()

    def _check_standing(self, lock: EngineLock) -> None:
        """Fence ourselves if somebody replaced the lock file or the database under us."""
        if not lock.is_ours():
            raise EngineFenced("the engine's lock file was replaced; another engine may run")
        if not self._raw_store.files_are_ours():
            raise EngineFenced("the database's files were replaced under the running engine")

    @property
    def _is_lost(self) -> bool:
        return self._membership is not None and self._membership.is_lost

    def _poked(self) -> None:
        """Somebody has written something."""
        self._closing.look_again()
        self.wake()

    def _owner(self) -> Owner:
        no_slot = Reason.NO_SPACE if self._is_low else None
        if not self._runner.connected:
            no_slot = Reason.NO_SUPERVISOR
        return Owner(
            self.id, self._definitions, self._slots, no_slot, self._attempts, self._texts, self._closing.reason,
            frozenset(self._options.config.labels), self._closing.offset_ms,
        )  # fmt: skip

    async def _connect(
        self, on_finished: Callable[[AttemptResult], None], on_lost: Callable[[], None]
    ) -> SupervisorClient:
        def lost() -> None:
            # Perhaps because another engine has said hello: then our lock is not ours any more, and we look at once.
            self._sweep.hurry()
            on_lost()

        return await SupervisorClient.connect(
            nodes_dir=self._nodes_dir, attempts_dir=self._attempts_dir, store_id=self._raw_store.id,
            engine_id=self.id, on_finished=on_finished, on_lost=lost,
        )  # fmt: skip

    async def _keep_files_loaded(self) -> None:
        def again() -> timedelta:
            if self._reloader.is_loading:
                return LOADING_PAUSE
            return GONE_FOR if self._reloader.looks_again_soon else RESCAN

        async for _ in watch(self._options.roots, stop=self._stop, clock=self._clock, again=again):
            await self._reload()

    async def _reload(self) -> None:
        try:
            if await self._reloader.reload():
                self.wake()
        except StoreUnavailable as error:
            self._store.complain(error)
        except Exception:  # what runs goes on running, whatever a file does to its reader
            log.exception("the job files could not be read")

    def _tell_events(self) -> None:
        if self._events is not None:
            self._events.tell()


def _min_free(options: NodeOptions) -> int:
    """Bytes of disk below which nothing new is started: as told, as configured, or the default."""
    given = (options.min_free, options.config.min_free, MIN_FREE)
    return next(value for value in given if value is not None)


def _latest(reader: Reader, *, now: datetime, limit: int) -> list[NodeRecord]:
    """The engines that began last; none that a clock ahead has noted, unless it is this one that is wrong."""
    before = reader.scan(NODES_BY_START, high=now, reverse=True, limit=limit)
    return before or reader.scan(NODES_BY_START, reverse=True, limit=limit)
