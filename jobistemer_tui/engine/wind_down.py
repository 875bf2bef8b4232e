"""The end of an engine: nothing new is handled; what runs is handed over, waited for, or cancelled."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from jobistemer_tui.domain.clock import Clock, Lapse
from jobistemer_tui.domain.records import Occurrence
from jobistemer_tui.engine.node_options import StopMode
from jobistemer_tui.engine.owned import owned_by
from jobistemer_tui.engine.runner import Runner
from jobistemer_tui.engine.store_calls import StoreCalls
from jobistemer_tui.engine.transactions.advance import stop_or_expire
from jobistemer_tui.engine.transactions.ask_to_stop import ask_to_stop
from jobistemer_tui.engine.transactions.common import Owner
from jobistemer_tui.errors import StoreUnavailable

log = logging.getLogger(__name__)


async def wind_down(
    how: StopMode, store: StoreCalls, clock: Clock, runner: Runner, owner: Callable[[], Owner],
    *, wake: asyncio.Event, hurry: asyncio.Event, grace_s: float,
) -> None:  # fmt: skip
    """Stop as told. After `grace_s` seconds, when hurried or over a damaged store, the supervisor keeps what runs."""
    if how is StopMode.HANDOVER:
        return
    if how is StopMode.CANCEL:
        try:
            await _cancel_all(store, clock, runner, owner)
        except StoreUnavailable as error:
            log.error("nothing can be cancelled, it is handed over: %s", error)
            return
    grace = Lapse(clock, timedelta(seconds=grace_s))
    while mine(store, owner()) and not grace.is_over and not hurry.is_set() and store.damage is None:
        wake.clear()
        await grace.wait(wake)


async def _cancel_all(store: StoreCalls, clock: Clock, runner: Runner, owner: Callable[[], Owner]) -> None:
    for row in mine(store, owner()):
        try:
            await store.try_write(partial(ask_to_stop, owner=owner(), occurrence_id=row.id, now=clock.now()))
            work = partial(stop_or_expire, owner=owner(), occurrence_id=row.id, now=clock.now())
            advanced = await store.try_write(work)
        except StoreUnavailable:
            raise
        except Exception:  # one row that makes no sense must not keep the others running
            log.exception("occurrence %s cannot be cancelled, it is handed over", row.id)
            continue
        if advanced.progress is not None:
            runner.follow(advanced.progress)


def mine(store: StoreCalls, owner: Owner) -> list[Occurrence]:
    """What this engine runs."""
    return store.read(partial(owned_by, node_id=owner.node_id))
