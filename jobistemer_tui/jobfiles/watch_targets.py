"""Which folders to watch for some PATHs, and which of their changes matter."""

from __future__ import annotations

import os
from collections.abc import Sequence

from jobistemer_tui.jobfiles.folders import is_job_file_name
from jobistemer_tui.settings.quick_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Targets:
    """`within`: folders watched with all that is in them. `beside`: folders of which only the entries are watched.

    `paths` are the PATHs and `identities` the device and inode of every watched folder: a folder made again under the
    same name is another one.
    """

    within: frozenset[str]
    beside: frozenset[str]
    paths: frozenset[str]
    identities: frozenset[tuple[str, int, int]]

    def is_relevant_within(self, path: str, *, written: bool) -> bool:
        """A change below a PATH: of a job file, or of what may be a folder of them (made, moved or deleted).

        Names with two dots are those through which Kubernetes exchanges a whole folder (`..data`), no editor's.
        """
        name = os.path.basename(path)
        is_hidden = name.startswith(".") and not name.startswith("..")
        return is_job_file_name(name) or not (written or is_hidden or name.endswith("~"))

    def is_relevant_beside(self, path: str, *, written: bool) -> bool:
        """A change of a PATH itself, or of a folder on the way to it; what else goes on beside it is not ours."""
        if path in self.paths:
            return not (written and path in self.within)
        return not written and self.is_on_the_way(path)

    def is_on_the_way(self, path: str) -> bool:
        """Whether it is a watched folder, or one above a PATH."""
        return path in self.within or any(one.startswith(path + os.sep) for one in self.paths)


def find_targets(names: Sequence[str]) -> Targets:
    """What to watch now for absolute PATHs: folders themselves, of others the nearest folder above that exists.

    Not what is above a folder: the store is usually there, and every write to it would be a notice.
    """
    within = frozenset(name for name in names if os.path.isdir(name))
    beside = frozenset(_nearest_folder(os.path.dirname(name)) for name in names if name not in within)
    identities = frozenset(
        (folder, found.st_dev, found.st_ino) for folder in within | beside if (found := _stat(folder)) is not None
    )
    return Targets(within, beside, frozenset(names), identities)


def _nearest_folder(folder: str) -> str:
    while not os.path.isdir(folder) and folder != os.path.dirname(folder):
        folder = os.path.dirname(folder)
    return folder


def _stat(folder: str) -> os.stat_result | None:
    try:
        return os.stat(folder)
    except OSError:
        return None
