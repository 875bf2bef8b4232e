"""What may go wrong in a simulated world: each act is one fault."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from jobistemer_tui.engine.node_options import StopMode

if TYPE_CHECKING:
    from tests.support.simulated_world import World

Act = Callable[["World"], None]
JUMPS = (1.0, 5.0, 90.0, 600.0, 3600.0, 3 * 3600.0, 86400.0)


def kill(world: World) -> None:
    """The engine dies at some await; another comes."""
    world.kill_engine(world.chance.choice((1, 5, 30, 100, 300)) + world.chance.randrange(5))


def stop(world: World) -> None:
    """The engine is stopped politely, in one of three ways; now and then twice."""
    how = world.chance.choice(list(StopMode))
    world.stop_engine(how)
    if world.chance.random() < 0.3:
        world.later(5.0, partial(world.stop_engine, how))


def freeze(world: World) -> None:
    """SIGSTOP, and after a while SIGCONT."""
    engine = world.an_engine()
    if engine is not None:
        world.loop.freeze(engine.program)
        world.loop.call_later(world.chance.choice((2.0, 40.0)) * world.chance.random(), world.loop.thaw, engine.program)


def replace_lock(world: World) -> None:
    """Somebody removes the lock file: another engine may start while the first one still runs."""
    world.machine.locks.replace()


def set_clock(world: World) -> None:
    """The wall clock is set, and perhaps set right again."""
    jump = world.chance.choice([jump for jump in JUMPS if jump <= max(JUMPS[0], world.jumps_left_s)])
    jump *= world.chance.choice((1, 1, -1))
    world.jumps_left_s -= max(0.0, jump)
    world.clock.set_wall(jump)
    world.say(f"clock {jump}")
    if world.chance.random() < 0.6:
        world.later(60.0, partial(world.clock.set_wall, -jump))


def suspend(world: World) -> None:
    """The machine sleeps."""
    seconds = world.chance.random() * max(0.0, world.jumps_left_s)
    world.jumps_left_s -= seconds
    world.say(f"suspend {seconds}")
    world.clock.suspend(seconds)


def kill_supervisor(world: World) -> None:
    """The supervisor dies; its processes live on until its successor comes."""
    world.supervisor.die()


def restart_machine(world: World) -> None:
    """The power fails: nothing that ran is there any more, and of some of it not even a trace."""
    world.restart_machine()


def hang_supervisor(world: World) -> None:
    """The supervisor does not answer for a while."""
    world.supervisor.hangs_until = world.loop.time() + world.chance.choice((3.0, 15.0, 45.0))


def trouble_store(world: World) -> None:
    """Commits fail before or after their effect, reads fail, or everything is slow, for a while."""
    faults, chance = world.faults, world.chance
    faults.before = chance.choice((0.0, 0.2, 0.9))
    faults.after = chance.choice((0.0, 0.2, 0.9))
    faults.read = chance.choice((0.0, 0.0, 0.2))
    faults.commit_s = chance.choice((0.005, 0.2, 5.0))
    faults.answer_s = chance.choice((0.002, 0.2))
    world.later(20.0, partial(_mend, world))


def _mend(world: World) -> None:
    faults = world.faults
    faults.before = faults.after = faults.read = 0.0
    faults.commit_s, faults.answer_s = 0.005, 0.002


RARE: tuple[Act, ...] = (restart_machine,)
FAULTS: tuple[Act, ...] = (
    kill, kill, stop, freeze, replace_lock, set_clock, suspend, kill_supervisor, hang_supervisor, trouble_store,
)  # fmt: skip
