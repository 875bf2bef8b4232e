"""Runs one Python callable as a task: `python run.py MODULE:CALLABLE`, in the folder that its module is looked for in.

The file is started by its path and imports the standard library alone, as little of it as can be: every run pays for
it. It also works in other interpreters (3.8 and later), as `python_executable` may name one.
"""

from __future__ import annotations

import json
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import logging
    from collections.abc import Callable
    from datetime import datetime
    from typing import Any


class Context:
    """What a callable may know of its run. Instants are aware UTC.

    `outputs` maps each task that this one needs, directly or through others, to its outputs. `state` is the job's
    durable state: change it, and it is kept if the task succeeds. `window` holds `start`, `end`, `count` and
    `instants` of a compressed recovery, else it is None. `follows` are the runs of other jobs after which this one was
    started, each with `job`, `occurrence_id`, `status` and `finished_at`.
    """

    def __init__(self, given: dict[str, Any]) -> None:
        self.job: str = given["job"]
        self.task: str = given["task"]
        self.trigger: str = given["trigger"]
        self.occurrence_id: str = given["occurrence_id"]
        self.attempt_id: str = given["attempt_id"]
        self.attempt: int = given["attempt"]
        self.fence: int = given["fence"]
        self.is_recovery_run: bool = given["is_recovery_run"]
        self.follows: list[dict[str, Any]] = given["follows"]
        self.params: dict[str, Any] = given["params"]
        self.outputs: dict[str, dict[str, Any]] = given["outputs"]
        self.state: dict[str, Any] = given["state"]
        self._given = given

    @property
    def scheduled_time(self) -> datetime:
        """The instant that this run is for."""
        return _instant(self._given["scheduled_time"])

    @property
    def actual_time(self) -> datetime:
        """When this try was started."""
        return _instant(self._given["actual_time"])

    @property
    def last_run_time(self) -> datetime | None:
        """When the run before this one was started; None at the first."""
        text = self._given["last_run_time"]
        return _instant(text) if text else None

    @property
    def window(self) -> dict[str, Any] | None:
        """The instants that a compressed recovery stands for."""
        window = self._given["window"]
        if window is None:
            return None
        instants = [_instant(text) for text in window["instants"]]
        return {**window, "start": _instant(window["start"]), "end": _instant(window["end"]), "instants": instants}

    @property
    def log(self) -> logging.Logger:
        """A logger whose lines go to the task's log."""
        import logging

        logger = logging.getLogger("jobistemer.task")
        if not logger.hasHandlers():
            handler = logging.StreamHandler()
            handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
            logger.addHandler(handler)
            logger.setLevel(logging.INFO)
        return logger


def _instant(text: str) -> datetime:
    from datetime import datetime

    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def main() -> None:
    """Run what the command line names; an exception is exit code 1, with its traceback on standard error."""
    name = sys.argv.pop()
    sys.argv[0] = name
    sys.path[0] = os.getcwd()  # as `python -m` has it, rather than the folder of this file
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # whoever follows the log sees lines at once
    with open(os.environ["JOBISTEMER_CONTEXT"], encoding="utf-8") as file:
        given = json.load(file)
    before = json.dumps(given["state"])
    try:
        function = find(name, given.get("code"))
        context = Context(given)
        result = call(function, context, given["args"], given["kwargs"])
        hand_on(result, context.state, before)
    except Exception:  # noqa: BLE001 - of whatever kind it is, it is the task's failure
        _show_error()
        sys.exit(1)


def find(name: str, code: dict[str, str] | None = None) -> Callable[..., Any]:
    """The callable of `package.module:name.attribute` or `path/file.py:name`. Raises whatever the import raises.

    `code` is the `path` and `text` of the job file that the callable is a function of. A method that takes `self` is
    bound to a new object of its class.
    """
    module_name, _, path = name.rpartition(":")
    if code is not None:
        found = _import_code(code["path"], code["text"])
    else:
        found = _import_file(module_name) if module_name.endswith(".py") else _import_module(module_name)
    for part in path.split("."):
        owner, found = found, getattr(found, part)
        if isinstance(owner, type) and _parameters(found)[0][:1] == ["self"]:
            found = getattr(owner(), part)
    if not callable(found):
        raise TypeError(f"{name} is not callable")
    function: Callable[..., Any] = found
    return function


def _import_module(name: str) -> Any:
    from importlib import import_module

    return import_module(name)


