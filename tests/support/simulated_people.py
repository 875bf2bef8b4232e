"""What people do in a simulated world: they save and delete files, and press keys."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from jobistemer_tui.domain.states import OPEN_OCCURRENCES
from jobistemer_tui.engine import control
from jobistemer_tui.engine.control.runs import Request
from jobistemer_tui.storage.contract import Transaction
from jobistemer_tui.storage.tables import OCCURRENCES_BY_DUE, OCCURRENCES_BY_ID
from tests.support.simulated_acts import Act
from tests.support.simulated_jobs import edited
from tests.support.simulated_world import WHO, World


def edit(world: World) -> None:
    """Somebody saves another version of a job."""
    name = a_job(world)
    world.publish(edited(world.chance, world.jobs[name], dense=world.dense))


def remove(world: World) -> None:
    """A job's file vanishes, and perhaps it comes back."""
    name = a_job(world)
    world.machine.files.remove(name)
    world.machine.touch_files()
    world.retired.add(name)
    if world.chance.random() < 0.7:
        world.later(20.0, lambda: world.publish(world.jobs[name]))


def pause(world: World) -> None:
    """A job is paused, for a while or for ever."""
    seconds = world.chance.choice((None, 5, 30))

    def act(tx: Transaction, job: UUID, now: datetime) -> object:
        until = None if seconds is None else now + timedelta(seconds=seconds)
        return control.pause(tx, job, now=now, until=until, reason="because", actor=WHO)

    world.person(act, a_job(world))


def resume(world: World) -> None:
    """A job's pause is ended."""
    world.person(lambda tx, job, now: control.resume(tx, job, now=now, actor=WHO), a_job(world))


def trigger(world: World) -> None:
    """A job is run by hand, perhaps with a double key press, perhaps whatever else runs."""
    request, patience_s = _request(world), world.chance.choice((10, 120))
    name, forced = a_job(world), world.chance.random() < 0.1
    for _ in range(world.chance.choice((1, 1, 2))):
        _run(world, name, request, patience_s, forced=forced)


def trigger_many(world: World) -> None:
    """A job is run by hand again and again, whatever its policy says of that."""
    _leave_less_to_miss(world)
    name = a_job(world)
    for _ in range(world.chance.choice((3, 4, 5))):
        _run(world, name, _request(world), 120)


def _run(world: World, name: str, request: UUID, patience_s: float, *, forced: bool = False) -> None:
    def act(tx: Transaction, job: UUID, now: datetime) -> object:
        asked = Request(request, now, WHO, now + timedelta(seconds=patience_s), forced=forced)
        return control.trigger(tx, job, asked)

    world.person(act, name)


def _request(world: World) -> UUID:
    return UUID(int=world.chance.getrandbits(128), version=4)


def cancel(world: World) -> None:
    """What runs or waits is cancelled."""
    rows = world.disk.rows.read(
        lambda reader: [row for state in OPEN_OCCURRENCES for row in reader.scan(OCCURRENCES_BY_DUE, state)]
    )
    if rows:
        row = world.chance.choice(rows)
        world.person(lambda tx, job, now: control.cancel(tx, row.id, now=now, actor=WHO, reason=None), a_job(world))


def stop_ticker(world: World) -> None:
    """A job's schedule is stopped, and perhaps started again."""
    name = a_job(world)
    world.person(lambda tx, job, now: control.stop(tx, job, now=now, actor=WHO), name)
    start = partial(world.person, lambda tx, job, now: control.start(tx, job, now=now, actor=WHO), name)
    world.later(30.0, start)


def skip_next(world: World) -> None:
    """The next run is to be skipped, and perhaps not after all."""
    name = a_job(world)
    world.person(lambda tx, job, now: control.skip_next(tx, job, now=now, actor=WHO), name)
    if world.chance.random() < 0.4:
        unskip = partial(world.person, lambda tx, job, now: control.unskip(tx, job, now=now, actor=WHO), name)
        world.later(10.0, unskip)


def snooze(world: World) -> None:
    """The next run is put off."""
    seconds = world.chance.choice((20, 60, 120))

    def act(tx: Transaction, job: UUID, now: datetime) -> object:
        return control.snooze(tx, job, until=now + timedelta(seconds=seconds), now=now, actor=WHO)

    world.person(act, a_job(world))


def replay(world: World) -> None:
    """What has ended is run again, all of it or what failed, perhaps with a double key press."""
    rows = [row for row in world.disk.rows.read(lambda reader: reader.scan(OCCURRENCES_BY_ID)) if row.finished_at]
    if not rows:
        return
    row, failed_only = world.chance.choice(rows), world.chance.random() < 0.5
    request = _request(world)

    def act(tx: Transaction, job: UUID, now: datetime) -> object:
        asked = Request(request, now, WHO, now + timedelta(seconds=120))
        return control.replay(tx, row.id, asked, failed_only=failed_only)

    for _ in range(world.chance.choice((1, 1, 2))):
        world.person(act, a_job(world))


def backfill(world: World) -> None:
    """The last minutes are made up for."""
    request = _request(world)

    def act(tx: Transaction, job: UUID, now: datetime) -> object:
        plan = control.plan_backfill(tx, job, now - timedelta(minutes=2), now, now)
        return control.backfill(tx, plan, Request(request, now, WHO, now + timedelta(seconds=120)))

    world.person(act, a_job(world))


def lose_the_lock_at_work(world: World) -> None:
    """Somebody removes the lock file while a task runs; what the engine has to write is still on its way then."""
    _leave_less_to_miss(world)
    world.faults.commit_s = 4.0
    trigger(world)
    world.later(4.0, world.machine.locks.replace)


def _leave_less_to_miss(world: World) -> None:
    """What is asked for by hand takes the place of half of what the clock may still leave to be made up for."""
    world.jumps_left_s /= 2


RARE: tuple[Act, ...] = (trigger_many, lose_the_lock_at_work)
HABITS: tuple[Act, ...] = (
    edit,
    remove,
    pause,
    resume,
    trigger,
    cancel,
    stop_ticker,
    skip_next,
    snooze,
    replay,
    backfill,
)


def a_job(world: World) -> str:
    """The name of one of the jobs."""
    return world.chance.choice(sorted(world.jobs))
