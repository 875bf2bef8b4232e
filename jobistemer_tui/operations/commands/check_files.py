"""Read job files without applying them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from jobistemer_tui.jobfiles.config import read_config
from jobistemer_tui.jobfiles.read import read_paths
from jobistemer_tui.jobfiles.reading import ConfigLevel, Reading
from jobistemer_tui.operations.queries_status import file_problem
from jobistemer_tui.operations.read_models import Checked


def check_files(paths: Sequence[Path], now: datetime, config: Path | None = None) -> Checked:
    """All problems of all files under `paths` as seen at `now` (aware), and the jobs in order.

    `config` is the `config.toml` of the home, which need not exist (None: the program's own
    settings). Raises NotFound, JobFileError.
    """
    return checked(read_paths(paths, config=ConfigLevel() if config is None else read_config(config), now=now))


def checked(reading: Reading) -> Checked:
    """What a reading found."""
    files = reading.files
    return Checked(
        files=len(files),
        jobs=tuple(job.definition.name for file in files for job in file.jobs),
        problems=tuple(file_problem(found.to_json(), file.path) for file in files for found in file.diagnostics),
    )
