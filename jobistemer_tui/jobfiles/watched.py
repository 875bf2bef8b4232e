"""The job files that an engine watches."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from jobistemer_tui import __version__
from jobistemer_tui.jobfiles.folders import absolute_roots
from jobistemer_tui.jobfiles.loads import Loads
from jobistemer_tui.jobfiles.read import are_as_seen, hash_now, read_paths
from jobistemer_tui.jobfiles.reading import ConfigLevel, FileReading, Reading, Seen
from jobistemer_tui.schedules.plugins import installed_versions
from jobistemer_tui.schedules.zones import local_zone_name, zone_data_version


@dataclass(frozen=True)
class WatchedFiles:
    """The job files under some PATHs, read under one configuration; what reads them blocks."""

    paths: tuple[Path, ...]
    config: ConfigLevel
    loads: Loads = field(default_factory=Loads)

    @cached_property
    def roots(self) -> tuple[str, ...]:
        """The PATHs, absolute."""
        return absolute_roots(self.paths)

    @property
    def conditions(self) -> str:
        """A hash of all besides a file's content that decides what its jobs mean: while it is the same, so are they.

        This program's version, the configuration, the machine's zone, the zones' data, where `~` is, and which kinds of
        schedule are installed.
        """
        means = [
            __version__, dict(self.config.defaults), local_zone_name(), zone_data_version(), os.path.expanduser("~"),
            installed_versions(),
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(means, sort_keys=True).encode()).hexdigest()

    def are(self, seen: Seen) -> bool:
        """Whether they are exactly as they were seen. Raises NotFound and JobFileError."""
        return are_as_seen(self.paths, seen)

    def hash_now(self, path: str) -> str:
        """The hash of a file's content as it is now; "" if it is not to be read."""
        return hash_now(path)

    def read(self, known: Mapping[str, FileReading], owners: Mapping[str, str]) -> Reading:
        """Read them all, see `read_paths`."""
        return read_paths(self.paths, config=self.config, known=known, owners=owners, loads=self.loads)
