"""The first screen of somebody who has nothing yet."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from jobistemer_tui.tui.first_run import EXAMPLE, FOLDER, TOUR, Beginning, FirstRunApp
from tests.support.screen_texts import assert_screen_text
from tests.support.settling import Settling, settling


def app() -> FirstRunApp:
    return FirstRunApp(
        "~/.config/jobistemer/jobs", lambda text: "" if text == "/jobs" else f"there is no folder {text}"
    )


async def press(pilot: Pilot[None], waits: Settling, *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await waits.settled()


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60), (40, 10)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_three_ways_to_begin_and_a_folder_that_is_not_there(size: tuple[int, int]) -> None:
    running = app()
    async with running.run_test(size=size) as pilot:
        with settling(running, lambda: True) as waits:  # type: ignore[arg-type]  # an app of any result
            await waits.settled()
            rows = [
                "".join(part.text for part in strip).rstrip() for strip in running.screen._compositor.render_strips()
            ]
            assert_screen_text(f"first_run_{size[0]}x{size[1]}", rows)
            await press(pilot, waits, "2", *"/x[/y]", "enter")  # type: ignore[arg-type]
            rows = [
                "".join(part.text for part in strip).rstrip() for strip in running.screen._compositor.render_strips()
            ]
            assert_screen_text(f"first_run_folder_{size[0]}x{size[1]}", rows)
            assert running.return_value is None


@pytest.mark.parametrize(
    ("keys", "chosen"),
    [
        (("1",), Beginning(EXAMPLE)),
        (("enter",), Beginning(EXAMPLE)),
        (("3",), Beginning(TOUR)),
        (("j", "j", "j", "k", "k", "enter", "escape", "j", "enter"), Beginning(TOUR)),
        (("2", *"/jobs", "enter"), Beginning(FOLDER, "/jobs")),
        (("q",), None),
        (("2", "escape", "q"), None),
    ],
)
async def test_what_keys_choose(keys: tuple[str, ...], chosen: Beginning | None) -> None:
    running = app()
    async with running.run_test() as pilot:
        await pilot.press(*keys)
    assert running.return_value == chosen
