"""Keys that a person moved: `[keys]` of `config.toml` judged against the actions, and what holds of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from typing import TYPE_CHECKING, Final

from jobistemer_tui.settings.near_words import did_you_mean, nearest
from jobistemer_tui.settings.quick_dataclass import dataclass

from .actions import ACTIONS, EVERYWHERE, Action, actions_of
from .key_names import KEY_NAMES, key_of
from .widgets.log_actions import LOG, LOG_ACTIONS, LOG_SCREEN_ACTIONS, LOG_SHARED

if TYPE_CHECKING:
    from jobistemer_tui.operations.job_models import FileProblem
    from jobistemer_tui.operations.screen_settings import ScreenSettings

LOG_PREFIX: Final = "log."
_MODIFIERS: Final = frozenset({"ctrl", "alt", "shift"})
_SAME_BYTES: Final = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+left_square_bracket": "escape", "ctrl+h": "backspace"}
"""What a terminal sends for both keys is the same."""


@dataclass(frozen=True, slots=True)
class Keymap:
    """The moved keys by the id of their action, as Textual names keys."""

    moved: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def for_textual(self) -> dict[str, str]:
        """The argument of `App.set_keymap`."""
        return {id: ",".join(keys) for id, keys in self.moved.items()}

    def applied(self, actions: Iterable[Action], *, prefix: str = "") -> tuple[Action, ...]:
        """The actions with their keys as they are now; `prefix` begins their ids in the file."""
        return tuple(self._moved(action, prefix + action.id) for action in actions)

    def _moved(self, action: Action, id: str) -> Action:
        return replace(action, keys=self.moved[id], shown=None) if id in self.moved else action


UNCHANGED: Final = Keymap()


def default_keys(app_keys: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """All ids that can be moved, with their keys; `app_keys` are those that work everywhere."""
    return {
        **{action.id: action.keys for action in ACTIONS},
        **{LOG_PREFIX + action.id: action.keys for action in (*LOG_ACTIONS, *LOG_SCREEN_ACTIONS)},
        **app_keys,
    }


def judged_keymap(
    settings: ScreenSettings, app_keys: Mapping[str, tuple[str, ...]]
) -> tuple[Keymap, list[FileProblem]]:
    """What of `[keys]` can hold, and what is wrong with the rest, each at its place."""
    known = default_keys(app_keys)
    moved: dict[str, tuple[str, ...]] = {}
    problems: list[FileProblem] = []
    for id, keys in settings.keys.items():
        try:
            moved[_known(id, known)] = tuple(normal_key(key) for key in keys)
        except ValueError as error:
            message, _, hint = str(error).partition("; ")
            problems.append(_problem(settings, id, message, hint))
    while clashes := dict(_clashes(moved, known, app_keys)):
        for id, (key, other, screen) in clashes.items():
            hint = f"move {other} to another key as well, or choose one that is free"
            problems.append(_problem(settings, id, f"{id}: {key!r} is the key of {other} ({screen})", hint))
            del moved[id]
    return Keymap(moved), problems


def _known(id: str, known: Mapping[str, object]) -> str:
    if id in known:
        return id
    near = nearest(id, known, cutoff=0.5)
    raise ValueError(f"unknown action {id!r}; {did_you_mean(near, 'the guide lists them')}")


def _problem(settings: ScreenSettings, id: str, message: str, hint: str) -> FileProblem:
    return replace(settings.places[f"keys.{id}"], message=message, hint=hint)


def normal_key(text: str) -> str:
    """A key as Textual names it: `?` is `question_mark`. Raises ValueError for one that no terminal sends."""
    if len(text) == 1:
        if text.isprintable() and text != " ":
            return key_of(text)
        raise ValueError("a blank is no name of a key; write space")
    *modifiers, base = text.split("+")
    if not base or not set(modifiers) <= _MODIFIERS:
        raise ValueError(f"{text!r} is no key; write ctrl+x, shift+up, f5, space, or the sign itself")
    if len(base) == 1:
        base = _shifted(base, text, modifiers)
    elif base not in KEY_NAMES:
        near = nearest(base, KEY_NAMES)
        raise ValueError(f"{text!r} is no key; {did_you_mean(near, 'the guide names them')}")
    key = "+".join([*modifiers, base])
    if key in _SAME_BYTES:
        raise ValueError(f"a terminal sends the same for {text!r} and {_SAME_BYTES[key]!r}; choose another key")
    if "ctrl" in modifiers and base in ("enter", "tab", "space", "escape", "backspace"):
        raise ValueError(f"many terminals do not send {text!r}; choose another key")
    return key


def _shifted(base: str, text: str, modifiers: list[str]) -> str:
    if "shift" in modifiers and "ctrl" not in modifiers:
        raise ValueError(f"{text!r} is no key; write the sign that it gives, such as {base.upper()!r}")
    if base.isupper():
        raise ValueError(f"{text!r} is no key; write {text.lower()!r}")
    return key_of(base)


def _clashes(
    moved: Mapping[str, tuple[str, ...]], known: Mapping[str, tuple[str, ...]], app_keys: Mapping[str, object]
) -> Iterator[tuple[str, tuple[str, str, str]]]:
    """Each moved action one of whose keys another action of one of its screens has: the key, the other, the screen."""
    for screen, ids in _screens(app_keys):
        owners: dict[str, str] = {}
        for id in sorted(ids, key=lambda id: id in moved):  # those that were not moved come first
            for key in dict.fromkeys(moved.get(id, known[id])):
                if key in owners and id in moved:
                    yield id, (key, owners[key], f"on the screen of {screen}")
                owners.setdefault(key, id)


def _screens(app_keys: Mapping[str, object]) -> Iterator[tuple[str, list[str]]]:
    for screen in sorted(EVERYWHERE):
        yield screen, [*(action.id for action in actions_of(screen)), *app_keys]
    own = [LOG_PREFIX + action.id for action in (*LOG_ACTIONS, *LOG_SCREEN_ACTIONS)]
    yield LOG, [*own, *LOG_SHARED, *app_keys]
