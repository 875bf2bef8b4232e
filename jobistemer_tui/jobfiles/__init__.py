"""Job files: TOML and YAML through one schema to job definitions, with a place and a hint for every error.

A name is imported when it is first asked for: a screen needs of all this no more than whether a path lies in a folder.
`watch` (in `jobfiles.watch`) is not here because watchfiles is only needed by an engine.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jobistemer_tui.jobfiles.config import read_config
    from jobistemer_tui.jobfiles.read import read_paths
    from jobistemer_tui.jobfiles.reading import ConfigLevel, Diagnostic, FileReading, Reading, SourcedJob

__all__ = [
    "ConfigLevel",
    "Diagnostic",
    "FileReading",
    "Reading",
    "SourcedJob",
    "read_config",
    "read_paths",
]

_HOMES = {"read_config": "config", "read_paths": "read"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'reading')}"), name)
