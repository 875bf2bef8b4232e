"""Each key of `tui.md` §3.3 on each screen: it does something there, or says in words why it does not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import pytest
from textual.screen import Screen
from textual.widgets import Input

from jobistemer_tui.tui.actions import EVERYWHERE, Action, actions_of
from jobistemer_tui.tui.elsewhere import elsewhere_words
from jobistemer_tui.tui.key_map import UNCHANGED, Keymap, normal_key
from jobistemer_tui.tui.screens.feed_screen import FeedScreen
from jobistemer_tui.tui.screens.job_screen import JobScreen
from jobistemer_tui.tui.widgets.log_actions import LOG, LOG_ACTIONS, LOG_SCREEN_ACTIONS, LOG_SHARED
from tests.support.fake_gaps import sample_gaps
from tests.support.fake_operations import FakeOperations
from tests.support.sample_jobs import DENIED_FILE, GOOD_FILE, REFUSED_FILE, Sample
from tests.support.screen import Running, running

MOVES: Final = "down up j k end home G g pagedown pageup ctrl+d ctrl+u"
INTO: Final = "enter l right"
OUT: Final = "escape h left q"
OTHERS: Final = "tab shift+tab [ ] z / n N : ctrl+p ? f1 space ! p P r R c S e u t v o O . y s d"
VIEWS: Final = {"jobs": "1", "runs": "2", "agenda": "3", "activity": "4", "files": "5", "nodes": "6"}
DEEPER: Final = {"occurrence": ("enter",), LOG: ("enter", "enter"), "inbox": ("I",)}
DEEP: Final = ("job", "occurrence", LOG, "inbox")
"""Those that stand above a view, and the keys that lead there."""
PLACES: Final = (*VIEWS, *DEEP)


def keys(*words: str) -> list[str]:
    return [normal_key(word) for line in words for word in line.split()]


def own_actions(place: str) -> Sequence[Action]:
    if place != LOG:
        return actions_of(place)
    return (*LOG_ACTIONS, *LOG_SCREEN_ACTIONS, *(action for action in actions_of("jobs") if action.id in LOG_SHARED))


@pytest.mark.parametrize("place", PLACES)
def test_every_key_has_a_meaning_or_an_explanation(place: str) -> None:
    known = {key for action in own_actions(place) for key in action.keys}
    for key in keys(MOVES, INTO, OUT, OTHERS):
        assert (key in known) != bool(elsewhere_words(place, key, UNCHANGED)), key
    assert set(PLACES) == {*EVERYWHERE, LOG}


def test_the_words_name_the_key_the_action_and_where_it_works() -> None:
    assert elsewhere_words("files", "r", UNCHANGED) == "r (run now) is for Jobs, a job, a run, Runs and Agenda"
    assert elsewhere_words("jobs", "n", UNCHANGED) == "n (match) is for a log"
    assert elsewhere_words(LOG, "H", UNCHANGED) == "H (hold) is for every screen but a log"
    assert elsewhere_words("jobs", "f12", UNCHANGED) == ""
    moved = Keymap({"run_now": ("f12",), "log.next_match": ("x",)})
    assert elsewhere_words("files", "f12", moved).startswith("f12 (run now) is for")
    assert elsewhere_words("files", "r", moved) == ""
    assert elsewhere_words("jobs", "r", UNCHANGED, read_only=True) == (
        "r (run now) changes something, and this window only reads"
    )
    assert elsewhere_words("jobs", "j", UNCHANGED, read_only=True) == ""


class Walk:
    """Presses keys and sees whether they did anything. What the screen showed before is read once for each."""

    def __init__(self, run: Running) -> None:
        self.run = run
        self.silent: list[tuple[str, str]] = []
        self._place = ""
        self._screen: Screen[object] = run.screen
        self._before: object = None
        self._tried: set[object] = set()

    async def go_to(self, place: str) -> None:
        """From the first screen of its view."""
        run = self.run
        while len(run.app.screen_stack) > 1:
            run.app.pop_screen()
        await run.settle()
        await run.press(VIEWS.get(place, "1"))
        if place in DEEP[:3]:
            run.app.push_screen(JobScreen(run.feed_screen.shell, "backup-offsite"))
            await run.settle()
        await run.press(*DEEPER.get(place, ()))
        if place == LOG:
            await run.until_shown("giving up")
            await run.settle()
        self._place, self._screen, self._before = place, run.screen, self._look()

    async def try_key(self, key: str) -> None:
        """Press it, unless the very same was done by it on another screen; of what is only explained, one a screen."""
        action = next((one for one in self._actions if key in one.keys), None)
        doing = (
            self._place if action is None else (key, getattr(type(self._screen), f"action_{action.id}", self._place))
        )
        if doing not in self._tried:
            self._tried.add(doing)
            await self._press(key)

    @property
    def _actions(self) -> Iterable[Action]:
        return own_actions(self._place)

    async def _press(self, key: str) -> None:
        run, told = self.run, len(self.run.said)
        only_moves = isinstance(self._screen, FeedScreen) and self._screen.only_moves(key)
        takes_keys = run.screen, run.app.focused
        await run.press(key)
        assert not only_moves or takes_keys == (run.screen, run.app.focused), "the next key does not wait for this one"
        if self._look() == self._before and len(run.said) == told:
            self.silent.append((self._place, key))
        while self._screen in run.app.screen_stack and self._is_elsewhere:
            await run.press("escape")
        if run.screen is not self._screen:
            await self.go_to(self._place)
        self._before = self._look()

    @property
    def _is_elsewhere(self) -> bool:
        return self.run.screen is not self._screen or isinstance(self.run.app.focused, Input)

    def _look(self) -> object:
        return self.run.screen, self.run.app.focused, self.run.rows


@pytest.mark.timeout(600)
async def test_every_key_does_something_or_says_why_not(logs: Path) -> None:
    operations = FakeOperations(Sample(files=[GOOD_FILE, REFUSED_FILE, DENIED_FILE]), logs=logs)
    operations.gap_rows = sample_gaps()
    async with running(operations=operations, size=(80, 18)) as run:
        walk = Walk(run)
        for place in PLACES:
            await walk.go_to(place)
            moves, into = (MOVES, INTO) if place == "jobs" else ("", "" if place == LOG else "enter")
            for key in keys(moves, OTHERS, into, OUT if place in DEEP else "q"):
                await walk.try_key(key)
        # The log is shorter than a page, and to the left of its first column is nothing.
        assert walk.silent == [(LOG, "space"), (LOG, "left")]
