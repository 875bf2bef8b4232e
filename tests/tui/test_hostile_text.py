"""No text of anyone crashes a screen or reaches the terminal as more than text: every view, its path, every dialog."""

from __future__ import annotations

import re
from pathlib import Path
from typing import cast

import pytest
from textual._compositor import CompositorUpdate
from textual.screen import Screen
from textual.widget import Widget

from jobistemer_tui.tui.actions import actions_of
from jobistemer_tui.tui.screens.attempt_log_screen import AttemptLogScreen
from jobistemer_tui.tui.screens.feed_screen import FeedScreen
from jobistemer_tui.tui.screens.job_actions import JobActionsScreen
from jobistemer_tui.tui.screens.job_screen import JobScreen
from jobistemer_tui.tui.screens.occurrence_screen import OccurrenceScreen
from jobistemer_tui.tui.screens.schedule_actions import ScheduleActionsScreen
from jobistemer_tui.tui.views import TABS
from jobistemer_tui.tui.widgets.log_actions import LOG_ACTIONS, LOG_SCREEN_ACTIONS
from tests.support.fake_operations import FakeOperations
from tests.support.poisoned import POISON, PoisonedOperations
from tests.support.sample_jobs import GOOD_FILE, NOW, REFUSED_FILE, Sample
from tests.support.sample_logs import write_log
from tests.support.screen import Running, running

OURS = re.compile(r"\x1b\[[0-9;]*[mH]|\x1b\[\?(?:25|2026)[hl]")
DANGEROUS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
ELSEWHERE = {"out", "leave", "edit_file", "palette", "keys_help", "open_row", "hold", "search", "pager"}
"""Actions that leave the screen or the program, and those that are tried by name."""
SHARED = (JobActionsScreen, ScheduleActionsScreen)


def frame(run: Running) -> str:
    """What the driver is given to write for the whole screen, without the colours and places that we set."""
    update = run.app.screen._compositor.render_update(full=True)
    assert isinstance(update, CompositorUpdate)
    return OURS.sub("", update.render_segments(run.app.console))


def assert_harmless(run: Running, where: object) -> None:
    sent = frame(run)
    found = DANGEROUS.search(sent)
    assert found is None, (where, sent[max(found.start() - 60, 0) : found.end() + 60])


def hostile_operations(folder: Path) -> FakeOperations:
    sample = Sample(files=[GOOD_FILE, REFUSED_FILE])
    for detail in sample.occurrences.values():
        for task in detail.tasks:
            for attempt in task.attempts:
                write_log(folder / str(attempt.id), NOW, [(0, 1, f"{POISON}\nERROR {POISON}\n".encode())])
    return FakeOperations(sample, logs=folder)


@pytest.mark.timeout(600)
async def test_every_view_its_path_and_every_dialog(tmp_path: Path) -> None:
    operations = PoisonedOperations(hostile_operations(tmp_path))
    tried: set[type] = set()
    done: set[object] = set()
    async with running(operations=cast("FakeOperations", operations), notifications=True, size=(100, 24)) as run:
        for tab in TABS:
            run.app.action_show_view(tab.mode)
            await run.settle()
            for screen in reversed(await go_in(run)):
                assert run.screen is screen
                if type(screen) not in tried:
                    await try_every_action(run, done)
                    tried.add(type(screen))
                if len(run.app.screen_stack) > 1:
                    run.app.pop_screen()
                    await run.settle()
    assert {AttemptLogScreen, JobScreen, OccurrenceScreen} < tried
    assert len(tried) >= len(TABS) + 3


async def go_in(run: Running) -> list[Screen[object]]:
    """The screens that Enter leads to, from the present one to the innermost."""
    path: list[Screen[object]] = []
    while run.screen not in path:
        assert_harmless(run, run.screen)
        path.append(run.screen)
        await run.press("enter")
    return path


async def try_every_action(run: Running, done: set[object]) -> None:
    """But for a dialog about a job that was `done` already: it is the same wherever the job is shown."""
    screen = run.screen
    for target, name in targets(screen):
        about_a_job = next((vars(one)[f"action_{name}"] for one in SHARED if f"action_{name}" in vars(one)), None)
        if about_a_job is getattr(type(screen), f"action_{name}", target):
            if about_a_job in done:
                continue
            done.add(about_a_job)
        await target.run_action(name)
        await run.settling.turned()
        if run.screen is not screen:
            await run.settle()
            assert_harmless(run, name)
        run.app.clear_notifications()
        while run.screen is not screen:
            await run.press("escape")
    await run.settle()
    assert_harmless(run, screen)


def targets(screen: Screen[object]) -> list[tuple[Widget, str]]:
    """What can be done on a screen, and the widget that does it."""
    if isinstance(screen, AttemptLogScreen):
        own = [(screen, one.id) for one in LOG_SCREEN_ACTIONS]
        return [
            pair for pair in (*((screen.log_view, one.id) for one in LOG_ACTIONS), *own) if pair[1] not in ELSEWHERE
        ]
    assert isinstance(screen, FeedScreen)
    actions = [one for one in actions_of(screen.NAME) if one.in_palette and one.id not in ELSEWHERE]
    return [(screen, one.id) for one in actions]
