"""What a job file imports from its own folder is code that acts as me, too: it is held to the same rules."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

from jobistemer_tui.jobfiles.trust import Untrusted, check_folders, check_owner


def watch_imports(folder: str) -> list[str]:
    """From now on refuse modules below `folder` that others can write; gives the growing list of those imported."""
    finder = _Finder(os.path.realpath(folder))
    place = sys.meta_path.index(PathFinder) if PathFinder in sys.meta_path else 0
    sys.meta_path.insert(place, finder)
    return finder.imported


class _Finder:
    def __init__(self, folder: str) -> None:
        self.folder = folder + os.sep
        self.imported: list[str] = []

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """As `PathFinder` does. Raises ImportError for what is not trusted."""
        spec = PathFinder.find_spec(name, path, target)
        file = os.path.realpath(spec.origin) if spec is not None and spec.has_location and spec.origin else ""
        if file.startswith(self.folder):
            try:
                check_owner(os.stat(file), os.getuid())
                check_folders(os.path.dirname(file))
            except Untrusted as error:
                raise ImportError(f"{file} {error.message}", name=name, path=file) from None
            self.imported.append(file)
        return spec
