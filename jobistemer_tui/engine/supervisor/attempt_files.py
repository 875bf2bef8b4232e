"""The files of attempts: folder, markers, the record of the process, the result.

`<attempts>/<id>/`             made with an exclusive mkdir: whoever makes it decides whether the attempt starts
`<attempts>/<id>/void`         the folder is a tombstone: the attempt never started and never will
`<attempts>/<id>/result.tmp`   reserves the space for the result
`<attempts>/<id>/result.json`  how it ended
`<attempts>/live/<id>`         from before the folder exists until the engine has taken the result; holds the boot
                              id and, once it is spawned, the process, so that a successor finds what ran
                              without looking at every folder (one file rather than two: making files is most
                              of what a start costs)
"""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

from .protocol import Message

RESULT_BYTES = 4096
_ERROR_CHARACTERS = 400
_WRITE_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW


class AttemptFiles:
    """All access to the attempts' folder of one store."""

    def __init__(self, root: Path, boot_id: str) -> None:
        """`root` is `attempts/<store id>`; missing folders are made. Raises OSError."""
        self.root = root
        self._boot_id = boot_id
        self._live = root / "live"
        self._live.mkdir(mode=0o700, parents=True, exist_ok=True)

    def folder(self, attempt: str) -> Path:
        """The attempt's folder."""
        return self.root / attempt

    def make_folder(self, attempt: str) -> bool:
        """Make the attempt's folder; False if it exists already. Raises OSError."""
        try:
            os.mkdir(self.root / attempt, 0o700)
        except FileExistsError:
            return False
        return True

    def mark_live(self, attempt: str) -> None:
        """Make the marker that a successor looks for, and its folder if somebody removed it; raises OSError."""
        try:
            self.record_process(attempt, {})
        except FileNotFoundError:
            self._live.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.record_process(attempt, {})

    def unmark_live(self, attempt: str) -> None:
        """Nothing is left to be told about this attempt."""
        with contextlib.suppress(OSError):
            os.unlink(self._live / attempt)

    def live(self) -> list[str]:
        """The attempts that are marked live."""
        return sorted(os.listdir(self._live))

    def record_process(self, attempt: str, process: Message) -> None:
        """Write into the marker what was spawned; raises OSError, but the process's own mark finds it too."""
        record = {"boot_id": self._boot_id, **process}
        _write(self._live / attempt, json.dumps(record).encode("ascii"))

    def read_process(self, attempt: str) -> Message:
        """What stands in the marker; empty if there is nothing whole."""
        return _object(_read(self._live / attempt))

    def make_tombstone(self, attempt: str) -> None:
        """Turn a folder that was just made into a tombstone; raises OSError."""
        os.close(os.open(self.root / attempt / "void", _WRITE_FLAGS, 0o600))

    def is_tombstone(self, attempt: str) -> bool:
        """True if the attempt was voided."""
        return (self.root / attempt / "void").exists()

    def reserve_result(self, attempt: str) -> None:
        """Take the result's disk space now; raises OSError."""
        descriptor = os.open(self.root / attempt / "result.tmp", _WRITE_FLAGS, 0o600)
        try:
            os.posix_fallocate(descriptor, 0, RESULT_BYTES)
        finally:
            os.close(descriptor)

    def write_result(self, attempt: str, result: Message) -> None:
        """Write the result and rename it into place; raises OSError."""
        folder = self.root / attempt
        error = result["error"]
        shortened = {**result, "error": error and error[:_ERROR_CHARACTERS], "durable": True}
        data = json.dumps(shortened).encode("ascii")
        try:
            _write(folder / "result.tmp", data)
        except FileNotFoundError:  # the start could not even make the folder
            self.make_folder(attempt)
            _write(folder / "result.tmp", data)
        os.rename(folder / "result.tmp", folder / "result.json")

    def read_result(self, attempt: str) -> Message | None:
        """The result on disk, or None if there is no whole one."""
        return _object(_read(self.root / attempt / "result.json")) or None

    def sync_result(self, attempt: str) -> None:
        """Make the result survive a crash of the machine; raises OSError."""
        for path in (self.root / attempt / "result.json", self.root / attempt, self.root):
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _write(path: Path, data: bytes) -> None:
    descriptor = os.open(path, _WRITE_FLAGS, 0o600)
    try:
        if os.write(descriptor, data) != len(data):
            raise OSError(f"short write to {path}")
        os.ftruncate(descriptor, len(data))
    finally:
        os.close(descriptor)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _object(data: bytes) -> Message:
    try:
        value = json.loads(data)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
