"""An engine that is told to stop, in each of its ways, and is killed at some await of its stopping: nothing is lost."""

from __future__ import annotations

import pytest

from jobistemer_tui.engine.node_options import StopMode
from tests.support.simulated_acts import Act
from tests.support.simulated_history import violations_of
from tests.support.simulated_people import trigger
from tests.support.simulated_world import World

CALLBACKS = range(1, 200, 10)
"""After how many callbacks of the engine it dies: from the first step of its stopping to long after its end."""


@pytest.mark.parametrize("twice", [False, True], ids=["asked once", "asked twice"])
@pytest.mark.parametrize("how", list(StopMode))
def test_a_stop_that_is_cut_short(how: StopMode, twice: bool) -> None:
    killed = 0
    for callbacks in CALLBACKS:
        world = World(callbacks, acts=12, possible=(stop_and_die(how, callbacks, twice=twice),), only=True)
        world.run()
        assert violations_of(world) == [], "\n".join(world.trace)
        killed += sum("is killed" in line for line in world.trace)
    assert killed >= len(CALLBACKS) / 4, "hardly any of them was killed while it stopped"


def stop_and_die(how: StopMode, callbacks: int, *, twice: bool) -> Act:
    """A run is asked for, the engine is told to stop, and dies so many callbacks later."""

    def act(world: World) -> None:
        trigger(world)
        world.stop_engine(how)
        if twice:
            world.stop_engine(how)
        world.kill_engine(callbacks)

    return act