def _import_file(path: str) -> Any:
    from importlib.util import module_from_spec, spec_from_file_location

    path = os.path.abspath(os.path.expanduser(path))
    sys.path[0] = os.path.dirname(path)
    spec = spec_from_file_location(os.path.basename(path)[:-3], path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} cannot be imported")
    module = sys.modules[spec.name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _import_code(path: str, text: str) -> Any:
    """The job file as it was published, run from its text; whatever the file holds now, tracebacks show these lines."""
    import linecache
    from types import ModuleType

    root = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
    sys.path[0] = root
    import jobistemer_tui  # noqa: F401 - what a job file imports is that of the engine, in whatever interpreter

    _Neighbours(os.path.dirname(path)).watch()
    sys.path[0] = os.path.dirname(path)
    linecache.cache[path] = (len(text), None, text.splitlines(True), path)
    module = sys.modules[os.path.basename(path)[:-3]] = ModuleType(os.path.basename(path)[:-3])
    module.__file__ = path
    exec(compile(text, path, "exec", dont_inherit=True), module.__dict__)
    return module


class _Neighbours:
    """Finds modules as usual and refuses those beside the job file that others can write, as its loading does."""

    def __init__(self, folder: str) -> None:
        from importlib.machinery import PathFinder
        from importlib.util import module_from_spec, spec_from_file_location

        self._folder = os.path.join(os.path.realpath(folder), "")
        self._finder = PathFinder
        # By its file: its package is for the engine's interpreter. Before the folder is looked into for modules.
        place = os.path.join(os.path.dirname(__file__), "..", "..", "jobfiles", "trust.py")
        spec = spec_from_file_location("jobistemer_trust", place)
        assert spec is not None
        assert spec.loader is not None
        self._trust = module_from_spec(spec)
        spec.loader.exec_module(self._trust)

    def watch(self) -> None:
        """From now on be asked, after what is built in and before the finder of files."""
        before = sys.meta_path.index(self._finder) if self._finder in sys.meta_path else 0
        sys.meta_path.insert(before, self)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """As `PathFinder` does. Raises ImportError for what is not trusted."""
        spec = self._finder.find_spec(name, path, target)
        file = os.path.realpath(spec.origin) if spec is not None and spec.has_location and spec.origin else ""
        if not file.startswith(self._folder):
            return None  # for those whose turn it is
        try:
            self._trust.check_owner(os.stat(file), os.getuid())
            self._trust.check_folders(os.path.dirname(file))
        except self._trust.Untrusted as error:
            raise ImportError(f"{file} {error.message}", name=name, path=file) from None
        return spec


def call(function: Callable[..., Any], context: Context, args: list[Any], kwargs: dict[str, Any]) -> Any:
    """Call it with its arguments, and with the context if it takes one; what it awaits is awaited."""
    if takes_context(function, args, kwargs):
        kwargs = {**kwargs, "context": context}
    result = function(*args, **kwargs)
    if hasattr(result, "__await__"):
        import asyncio

        async def wait() -> Any:
            return await result

        return asyncio.run(wait())
    return result


def takes_context(function: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]) -> bool:
    """Whether it has a parameter named `context` that the arguments do not fill."""
    if "context" in kwargs:
        return False
    names, positional = _parameters(function)
    return "context" in names and "context" not in positional[: len(args)]


def _parameters(function: Callable[..., Any]) -> tuple[list[str], list[str]]:
    """The names of all parameters, and of those that positions fill."""
    code = getattr(function, "__code__", None)
    if type(function).__name__ == "function" and code is not None and not hasattr(function, "__wrapped__"):
        # What `inspect` would say too, without the milliseconds that its import takes.
        positional = list(code.co_varnames[: code.co_argcount])
        return [
            *positional,
            *code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount],
        ], positional
    import inspect

    try:
        parameters = inspect.signature(function).parameters
    except ValueError:  # a builtin that does not say
        return [], []
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return list(parameters), [name for name, parameter in parameters.items() if parameter.kind in kinds]


def hand_on(result: object, state: object, before: str) -> None:
    """Leave outputs and state in their files. Raises TypeError or ValueError for what JSON cannot hold."""
    if result is not None:
        if not isinstance(result, dict):
            raise TypeError(f"a task returns a dict of its outputs or nothing, not {type(result).__name__}")
        _write(os.environ["JOBISTEMER_OUTPUT"], result)
    if not isinstance(state, dict):
        raise TypeError(f"context.state must be a dict, not {type(state).__name__}")
    if json.dumps(state) != before:
        _write(os.environ["JOBISTEMER_STATE"], state)


def _write(path: str, value: dict[Any, Any]) -> None:
    text = json.dumps(value, allow_nan=False)
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def _show_error() -> None:
    """The traceback without the frames of this file."""
    import traceback

    kind, error, frames = sys.exc_info()
    while frames is not None and frames.tb_frame.f_code.co_filename == __file__:
        frames = frames.tb_next
    traceback.print_exception(kind, error, frames)


if __name__ == "__main__":
    main()
