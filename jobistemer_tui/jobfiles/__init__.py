"""Job files: TOML and YAML through one schema to job definitions, with a place and a hint for every error.

`watch` (in `jobfiles.watch`) is not imported here because watchfiles is only needed by an engine.
"""

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
