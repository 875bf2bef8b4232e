"""Reading a job file only if nobody but its owner, who is me or root, could have written it.

Checked on the opened file, so that it cannot be exchanged in between (as cron does, cronie `check_open`). What a job
file says is run with my rights; who can write it can act as me.
"""

from __future__ import annotations

import grp
import hashlib
import os
import pwd
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache

MAX_SIZE = 1024 * 1024
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
_TRIES = 3


class Untrusted(Exception):
    """The file is not read; `message` says why and `hint` what to do."""

    def __init__(self, message: str, hint: str = "", *, code: str = "untrusted") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code


def read_trusted(path: str, uid: int) -> bytes:
    """The bytes of a regular file of at most 1 MiB that only `uid` or root can write.

    Raises Untrusted, also where it cannot be opened; never follows a symbolic link and never waits (for a FIFO).
    """
    return _read(path, uid, check_file)


def real_path(path: str, root: str, uid: int) -> str:
    """The file that `path` stands for: itself, or where a symbolic link of `uid` or root leads inside of `root`.

    That is how Kubernetes and others exchange many files at once. Raises Untrusted for a link that leads elsewhere or
    nowhere, and as `check_folders` of the folders that it leads to.
    """
    if path == root or not os.path.islink(path):
        return path  # a link that was named itself is not followed: nothing says where it may lead
    check_link(os.lstat(path), uid)
    real = os.path.realpath(path)
    if not real.startswith(os.path.join(os.path.realpath(root), "")):
        raise Untrusted(f"is a symbolic link that leads out of {root}", "put the file itself here")
    if not os.path.lexists(real):
        raise Untrusted("is a symbolic link that leads to nothing", "put the file itself here")
    check_folders(os.path.dirname(real))
    return real


def check_link(found: os.stat_result, uid: int) -> None:
    """Raises Untrusted for a link that somebody else has made; its mode means nothing (symlink(7))."""
    if found.st_uid not in (uid, 0):
        raise Untrusted(f"is a symbolic link of {_user_name(found.st_uid)}", "put the file itself here")


def read_private(path: str, uid: int) -> bytes:
    """The same of a file that holds secrets: nobody else can read it either, nor exchange it in its folders."""
    check_folders(os.path.dirname(path))
    return _read(path, uid, _check_private)


def check_private(path: str, uid: int) -> None:
    """Raises Untrusted if `read_private` would not read the file, and reads nothing of it."""
    check_folders(os.path.dirname(path))
    with _opened(path) as handle:
        _check_private(os.fstat(handle), uid)


def _read(path: str, uid: int, check: Callable[[os.stat_result, int], None]) -> bytes:
    with _opened(path) as handle:
        check(os.fstat(handle), uid)
        try:
            return _settled_content(handle)
        except OSError as error:
            raise Untrusted(f"cannot be read: {error.strerror}", code="unreadable") from error


