"""What a Python job file imports: `from jobistemer_tui import Cron, Iso8601, Once, defaults, job, task`.

Here words are only noted. They are judged where those of TOML and YAML are, once the file has been run to its end.
The file imports the standard library alone and works in Python 3.8 and later, because the callables of a job file may
run in another interpreter than the engine's.
"""

from __future__ import annotations

import sys
from itertools import islice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    T = TypeVar("T")


class Schedule:
    """A schedule as a job file writes it: one word with its value, and options."""

    word = ""

    def __init__(self, value: Any, options: dict[str, Any]) -> None:
        self.value = value
        self.options = options

    def plain(self) -> Any:
        """What TOML or YAML would hold."""
        return {self.word: self.value, **self.options}


class Cron(Schedule):
    """A cron expression.

    Options are `timezone`, `start`, `end`, `seconds`, `dst_gap`, `dst_overlap`, `exclude` and `jitter`.
    """

    word = "cron"

    def __init__(self, expression: str, **options: Any) -> None:
        super().__init__(expression, options)


class Iso8601(Schedule):
    """An ISO 8601 duration (`"PT90M"`) or repeating interval (`"R10/2026-03-01T09:00/P1D"`).

    Options of a duration are `timezone`, `start`, `end`, `repetitions`, `exclude` and `jitter`; an interval says start
    and repetitions itself.
    """

    word = "interval"

    def __init__(self, interval: str, **options: Any) -> None:
        super().__init__(interval, options)

    def plain(self) -> Any:
        if isinstance(self.value, str) and self.value.strip().startswith("R"):
            return {"any": [self.value], **self.options} if self.options else self.value
        return super().plain()


class Once(Schedule):
    """One time, `"2026-12-01T09:00"` or a datetime; options are `timezone`, `exclude` and `jitter`."""

    word = "once"

    def __init__(self, at: Any, **options: Any) -> None:
        super().__init__(at, options)


class Declared:
    """One call of `job`, `task` or `defaults`: its words, where it stands, and what it decorates (None: nothing)."""

    def __init__(self, kind: str, words: dict[str, Any], code: Any, instruction: int) -> None:
        self.kind = kind
        self.words = words
        self.target: Any = None
        self._code = code
        self._instruction = instruction

    def __call__(self, target: T) -> T:
        self.target = target
        return target

    def position(self) -> tuple[int, int, int, int]:
        """Line and column of the call's begin and end; lines from 1, columns in bytes of UTF-8 from 0."""
        line, end_line, column, end_column = next(islice(self._code.co_positions(), self._instruction // 2, None))
        return line or 1, column or 0, end_line or 1, end_column or 0


DECLARED: list[Declared] = []
"""All calls in their order."""


def _declare(kind: str, words: dict[str, Any]) -> Declared:
    frame: Any = sys._getframe(2)
    own = main_file()
    called = frame
    while own and called is not None and called.f_code.co_filename != own:
        called = called.f_back
    frame = called or frame
    found = Declared(kind, words, frame.f_code, frame.f_lasti)
    DECLARED.append(found)
    return found


_MAIN: list[str] = []


def main_file(path: str = "") -> str:
    """The job file that is being run, so that a call in a module that it imports is seen where it called that."""
    if path:
        _MAIN[:] = [path]
    return _MAIN[0] if _MAIN else ""


def job(target: Any = None, /, **words: Any) -> Any:
    """Declare a job: over a function, which is its task; over a class, whose `@task`s are its; or by itself.

    The words are those of a table `[jobs.NAME]`; `name` is the job's name, by default that of the function or class.
    """
    found = _declare("job", words)
    return found if target is None else found(target)


def task(target: Any = None, /, **words: Any) -> Any:
    """Declare a task: over a function, or by itself with `run`, `command` or `python`, in the class of a job.

    The words are those of a table `[[jobs.NAME.tasks]]`; in `needs` may stand the tasks themselves.
    """
    found = _declare("task", words)
    return found if target is None else found(target)


def defaults(**words: Any) -> None:
    """Set what all jobs of this file start from: the words of `[defaults]`."""
    _declare("defaults", words)
