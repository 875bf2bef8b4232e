"""Modules that are imported when something of them is first used, so that a first picture does not wait for them.

    if TYPE_CHECKING:
        from jobistemer_tui.operations import queries_runs
    else:
        queries_runs = deferred("jobistemer_tui.operations.queries_runs")

The first branch is what mypy and the import contracts see.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any


class _Deferred(ModuleType):
    """Stands for a module until the first look at one of its names."""

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self.__name__), name)


def deferred(name: str) -> ModuleType:
    """The module of this full name, imported when it is first used."""
    return _Deferred(name)
