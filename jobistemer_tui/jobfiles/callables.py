"""Code that a `python` task names: whoever can write it can act as me, as with a job file."""

from __future__ import annotations

import os
from collections.abc import Iterator

from jobistemer_tui.jobfiles.trust import Untrusted, check_folders, check_owner


def check_callable(name: str | None, cwd: str, uid: int) -> None:
    """Raises Untrusted if a file that would be imported for a callable can be written by others than `uid` and root.

    Looked at is what lies under `cwd`, where a module is looked for first; what an interpreter has installed is as
    trusted as the interpreter.
    """
    for path in [] if name is None else _files(name.rpartition(":")[0], cwd):
        try:
            check_owner(os.stat(path), uid)
            check_folders(os.path.dirname(os.path.realpath(path)))
        except OSError as error:
            raise Untrusted(f"{path} cannot be read: {error.strerror}", code="unreadable") from error
        except Untrusted as error:
            raise Untrusted(f"{path} {error.message}", error.hint, code=error.code) from None


def _files(module: str, cwd: str) -> Iterator[str]:
    if module.endswith(".py"):
        yield os.path.join(cwd, os.path.expanduser(module))
        return
    place = cwd
    for part in module.split("."):
        place = os.path.join(place, part)
        yield from (path for path in (place + ".py", os.path.join(place, "__init__.py")) if os.path.exists(path))
