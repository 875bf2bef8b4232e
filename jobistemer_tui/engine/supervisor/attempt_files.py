"""The files of attempts: folder, marker, result.

`<attempts>/<id>/`             made with an exclusive mkdir: whoever makes it decides whether the attempt starts
`<attempts>/<id>/void`         the folder is a tombstone: the attempt never started and never will
`<attempts>/<id>/result.json`  how it ended
`<attempts>/<id>/…`            the files of its order, and what the task hands on (`HANDED_ON`)
`<attempts>/live/<id>`         from before the folder exists until the engine has taken the result, so that a successor
                              finds what ran without looking at every folder. It holds the boot id, once it is
                              spawned the process, and at last the result: then `result.json` is a second name
                              of this file, which has had the room for the result from the beginning (one
                              file for all of this, because making files is most of what a start costs)
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from .protocol import Message

OUTPUTS, STATE = HANDED_ON = ("outputs.txt", "state.json")
"""Where a task hands on values and the state of its job; made by the task if they are not in the order."""
TAKEN = "handed_on.json"
"""Of a task with secrets: file name → what it held when it had been masked, in base64, or null if there was none."""
RESULT_BYTES = 4096
_ERROR_CHARACTERS = 400
_LARGEST = 1 << 16
# Never blocking: a task may have made a FIFO of any name in its folder.
_READ_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK
_WRITE_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


class AttemptFiles:
    """All access to the attempts' folder of one store."""

    def __init__(self, root: Path, boot_id: str) -> None:
        """`root` is `attempts/<store id>`; missing folders are made. Raises OSError."""
        self.root = root
        self._boot_id = boot_id
        # Joining Path objects would be a tenth of what a start costs.
        self._root = str(root)
        self._live = f"{root}/live"
        os.makedirs(self._live, mode=0o700, exist_ok=True)

    def _marker(self, attempt: str) -> str:
        return f"{self._live}/{attempt}"

    def _result(self, attempt: str) -> str:
        return f"{self._root}/{attempt}/result.json"

    def folder(self, attempt: str) -> Path:
        """The attempt's folder."""
        return self.root / attempt

    def make_folder(self, attempt: str) -> bool:
        """Make the attempt's folder; False if it exists already. Raises OSError."""
        try:
            os.mkdir(f"{self._root}/{attempt}", 0o700)
        except FileExistsError:
            return False
        return True

    def make_file(self, attempt: str, name: str, text: str) -> None:
        """Make one of the files of an order; raises OSError."""
        descriptor = os.open(f"{self._root}/{attempt}/{name}", _WRITE_FLAGS, 0o600)
        try:
            _write(descriptor, text.encode("utf-8", "surrogateescape"))
        finally:
            os.close(descriptor)

    def folder_exists(self, attempt: str) -> bool:
        """True if the attempt was started or voided."""
        return os.path.exists(f"{self._root}/{attempt}")

    def mark_live(self, attempt: str) -> None:
        """Make the marker that a successor looks for, with room for the result; raises OSError."""
        try:
            self._reserve(attempt)
        except FileNotFoundError:  # somebody removed the markers' folder
            os.makedirs(self._live, mode=0o700, exist_ok=True)
            self._reserve(attempt)

    def _reserve(self, attempt: str) -> None:
        descriptor = os.open(self._marker(attempt), _WRITE_FLAGS, 0o600)
        try:
            # Blanks rather than a reservation alone: the room is taken as surely, and what is read is always JSON.
            _write(descriptor, self._record({}).ljust(RESULT_BYTES))
        finally:
            os.close(descriptor)

    def unmark_live(self, attempt: str) -> None:
        """Nothing is left to be told about this attempt."""
        with contextlib.suppress(OSError):
            os.unlink(self._marker(attempt))

    def live(self) -> list[str]:
        """The attempts that are marked live."""
        return sorted(os.listdir(self._live))

    def record_process(self, attempt: str, process: Message) -> None:
        """Write into the marker what was spawned; raises OSError, but the process's own mark finds it too."""
        descriptor = os.open(self._marker(attempt), os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            _write(descriptor, self._record(process))
        finally:
            os.close(descriptor)

    def _record(self, process: Message) -> bytes:
        return json.dumps({"boot_id": self._boot_id, **process}).encode("ascii")

    def read_process(self, attempt: str) -> Message:
        """What stands in the marker; empty if there is nothing whole."""
        return _object(_read(self._marker(attempt)))

    def make_tombstone(self, attempt: str) -> None:
        """Turn a folder that was just made into a tombstone; raises OSError."""
        os.close(os.open(f"{self._root}/{attempt}/void", _WRITE_FLAGS, 0o600))

    def is_tombstone(self, attempt: str) -> bool:
        """True if the attempt was voided."""
        return os.path.exists(f"{self._root}/{attempt}/void")

    def write_result(self, attempt: str, result: Message) -> None:
        """Write the result into the marker and give it its second name; raises OSError."""
        error = result["error"]
        shortened = {**result, "error": error and error[:_ERROR_CHARACTERS], "durable": True}
        data = json.dumps(shortened).encode("ascii")
        descriptor = os.open(self._marker(attempt), _WRITE_FLAGS, 0o600)
        try:
            # In one piece over all that was there: whoever is killed here leaves nothing torn.
            _write(descriptor, data.ljust(RESULT_BYTES))
            os.ftruncate(descriptor, len(data))
        finally:
            os.close(descriptor)
        self._name_result(attempt, data)

    def _name_result(self, attempt: str, data: bytes) -> None:
        target = self._result(attempt)
        try:
            os.link(self._marker(attempt), target)
        except FileNotFoundError:  # the start could not even make the folder
            self.make_folder(attempt)
            os.link(self._marker(attempt), target)
        except OSError:  # a file system on which a file has one name only, or there is a torn one
            self._copy_result(attempt, data)

    def _copy_result(self, attempt: str, data: bytes) -> None:
        self._replace(attempt, "result.json", data)

    def keep_handed_on(self, attempt: str, contents: Mapping[str, bytes | None]) -> None:
        """Write what the task's files held, apart from them; raises OSError."""
        kept = {
            name: None if data is None else base64.b64encode(data).decode("ascii") for name, data in contents.items()
        }
        self._replace(attempt, TAKEN, json.dumps(kept).encode("ascii"))

    def _replace(self, attempt: str, name: str, data: bytes) -> None:
        part = f"{self._root}/{attempt}/{name}.tmp"
        descriptor = os.open(part, _WRITE_FLAGS | os.O_TRUNC, 0o600)
        try:
            _write(descriptor, data)
        finally:
            os.close(descriptor)
        os.rename(part, f"{self._root}/{attempt}/{name}")

    def read_result(self, attempt: str) -> Message | None:
        """The result on disk, or None if there is no whole one."""
        return _object(_read(self._result(attempt))) or None

    def read_unnamed_result(self, attempt: str) -> Message | None:
        """The result of one whose supervisor died between its writing and its naming."""
        marker = self.read_process(attempt)
        return marker if "outcome" in marker else None

    def sync_result(self, attempt: str) -> None:
        """Make the result survive a crash of the machine; raises OSError."""
        for path in (self._result(attempt), f"{self._root}/{attempt}", self._root):
            descriptor = os.open(path, _READ_FLAGS)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _read(path: str) -> bytes:
    try:
        descriptor = os.open(path, _READ_FLAGS)
    except OSError:
        return b""
    try:
        return os.read(descriptor, _LARGEST)
    except OSError:
        return b""
    finally:
        os.close(descriptor)


def _object(data: bytes) -> Message:
    try:
        value = json.loads(data)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