def content_hash(content: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(content).hexdigest()


@contextmanager
def _opened(path: str) -> Iterator[int]:
    try:
        handle = os.open(path, _FLAGS)
    except OSError as error:
        if os.path.islink(path):
            raise Untrusted("is a symbolic link", "put the file itself here; links are not followed") from error
        hint = f"chmod u+r {path}" if isinstance(error, PermissionError) else ""
        code = "gone" if isinstance(error, FileNotFoundError) else "unreadable"
        raise Untrusted(f"cannot be opened: {error.strerror}", hint, code=code) from error
    try:
        yield handle
    finally:
        os.close(handle)


def _settled_content(handle: int) -> bytes:
    """The content, read again while somebody writes it: half a file must not count as the file."""
    for _ in range(_TRIES):
        before = os.fstat(handle)
        content = _content(handle)
        after = os.fstat(handle)
        if (before.st_mtime_ns, before.st_size) == (after.st_mtime_ns, after.st_size) and len(content) == after.st_size:
            return content
    raise Untrusted("is being written", "it is read again when it rests", code="unreadable")


def _content(handle: int) -> bytes:
    chunks = bytearray()
    while len(chunks) <= MAX_SIZE:
        chunk = os.pread(handle, MAX_SIZE + 1 - len(chunks), len(chunks))
        if not chunk:
            break
        chunks += chunk
    return bytes(chunks)


def check_file(found: os.stat_result, uid: int) -> None:
    """Raises Untrusted unless the file is small besides what `check_owner` demands."""
    check_owner(found, uid)
    if found.st_size > MAX_SIZE:
        raise Untrusted(f"is {found.st_size} bytes long; at most 1 MiB is read", "split it into several files")


def check_owner(found: os.stat_result, uid: int) -> None:
    """Raises Untrusted unless the file is regular, of `uid` or root, and written by nobody else."""
    if not stat.S_ISREG(found.st_mode):
        raise Untrusted(f"is {_kind(found.st_mode)}, not a file")
    if found.st_uid not in (uid, 0):
        raise Untrusted(f"belongs to {_user_name(found.st_uid)}", "make yourself the owner, or copy it")
    if found.st_mode & stat.S_IWOTH:
        raise Untrusted("can be written by everybody", "chmod o-w it")
    if found.st_mode & stat.S_IWGRP and not is_private_group(found.st_uid, found.st_gid):
        raise Untrusted(f"can be written by the group {_group_name(found.st_gid)}", "chmod g-w it")


def _check_private(found: os.stat_result, uid: int) -> None:
    check_file(found, uid)
    if found.st_mode & (stat.S_IROTH | stat.S_IRGRP):
        raise Untrusted("holds secrets and can be read by others", "chmod 600 it")


def check_folders(folder: str) -> None:
    """Raises Untrusted if others may exchange what is in `folder` or one above it (writable, not sticky).

    Others are everybody, or a group with somebody in it beside the folder's owner and root.
    """
    for place in _upwards(folder):
        try:
            found = os.stat(place)
        except OSError as error:
            raise Untrusted(f"its folder {place} cannot be read: {error.strerror}", code="unreadable") from error
        if found.st_mode & stat.S_IWOTH and not found.st_mode & stat.S_ISVTX:
            raise Untrusted(f"its folder {place} can be written by everybody", f"chmod o-w {place}")
        if found.st_mode & stat.S_IWGRP and not found.st_mode & stat.S_ISVTX and has_others(found.st_uid, found.st_gid):
            group = _group_name(found.st_gid)
            raise Untrusted(f"its folder {place} can be written by the group {group}", f"chmod g-w {place}")


def _upwards(folder: str) -> Iterator[str]:
    folder = os.path.realpath(folder)
    while True:
        yield folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return
        folder = parent


@lru_cache(maxsize=256)
def has_others(uid: int, gid: int) -> bool:
    """Whether a group that this machine knows has somebody in it beside the user `uid` and root.

    A group without a name is one of another machine or container, whose folders are none of ours to judge.
    """
    try:
        members = set(grp.getgrgid(gid).gr_mem)
    except KeyError:
        return False
    members |= {user.pw_name for user in pwd.getpwall() if user.pw_gid == gid}
    own = {user.pw_name for user in pwd.getpwall() if user.pw_uid in (uid, 0)}
    return bool(members - own)


@lru_cache(maxsize=256)
def is_private_group(uid: int, gid: int) -> bool:
    """Whether the group has no member but the user `uid`: it is that user's primary group and nobody else's."""
    try:
        owner = pwd.getpwuid(uid)
        members = grp.getgrgid(gid).gr_mem
    except KeyError:
        return False
    others = [user.pw_name for user in pwd.getpwall() if user.pw_gid == gid and user.pw_uid != uid]
    return owner.pw_gid == gid and not others and set(members) <= {owner.pw_name}


def _kind(mode: int) -> str:
    kinds = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a named pipe", stat.S_IFSOCK: "a socket"}
    return kinds.get(stat.S_IFMT(mode), "a device")


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def _group_name(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
