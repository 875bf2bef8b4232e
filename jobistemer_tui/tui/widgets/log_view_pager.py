"""Reading on in the person's own pager."""

from __future__ import annotations

import asyncio
import tempfile
from array import array
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from jobistemer_tui.operations.log_reader import LogReader

from .log_view_export import pager_command, save_text

Suspend = Callable[[], AbstractContextManager[None]]
"""`App.suspend`."""


async def open_pager(suspend: Suspend, environ: Mapping[str, str], reader: LogReader, lines: array[int] | None) -> None:
    """Give the terminal to $PAGER until it ends; the event loop goes on meanwhile.

    Raises OSError if the text cannot be written or the pager not be started, ValueError if $PAGER makes no sense,
    SuspendNotSupported where the terminal cannot be lent.
    """
    with tempfile.TemporaryDirectory(prefix="jobistemer-log-") as folder:
        path = Path(folder, "log.txt")
        await asyncio.to_thread(save_text, reader, lines, path)
        command = pager_command(environ, path)
        with suspend():
            process = await asyncio.create_subprocess_exec(*command)
            await process.wait()
