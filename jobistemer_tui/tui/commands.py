"""The one provider of the command palette: actions, jobs by name, themes. A second one would make the order random."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from rich.text import Text
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.types import IgnoreReturnCallbackType

from .actions import actions_of, keys_text
from .presentation.fitting import cleaned
from .screens.feed_screen import FeedScreen
from .screens.job_actions import JobActionsScreen
from .screens.job_screen import JobScreen
from .themes import theme_names

_MOST_JOBS = 50


@dataclass(frozen=True, slots=True)
class Command:
    """A line of the palette."""

    name: str
    help: str
    run: IgnoreReturnCallbackType


class Commands(Provider):
    """Commands of the screen under the palette."""

    async def discover(self) -> Hits:
        """What is offered before anything is typed. The position leads the sort text, so that the order is ours."""
        for position, command in enumerate([*self._actions(), *self._themes()]):
            yield DiscoveryHit(Text(command.name), command.run, text=f"{position:03d}", help=command.help)

    async def search(self, query: str) -> Hits:
        """Every command whose name has all the words."""
        words = query.lower().split()
        matcher = self.matcher(query)
        for command in [*self._actions(), *self._themes(), *self._jobs(words)]:
            score = 1.0 if all(word in command.name.lower() for word in words) else matcher.match(command.name)
            if score > 0:
                yield Hit(score, Text(command.name), command.run, text=command.name, help=command.help)

    def _actions(self) -> Iterator[Command]:
        screen = self.screen
        if not isinstance(screen, FeedScreen):
            return
        actions = actions_of(screen.NAME, read_only=screen.shell.read_only)
        for action in screen.shell.keymap.applied(actions):
            if action.in_palette:
                name = f"{action.label} ({keys_text(action)})"
                yield Command(name, action.tooltip, partial(screen.run_action, action.id))

    def _themes(self) -> Iterator[Command]:
        """Ours first, then all of Textual's."""
        for name in theme_names():
            yield Command(f"theme {name}", "Change the colours", partial(self._set_theme, name))

    def _set_theme(self, name: str) -> None:
        self.app.theme = name

    def _jobs(self, words: list[str]) -> Iterator[Command]:
        """`job NAME` opens, `run NAME` runs, `pause NAME` pauses or resumes."""
        screen = self.screen
        if not isinstance(screen, JobActionsScreen):
            return
        found = 0
        for row in screen.shell.jobs:
            name = cleaned(row.name)
            if found < _MOST_JOBS and any(word in name.lower() for word in words):
                found += 1
                open_it = partial(self._open, screen, row.name)
                yield Command(f"job {name}", "Go into this job", open_it)
                if screen.shell.read_only:
                    continue
                yield Command(f"run {name}", "Run it now", partial(screen.run_jobs, [row]))
                yield Command(f"pause {name}", "Pause or resume it", partial(screen.pause_or_resume, [row]))

    def _open(self, screen: FeedScreen, name: str) -> None:
        self.app.push_screen(JobScreen(screen.shell, name))
