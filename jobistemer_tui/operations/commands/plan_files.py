"""Say what publishing the present job files would do; nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from jobistemer_tui.engine.gone_jobs import missing_jobs
from jobistemer_tui.engine.read_file_plan import read_file_plan
from jobistemer_tui.jobfiles.config import read_config
from jobistemer_tui.jobfiles.read import NO_CONFIG, read_paths
from jobistemer_tui.operations.commands.check_files import checked
from jobistemer_tui.operations.read_models import PlannedFiles
from jobistemer_tui.storage.contract import Store
from jobistemer_tui.storage.tables import JOBS_BY_KEY

STEPS = 200_000
"""How many instants of all changed schedules together are looked at; some seconds of work."""


def plan_files(store: Store, paths: Sequence[Path], config_file: Path | None, now: datetime) -> PlannedFiles:
    """What an engine that watches `paths` would do, with `config.toml` as it is now.

    Raises NotFound; JobFileError for a `config.toml` that cannot be read.
    """
    config = NO_CONFIG if config_file is None else read_config(config_file)
    jobs = store.read(lambda reader: reader.scan(JOBS_BY_KEY))
    owners = {job.key: job.source_path for job in jobs if job.retired_at is None}
    reading = read_paths(paths, config=config, owners=owners, now=now)
    found = [sourced for file in reading.files if file.ok for sourced in file.jobs]
    gone = [job.id for job in missing_jobs(jobs, reading)]
    plan = store.read(lambda reader: read_file_plan(reader, found, gone, now, steps=STEPS))
    return PlannedFiles(checked(reading), plan, reading.roots)
