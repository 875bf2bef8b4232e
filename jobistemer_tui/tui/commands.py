"""The one provider of the palette: typed commands, actions, views, themes. A second one would make the order random."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from rich.text import Text
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.types import IgnoreReturnCallbackType

from jobistemer_tui.settings.quick_dataclass import dataclass

from .actions import actions_of, keys_text
from .presentation.fitting import cleaned
from .reading import read_in_thread
from .screens.acting_screen import ActingScreen
from .screens.typed_acts import do_typed
from .themes import theme_names
from .typed_commands import ACTING, VERBS, Typed, completions, typed

if TYPE_CHECKING:
    from jobistemer_tui.operations.read_models import JobRow

_MOST = 20


@dataclass(frozen=True, slots=True)
class Command:
    """A line of the palette."""

    name: str
    help: str
    run: IgnoreReturnCallbackType


class Commands(Provider):
    """Commands of the screen under the palette."""

    _rows: Sequence[JobRow] = ()

    async def startup(self) -> None:
        """Read the jobs whose names can be typed."""
        screen = self.screen
        if isinstance(screen, ActingScreen):
            self._rows = screen.shell.jobs or await read_in_thread(screen.shell.operations.jobs)

    async def discover(self) -> Hits:
        """What is offered before anything is typed. The position leads the sort text, so that the order is ours."""
        commands = [*self._actions(), *self._views(), *self._verbs(), *self._themes()]
        for position, command in enumerate(commands):
            yield DiscoveryHit(Text(command.name), command.run, text=f"{position:03d}", help=command.help)

    async def search(self, query: str) -> Hits:
        """What is typed as a command comes first, then what it may become, then every command with all the words."""
        completed = list(self._completed(query))
        if (command := self._typed(query)) is not None:
            score = 1.5 if completed and command.name.startswith("✗") else 3.0
            yield Hit(score, Text(command.name), command.run, text=command.name, help=command.help)
        for position, command in enumerate(completed):
            yield Hit(2.0 - position / 100, Text(command.name), command.run, text=command.name, help=command.help)
        words = query.lower().removeprefix(":").split()
        matcher = self.matcher(query)
        for command in [*self._actions(), *self._views(), *self._verbs(), *self._themes(), *self._jobs(words)]:
            score = 1.0 if all(word in command.name.lower() for word in words) else matcher.match(command.name)
            if score > 0:
                yield Hit(min(score, 1.0), Text(command.name), command.run, text=command.name, help=command.help)

    def _typed(self, query: str) -> Command | None:
        screen = self.screen
        if not isinstance(screen, ActingScreen):
            return None
        command = typed(query, self._rows, read_only=screen.shell.read_only)
        return None if command is None else self._command(screen, command, cleaned(query.strip()))

    def _command(self, screen: ActingScreen, command: Typed, name: str) -> Command:
        if command.fault:
            fault = f"✗ {cleaned(command.fault)}"
            return Command(fault, VERBS[command.verb][0], partial(screen.tell, command.fault))
        return Command(name, VERBS[command.verb][1], lambda: screen.act(do_typed(screen, command)))

    def _completed(self, query: str) -> Iterator[Command]:
        screen = self.screen
        if not isinstance(screen, ActingScreen):
            return
        for words in completions(query, self._rows, most=_MOST):
            command = typed(words, self._rows, read_only=screen.shell.read_only)
            if command is not None and not command.fault:
                yield self._command(screen, command, cleaned(words))

    def _actions(self) -> Iterator[Command]:
        screen = self.screen
        if not isinstance(screen, ActingScreen):
            return
        actions = actions_of(screen.NAME, read_only=screen.shell.read_only)
        for action in screen.shell.keymap.applied(actions):
            if action.in_palette:
                name = f"{action.label} ({keys_text(action)})"
                yield Command(name, action.tooltip, partial(screen.run_action, action.id))

    def _views(self) -> Iterator[Command]:
        if isinstance(self.screen, ActingScreen):
            for tab in self.screen.shell.tabs:
                show = partial(self.app.run_action, f"app.show_view('{tab.mode}')")
                yield Command(f"view {tab.name.lower()} ({tab.key})", "Show this view, where it was left", show)

    def _verbs(self) -> Iterator[Command]:
        """What can be typed; choosing one without its words says how to write it."""
        screen = self.screen
        if not isinstance(screen, ActingScreen):
            return
        for verb, (form, help_text) in VERBS.items():
            if not (screen.shell.read_only and verb in ACTING):
                yield Command(form, help_text, partial(screen.tell, f"type: {form}"))

    def _themes(self) -> Iterator[Command]:
        """Ours first, then all of Textual's."""
        for name in theme_names():
            yield Command(f"theme {name}", "Change the colours", partial(self._set_theme, name))

    def _set_theme(self, name: str) -> None:
        self.app.theme = name

    def _jobs(self, words: list[str]) -> Iterator[Command]:
        """Jobs by any of the words, to go into."""
        screen = self.screen
        if not isinstance(screen, ActingScreen) or (words and words[0] in VERBS):
            return
        fitting = [row.name for row in self._rows if any(word in row.name.lower() for word in words)]
        for name in fitting[:_MOST]:
            yield self._command(screen, Typed("job", jobs=(name,)), f"job {cleaned(name)}")
