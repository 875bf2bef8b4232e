"""What to say to a key that has a meaning on other screens, but none on this one: never nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from .actions import (
    ACTIONS,
    ACTIVITY,
    AGENDA,
    EVERYWHERE,
    FILES,
    INBOX,
    JOB,
    JOBS,
    NODES,
    OCCURRENCE,
    RUNS,
    Action,
    actions_of,
    key_name,
)
from .key_map import LOG_PREFIX, Keymap
from .widgets.log_actions import LOG, LOG_ACTIONS, LOG_SCREEN_ACTIONS, LOG_SHARED

_NAMES: Final = {
    JOBS: "Jobs",
    JOB: "a job",
    OCCURRENCE: "a run",
    RUNS: "Runs",
    AGENDA: "Agenda",
    ACTIVITY: "Activity",
    FILES: "Files",
    NODES: "Nodes",
    INBOX: "the recovery inbox",
    LOG: "a log",
}


def elsewhere_words(screen: str, key: str, keymap: Keymap, *, read_only: bool = False) -> str:
    """Why a key does nothing on a screen; empty if it does something, or has no meaning anywhere.

    `key` is Textual's name of it.
    """
    own = _owner(key, _own_actions(screen, keymap))
    if own is not None:
        changes = f"{_said(key, own)} changes something, and this window only reads"
        return changes if read_only and own.acts else ""
    other = _owner(key, keymap.applied(ACTIONS)) or _owner(key, keymap.applied(LOG_ACTIONS, prefix=LOG_PREFIX))
    return "" if other is None else f"{_said(key, other)} is for {_places(other)}"


def _own_actions(screen: str, keymap: Keymap) -> tuple[Action, ...]:
    if screen != LOG:
        return keymap.applied(actions_of(screen))
    shared = (action for action in ACTIONS if action.id in LOG_SHARED)
    return (*keymap.applied((*LOG_ACTIONS, *LOG_SCREEN_ACTIONS), prefix=LOG_PREFIX), *keymap.applied(shared))


def _owner(key: str, actions: Iterable[Action]) -> Action | None:
    return next((action for action in actions if key in action.keys), None)


def _said(key: str, action: Action) -> str:
    return f"{key_name(key)} ({action.label})"


def _places(action: Action) -> str:
    if action.where == EVERYWHERE:
        return "every screen but a log"
    names = [name for screen, name in _NAMES.items() if screen in action.where]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
