"""The footer; in a narrow terminal it leaves out what is less needed, so that the last keys stay in sight.

It is one line of text: Textual's own is a widget for each key, which was a fifth of the time to the first picture.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, ClassVar

from rich.cells import cell_len
from rich.text import Text

from jobistemer_tui.settings.quick_dataclass import dataclass

from .drawn import Drawn

if TYPE_CHECKING:
    from textual import events
    from textual.screen import Screen


@dataclass(frozen=True, slots=True)
class Hint:
    """A key with what it does; keys of a group have one description, behind the last of them."""

    key: str
    shown: str
    description: str
    action: str
    enabled: bool
    tooltip: str


class ActionFooter(Drawn):
    """The keys of the screen; a click does what the key does. What is needed less gives way to the rest."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    ActionFooter { dock: bottom; height: 1; color: $footer-foreground; background: $footer-background; }
    ActionFooter > .footer--key {
        color: $footer-key-foreground; background: $footer-key-background; text-style: bold;
    }
    ActionFooter > .footer--description {
        color: $footer-description-foreground; background: $footer-description-background;
    }
    ActionFooter > .footer--hover { color: $footer-key-foreground; background: $block-hover-background; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"footer--key", "footer--description", "footer--hover"}

    def __init__(self, roomy: Collection[str], *, gap: int = 2) -> None:
        """`roomy`: the actions left out first; `gap`: cells between one key's description and the next key."""
        super().__init__()
        self._roomy = roomy
        self._gap = gap
        self._hints: list[Hint] = []
        self._places: list[tuple[int, int, Hint]] = []
        self._hovered: Hint | None = None

    @property
    def hints(self) -> Sequence[Hint]:
        """The keys that it shows, those that need more room included."""
        return self._hints

    def on_mount(self) -> None:
        """Follow the keys that are there."""
        self.screen.bindings_updated_signal.subscribe(self, self._on_bindings)

    def on_unmount(self) -> None:
        """No longer."""
        self.screen.bindings_updated_signal.unsubscribe(self)

    def _on_bindings(self, screen: Screen[Any]) -> None:
        # While the terminal has no focus no widget has any, and the keys of the table would vanish.
        if screen.app.app_focus and screen is self.screen:
            hints = list(self._read_hints())
            if hints != self._hints:
                self._hints = hints
                self.show(self._line)

    def _read_hints(self) -> Iterator[Hint]:
        """The first key of each action."""
        found = {one.binding.action: one for one in reversed(self.screen.active_bindings.values()) if one.binding.show}
        shown = list(reversed(found.values()))
        for one, following in zip_longest(shown, shown[1:]):
            binding, group = one.binding, one.binding.group
            is_last = group is None or following is None or following.binding.group != group
            words = binding.description if group is None else group.description
            tooltip = one.tooltip or binding.description
            name = self.app.get_key_display(binding)
            yield Hint(binding.key, name, words if is_last else "", binding.action, one.enabled, tooltip)

    def _line(self, width: int) -> Text:
        hints = list(self._hints)
        text = self._joined(hints)
        while cell_len(text.plain.rstrip()) > width and len(hints) > 2:
            roomy = (at for at in reversed(range(len(hints))) if hints[at].action in self._roomy)
            at = next(roomy, len(hints) - 2)  # the last one leads to all the others
            del hints[at]
            while at and not hints[at - 1].description:  # the rest of a group
                at -= 1
                del hints[at]
            text = self._joined(hints)
        text.truncate(width)
        return text

    def _joined(self, hints: Sequence[Hint]) -> Text:
        text, self._places = Text(), []
        for hint in hints:
            begin = cell_len(text.plain)
            text.append_text(self._hint_text(hint))
            self._places.append((begin, cell_len(text.plain), hint))
            text.append(" " * (self._gap if hint.description else 1))
        return text

    def _hint_text(self, hint: Hint) -> Text:
        text = Text(hint.shown, self.get_component_rich_style("footer--key"))
        if hint.description:
            text = Text().append_text(text)
            text.append(f" {hint.description}", self.get_component_rich_style("footer--description"))
        if not hint.enabled:
            text.stylize("dim")
        elif hint is self._hovered:
            text.stylize(self.get_component_rich_style("footer--hover", partial=True))
        return text

    def notify_style_update(self) -> None:
        """Colours have changed."""
        super().notify_style_update()
        self._drawn = None

    def _hint_at(self, x: int) -> Hint | None:
        x -= self.gutter.left
        return next((hint for begin, end, hint in self._places if begin <= x < end), None)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """What the key does."""
        hint = self._hint_at(event.x)
        if hint is None:
            return
        if hint.enabled:
            self.app.simulate_key(hint.key)
        else:
            self.app.bell()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """The key under the mouse is lit, and says more."""
        self._hover(self._hint_at(event.x))

    def on_leave(self, event: events.Leave) -> None:
        """The mouse is elsewhere."""
        self._hover(None)

    def _hover(self, hint: Hint | None) -> None:
        if hint is not self._hovered:
            self._hovered = hint
            self.tooltip = hint.tooltip if hint is not None else None
            self.show(self._line)
