"""Logs of attempts on disk, in the supervisor's format."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from jobistemer_tui.domain.instants import to_microseconds
from jobistemer_tui.engine.supervisor.log_format import INDEX, OUTPUT, STDERR, STDOUT, Record, pack

from .sample_jobs import ago, sample_id

UPLOAD_LOG = (
    (0.0, STDOUT, b"building file list ... done\n"),
    (1.8, STDOUT, b"sending incremental file list\n"),
    (1.9, STDOUT, b"photos/2026/10/IMG_2201.CR3\n"),
    (15.3, STDOUT, b"photos/2026/10/IMG_2202.CR3\n"),
    (18.0, STDERR, b"WARN slow link: 112 KB/s\n"),
    (31.0, STDERR, b"rsync: connection unexpectedly closed (0 bytes received so far)\n"),
    (31.0, STDERR, b"rsync error: error in rsync protocol data stream (code 12)\n"),
    (31.1, STDERR, b"\x1b[1;31mERROR\x1b[0m upload failed, giving up\n"),
)
DUMP_LOG = (
    (0.0, STDOUT, b"pg_dump: reading schemas\n"),
    (2.0, STDOUT, b"pg_dump: reading user-defined tables\n"),
    (90.0, STDOUT, b"dumping contents of table \"public.orders\"  10%\r 55%\r 71%\n"),
)  # fmt: skip


def write_log(folder: Path, start: datetime, chunks: Sequence[tuple[float, int, bytes]]) -> None:
    """Write chunks of (seconds after the start, stream, bytes) as the supervisor does."""
    folder.mkdir(parents=True, exist_ok=True)
    data, index = b"", b""
    for seconds, stream, chunk in chunks:
        at_us = to_microseconds(start + timedelta(seconds=seconds))
        index += pack(Record(len(data), len(chunk), stream, at_us))
        data += chunk
    (folder / OUTPUT).write_bytes(data)
    (folder / INDEX).write_bytes(index)


def write_sample_logs(root: Path) -> None:
    """The logs of the sample's failed and of its running try."""
    offsite, running = sample_id("backup-offsite/last"), sample_id("backup-db/last")
    write_log(root / str(sample_id(f"{offsite}/upload/3")), ago(hours=8, minutes=2, seconds=31), UPLOAD_LOG)
    write_log(root / str(sample_id(f"{running}/dump/1")), ago(seconds=250), DUMP_LOG)
