"""`python load.py PATH DESCRIPTOR SECONDS`: runs the job file that comes on standard input and is called PATH.

What it declares, or why it cannot be run, is written to the descriptor as one JSON document, in characters of ASCII.
What the file prints goes where standard output goes.
"""

from __future__ import annotations

import ast
import os
import signal
import sys
from types import FrameType, ModuleType
from typing import Any

PACKAGE_ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

MEMORY = 4 * 1024**3
"""Bytes of address space; libraries of numbers reserve a good deal that they never use."""


class TooLong(BaseException):
    """The time for loading is over. No Exception, so that a file that catches all of those does not catch it."""


def main() -> None:
    """Run the file and write the document."""
    path, descriptor, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    folder = os.path.dirname(path)
    _use_package(folder)
    # Bound here, before the file runs: it may put others into their places.
    from json import dumps
    from os import close, getpid, write

    text = sys.stdin.buffer.read().decode()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.set_inheritable(descriptor, False)
    sys.argv[:] = [path]
    me = getpid()
    _take_little_memory()
    write(descriptor, b" ")  # from here on the time counts
    document = dumps(declared_in(path, text, seconds)).encode("ascii")
    if getpid() != me:
        return  # the file has forked, and this is the copy
    while document:
        document = document[write(descriptor, document) :]
    close(descriptor)


def _use_package(folder: str) -> None:
    """Have the package that the engine has, and let the file's own folder come first for all others."""
    sys.path[0] = PACKAGE_ROOT
    import jobistemer_tui  # from here on the package is the one found now

    sys.path[0] = folder
    # What the package of job files imports takes longer than all the rest of this, and nothing of it is needed.
    bare = sys.modules["jobistemer_tui.jobfiles"] = ModuleType("jobistemer_tui.jobfiles")
    bare.__path__ = [os.path.join(os.path.dirname(jobistemer_tui.__file__), "jobfiles")]


def _take_little_memory() -> None:
    """A file that takes all the memory it can get must not take the engine along."""
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard), hard))
    try:  # and Linux, short of memory, ends this process first
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
            file.write("1000")
    except OSError:
        return


def declared_in(path: str, text: str, seconds: float) -> dict[str, Any]:
    """Run the text as the file `path`: what it declares, or its `error`."""
    from jobistemer_tui import authoring
    from jobistemer_tui.jobfiles.python_loader.collect import Collector
    from jobistemer_tui.jobfiles.python_loader.failure import failure
    from jobistemer_tui.jobfiles.python_loader.imports import watch_imports
    from jobistemer_tui.jobfiles.python_loader.places import Places

    imported = watch_imports(os.path.dirname(path))
    module = ModuleType(os.path.basename(path)[: -len(".py")])
    module.__file__ = path
    sys.modules[module.__name__] = module
    authoring.main_file(path)
    try:
        tree = ast.parse(text, path)
        code = compile(text, path, "exec", dont_inherit=True)
        _limit(seconds)
        exec(code, module.__dict__)
        signal.setitimer(signal.ITIMER_REAL, 0)
        collected = Collector(module, Places(text, tree), os.path.basename(path), list(authoring.DECLARED)).document()
    except BaseException as error:  # noqa: BLE001 - whatever the file raises is to be told
        signal.setitimer(signal.ITIMER_REAL, 0)
        if isinstance(error, TooLong):
            return {"error": failure(error, path, text, f"loading it takes longer than {seconds:g} s")}
        return {"error": failure(error, path, text)}
    return {**collected, "imported": imported}


def _limit(seconds: float) -> None:
    """Interrupt the file when its time is over, so that the place can be told; the engine kills what goes on."""

    def too_long(_signal: int, _frame: FrameType | None) -> None:
        raise TooLong

    signal.signal(signal.SIGALRM, too_long)
    signal.setitimer(signal.ITIMER_REAL, seconds)


if __name__ == "__main__":
    main()
