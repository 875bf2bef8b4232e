"""An engine that is killed while jobs run each second, and comes back when their schedule is over."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from datetime import timedelta

from jobistemer_tui.domain.clock import SystemClock
from jobistemer_tui.domain.instants import instant_text
from tests.support.real_home import RealHome
from tests.support.wait_until import wait_until

_LENGTH, _MISSED = timedelta(seconds=9), timedelta(seconds=4)


def miss_some_seconds(home: RealHome, names: Collection[str], jobs_until: Callable[[str], str]) -> str:
    """Kill the engine when each job has begun, and wait for the end of their schedule, which is given.

    `jobs_until` is the job file for an end. On a machine so slow that too little is left of it another one is saved.
    """
    clock, version = SystemClock(), 0
    home.start_engine()  # before the seconds are counted
    while True:
        version += 1
        last = clock.now().replace(microsecond=0) + _LENGTH
        home.write("jobs.toml", jobs_until(instant_text(last)))
        wait_until(lambda version=version: _are_published(home, names, version), what="the jobs")  # type: ignore[misc]  # a default is bound
        wait_until(lambda: {line.split()[0] for line in home.ledger_lines()} == set(names), what="a run of each")
        if last - clock.now() >= _MISSED:
            break
    home.kill_engine()
    wait_until(lambda: clock.now() > last, what="the end")
    return instant_text(last)


def _are_published(home: RealHome, names: Collection[str], version: int) -> bool:
    shown = [home.here("show", name, "--versions", "--json", code=None) for name in names]
    return all(done.code == 0 and len(json.loads(done.stdout)) == version for done in shown)
