"""Reading all job files under some PATHs."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

from jobistemer_tui.errors import JobistemerError, NotFound
from jobistemer_tui.jobfiles.claims import refuse_taken_keys
from jobistemer_tui.jobfiles.folders import SUFFIXES, absolute_roots, files_of
from jobistemer_tui.jobfiles.followed import CYCLE, UNKNOWN, judge_followed
from jobistemer_tui.jobfiles.group_limits import CODE, warn_of_limits
from jobistemer_tui.jobfiles.loads import Loads
from jobistemer_tui.jobfiles.reading import ConfigLevel, Diagnostic, FileReading, Reading, Seen, is_python, printable
from jobistemer_tui.jobfiles.trust import Untrusted, check_folders, content_hash, read_trusted, real_path

log = logging.getLogger(__name__)
_DECLARES = re.compile(rb"(?m)^[ \t]*(from[ \t]+jobistemer_tui[ \t]+import|import[ \t]+jobistemer_tui)\b(?!\.)")
"""What makes a Python file in a folder a job file: nothing else beside the jobs is run for a look."""
NO_CONFIG = ConfigLevel()
_BY_OTHERS = ("taken", CODE, CYCLE, UNKNOWN)
"""Codes of what the other files have a part in."""


def read_paths(
    paths: Sequence[Path],
    *,
    config: ConfigLevel = NO_CONFIG,
    trusted_uid: int | None = None,
    known: Mapping[str, FileReading] | None = None,
    owners: Mapping[str, str] | None = None,
    now: datetime | None = None,
    loads: Loads | None = None,
) -> Reading:
    """Read the files and folders `paths`, each file once, under the first path that holds it.

    `trusted_uid` is whose files are read besides root's (default: the process's user). `known` are earlier readings
    by absolute path; one whose content is unchanged is used again, and parsed only if another file gives it something
    to say. `owners` says which file already runs a job's key; there it stays, and without it the first file in order
    has the key; code that owns one is read whatever it imports. With `now` (aware) the hints about schedules name what
    the next change of the clock does, and what never comes. With `loads` a Python file that takes long to load is
    pending, and a later reading with the same `loads` has it; without, all are waited for.

    All that is wrong with a file is in its diagnostics. A path that does not exist, and a folder that cannot be listed,
    have a reading of their own with an error. A file that vanishes meanwhile has none.
    """
    loads = Loads(patience=None) if loads is None else loads
    uid = os.geteuid() if trusted_uid is None else trusted_uid
    reader = _Reader(config, uid, dict(known or {}), now, loads, frozenset((owners or {}).values()))
    roots = absolute_roots(paths)
    files: dict[str, FileReading] = {}
    for root in roots:
        unlisted: dict[str, JobistemerError] = {}
        for path in files_of(root, unlisted):
            if path not in files and (reading := reader.file(path, root)) is not None:
                files[path] = reading
        files.update((path, _not_listed(path, root, error)) for path, error in unlisted.items() if path not in files)
    files.update(reader.loaded())
    judged = _judged(files, owners)
    for path, after in zip(list(files), judged, strict=True):
        if files[path].published and after is not files[path]:
            # What is said of a job needs its place, which only parsing tells.
            del reader.known[path]
            files[path] = reader.file(path, files[path].root) or files[path]
    return Reading(roots, _judged(files, owners))


def _judged(files: Mapping[str, FileReading], owners: Mapping[str, str] | None) -> tuple[FileReading, ...]:
    claimed = refuse_taken_keys(list(files.values()), owners or {})
    return tuple(warn_of_limits(judge_followed(claimed)))


def are_as_seen(paths: Sequence[Path], seen: Seen, *, trusted_uid: int | None = None) -> bool:
    """Whether the files under `paths` are exactly those that were seen, and what those in Python import is as it was.

    One that is not to be read never is. Raises NotFound and JobFileError as `files_of`.
    """
    uid = os.geteuid() if trusted_uid is None else trusted_uid
    reader = _Reader(NO_CONFIG, uid, {}, None, Loads(), seen.hashes)
    found = {path: reader.digest(path, root) for root in reversed(absolute_roots(paths)) for path in files_of(root)}
    hashes = {path: digest for path, digest in found.items() if digest is not None}
    same = hashes == seen.hashes and "" not in hashes.values()
    return same and all(_hash(file) == digest for file, digest in seen.imported.items())


class _Reader:
    def __init__(
        self, config: ConfigLevel, uid: int, known: dict[str, FileReading], now: datetime | None, loads: Loads,
        declaring: Container[str],
    ) -> None:  # fmt: skip
        """`declaring`: files that have declared jobs; they are no mere code, whatever they import now."""
        self.config = config
        self.uid = uid
        self.known = known
        self.now = now
        self.folders: dict[str, Untrusted | None] = {}
        self.loads = loads
        self.declaring = declaring
        self.loading: dict[str, str] = {}

    def file(self, path: str, root: str) -> FileReading | None:
        """The reading of one file, pending where it has to be loaded.

        None for code that declares no jobs, and where it is gone since its folder was listed.
        """
        try:
            content = self._content(path, root)
        except Untrusted as error:
            if error.code == "gone" and not os.path.lexists(path):
                return None
            name = printable(path)
            found = Diagnostic(name, 0, 0, printable(error.message), printable(error.hint), code=error.code)
            return FileReading(name, root, "", (), (found,))
        digest = content_hash(content)
        earlier = self.known.get(path)
        if earlier and earlier.content_hash == digest and self._still_holds(earlier):
            return _under(earlier, root)
        if not is_python(path):
            return self._parsed(path, root, digest, content)
        if not self._is_job_file(path, root, content):
            return None
        self.loads.begin(path, digest, partial(self._parsed, path, root, digest, content))
        self.loading[path] = digest
        return FileReading(path, root, digest, (), (), pending=True)

    def digest(self, path: str, root: str) -> str | None:
        """The hash of a file's content: "" if it is not to be read, None for code that declares no jobs."""
        try:
            content = self._content(path, root)
        except Untrusted:
            return ""
        return content_hash(content) if self._is_job_file(path, root, content) else None

    def _is_job_file(self, path: str, root: str, content: bytes) -> bool:
        """Whether it is no mere code: that is a job file where it is named, declares jobs, or has declared some."""
        named = not is_python(path) or path == root or path in self.declaring
        return named or _DECLARES.search(content) is not None

    def _content(self, path: str, root: str) -> bytes:
        self._check_name(path)
        self._check_folder(os.path.dirname(path))
        return read_trusted(real_path(path, root, self.uid), self.uid)

    def loaded(self) -> dict[str, FileReading]:
        """Those of the pending files that are loaded by now."""
        return self.loads.finished(self.loading)

    def _parsed(self, path: str, root: str, digest: str, content: bytes) -> FileReading:
        from jobistemer_tui.jobfiles.parse import parse_jobs  # costs pydantic and PyYAML: only when a file is parsed

        try:
            jobs, diagnostics, imported = parse_jobs(path, root, content, self.config, self.now)
        except Exception as error:  # one file, whatever is in it, must not keep all others from being read
            log.exception("%s cannot be judged", path)
            text = f"cannot be judged, by a defect of this program: {type(error).__name__}"
            found = Diagnostic(path, 1, 1, text, "please report it, with the file", code="defect")
            return FileReading(path, root, digest, (), (found,))
        hashes = tuple((file, _hash(file)) for file in imported)
        return FileReading(path, root, digest, jobs, diagnostics, imported=hashes)

    def _check_name(self, path: str) -> None:
        try:
            path.encode()
        except UnicodeEncodeError as error:
            raise Untrusted("its name is not UTF-8", "rename it") from error
        if not path.endswith(SUFFIXES):
            raise Untrusted("is of no known kind", "name it .toml, .yaml, .yml or .py", code="suffix")

    def _check_folder(self, folder: str) -> None:
        if folder not in self.folders:
            self.folders[folder] = None
            try:
                check_folders(folder)
            except Untrusted as error:
                self.folders[folder] = error
        found = self.folders[folder]
        if found is not None:
            raise Untrusted(found.message, found.hint, code=found.code)

    def _still_holds(self, earlier: FileReading) -> bool:
        """Whether only this file decided what the earlier reading says, and under the same configuration."""
        others = any(diagnostic.code in _BY_OTHERS for diagnostic in earlier.diagnostics)
        if any(_hash(file) != digest for file, digest in earlier.imported):
            return False
        return not others and all(job.definition.config_settings == self.config.defaults for job in earlier.jobs)


def hash_now(path: str) -> str:
    """The hash of the content of a job file as it is now; "" if it is not to be read."""
    try:
        return content_hash(read_trusted(os.path.realpath(path), os.geteuid()))
    except Untrusted:
        return ""


def _hash(file: str) -> str:
    """Of what a Python file imports; "" where it cannot be read."""
    try:
        return content_hash(Path(file).read_bytes())
    except OSError:
        return ""


def _not_listed(path: str, root: str, error: JobistemerError) -> FileReading:
    name, is_missing = printable(path), isinstance(error, NotFound)
    message = printable(error.message).removeprefix(name).removeprefix(f"the folder {name}").strip()
    code = "missing" if is_missing else "unreadable"
    return FileReading(name, root, "", (), (Diagnostic(name, 0, 0, message, printable(error.hint), code=code),))


def _under(reading: FileReading, root: str) -> FileReading:
    if reading.root == root:
        return reading
    return replace(reading, root=root, jobs=tuple(replace(job, root=root) for job in reading.jobs))
