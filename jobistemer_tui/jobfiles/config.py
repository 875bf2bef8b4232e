"""Reading `config.toml`: what the engine and all jobs of this home start from."""

from __future__ import annotations

import os
from pathlib import Path

from jobistemer_tui.domain.policies import label_words
from jobistemer_tui.errors import JobFileError
from jobistemer_tui.jobfiles.reading import ConfigLevel
from jobistemer_tui.jobfiles.trust import Untrusted, read_trusted


def read_config(path: Path, *, trusted_uid: int | None = None) -> ConfigLevel:
    """The settings of a `config.toml`; empty where the file does not exist.

    Raises JobFileError with all diagnostics, one on each line. The file is trusted by the same rules as a job file.
    """
    if not os.path.lexists(path):
        return ConfigLevel()
    try:
        content = read_trusted(str(path), os.geteuid() if trusted_uid is None else trusted_uid)
    except Untrusted as error:
        raise JobFileError(f"{path}: {error.message}", hint=error.hint) from error
    from jobistemer_tui.jobfiles.notify_build import mail_server, with_absolute_files  # as the next line
    from jobistemer_tui.jobfiles.parse import parse_config  # costs pydantic: only when there is a file

    config, diagnostics = parse_config(os.path.abspath(path), content)
    if config is None:
        raise JobFileError("\n".join(diagnostic.text() for diagnostic in diagnostics))
    folder = os.path.dirname(os.path.abspath(path))
    return ConfigLevel(
        with_absolute_files(config.defaults.settings(), folder), config.max_concurrent_jobs,
        config.max_attempts_running, config.min_free, config.load_timeout, config.audit_age,
        None if config.mail is None else mail_server(config.mail, folder), config.metrics, config.lost_after,
        node_name=config.node.name, labels=label_words(config.node.labels),
    )  # fmt: skip
