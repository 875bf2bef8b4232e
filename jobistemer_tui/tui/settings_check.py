"""What is wrong with `[screen]` and `[keys]` of `config.toml`: for the screen, and for `check`, which loads none."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from jobistemer_tui.operations.job_models import FileProblem
from jobistemer_tui.operations.screen_settings import ScreenSettings
from jobistemer_tui.settings.near_words import did_you_mean, nearest
from jobistemer_tui.settings.screen_options import THEMES

from .actions import APP_KEYS, VIEW_KEYS
from .key_map import judged_keymap


def checked_settings(settings: ScreenSettings) -> tuple[FileProblem, ...]:
    """All of it, where there is no screen."""
    return screen_problems(settings, judged_keymap(settings, APP_KEYS)[1], themes=THEMES)


def screen_problems(
    settings: ScreenSettings, of_keys: Sequence[FileProblem], *, themes: Collection[str]
) -> tuple[FileProblem, ...]:
    """What `judged_keymap` found and the rest, in the order of the file; `themes` are those that there are."""
    problems = [*settings.problems, *_theme_problems(settings, themes), *_view_problems(settings), *of_keys]
    return tuple(sorted(problems, key=lambda one: (one.line, one.column)))


def _theme_problems(settings: ScreenSettings, themes: Collection[str]) -> list[FileProblem]:
    wanted = settings.options.theme
    if wanted is None or wanted in themes:
        return []
    hint = did_you_mean(nearest(wanted, themes), f"known are {', '.join(sorted(themes))}")
    return [replace(settings.places["theme"], message=f"unknown theme {wanted!r}", hint=hint)]


def _view_problems(settings: ScreenSettings) -> list[FileProblem]:
    wanted = settings.options.start_view
    if wanted in VIEW_KEYS or "start_view" not in settings.places:
        return []
    hint = f"write one of {', '.join(VIEW_KEYS)}"
    return [replace(settings.places["start_view"], message=f"there is no view {wanted!r}", hint=hint)]
