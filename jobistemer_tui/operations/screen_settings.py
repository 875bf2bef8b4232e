"""What the screen reads of `config.toml`, and the theme that it remembers."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING

from jobistemer_tui.settings.deferred import deferred
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.settings.screen_options import ScreenOptions

if TYPE_CHECKING:
    from jobistemer_tui.jobfiles import screen_config
    from jobistemer_tui.operations import queries_status
    from jobistemer_tui.operations.job_models import FileProblem
else:
    screen_config = deferred("jobistemer_tui.jobfiles.screen_config")
    queries_status = deferred("jobistemer_tui.operations.queries_status")

_MEMORY = "screen.json"
_MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class ScreenSettings:
    """The options, keys by the name of their action, and what is wrong with either.

    `places` gives, for `theme`, `keys.run_now` and so on, the place of the value as a problem without a message.
    """

    options: ScreenOptions = field(default_factory=ScreenOptions)
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    places: Mapping[str, FileProblem] = field(default_factory=dict)
    problems: tuple[FileProblem, ...] = ()


class ScreenFiles:
    """The settings file, which a person writes, and `screen.json` in the data folder, which only the screen does."""

    def __init__(self, config_file: Path, data_dir: Path, *, read_only: bool = False) -> None:
        """`read_only`: nothing is remembered."""
        self._config_file = config_file
        self._read_only = read_only
        self._memory = data_dir / _MEMORY

    def stamp(self) -> tuple[int, int, int] | None:
        """What changes whenever the settings file does; None while there is none."""
        try:
            status = os.stat(self._config_file)
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino

    def read(self) -> ScreenSettings:
        """The settings as they are now; nothing that stands in the file makes this fail."""
        if not os.path.lexists(self._config_file):
            return ScreenSettings()
        config = screen_config.read_screen_config(self._config_file)
        path = str(self._config_file)
        places = {name: queries_status.file_problem(place.to_json(), path) for name, place in config.places.items()}
        problems = tuple(queries_status.file_problem(problem.to_json(), path) for problem in config.problems)
        return ScreenSettings(config.options, config.keys, places, problems)

    def remembered_theme(self) -> str | None:
        """The theme that was chosen last."""
        try:
            with self._memory.open("rb") as file:
                value = json.loads(file.read(_MOST_REMEMBERED))
        except (OSError, ValueError):
            return None
        theme = value.get("theme") if isinstance(value, dict) else None
        return theme if isinstance(theme, str) else None

    def remember_theme(self, theme: str) -> None:
        """Keep the choice of a theme; one that cannot be kept is lost, which is no reason to disturb anybody."""
        if self._read_only:
            return
        partial = self._memory.with_name(f"{_MEMORY}.{os.getpid()}")
        with suppress(OSError):
            partial.write_text(json.dumps({"theme": theme}) + "\n", encoding="utf-8")
            partial.chmod(0o600)
            partial.replace(self._memory)
