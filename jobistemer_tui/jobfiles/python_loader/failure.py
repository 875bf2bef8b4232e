"""Why a Python file could not be run: the last place in it that the error passed, and what was raised."""

from __future__ import annotations

import os
import sys
import sysconfig
from itertools import islice
from types import TracebackType
from typing import Any

from jobistemer_tui.jobfiles.python_loader.places import Lines

LONGEST = 500


def failure(error: BaseException, path: str, text: str, message: str = "") -> dict[str, Any]:
    """`offset`, `message` and `hint` of an error; `message` replaces what the error itself says."""
    lines = Lines(text)
    if isinstance(error, SyntaxError) and error.filename == path and error.__traceback__ is not None:
        column = max(0, (error.offset or 1) - 1)
        return _told(lines.offset_of_characters(error.lineno or 1, column), f"{error.msg}", "", "syntax")
    if isinstance(error, RecursionError | MemoryError) and not _passed(error, path):
        return _told(0, "nested too deep for Python, or too large", "write it flatter", "too_deep")
    passed = _passed(error, path)
    offset = lines.offset(*_place(passed[-1])) if passed else 0
    return _told(offset, message or _said(error), _hint(error, path), "python")


def _told(offset: int, message: str, hint: str, code: str) -> dict[str, Any]:
    return {"offset": offset, "message": message[:LONGEST], "hint": hint[:LONGEST], "code": code}


def _passed(error: BaseException, path: str) -> list[TracebackType]:
    """The steps of the traceback that are in the file."""
    return [step for step in _steps(error) if step.tb_frame.f_code.co_filename == path]


def _steps(error: BaseException) -> list[TracebackType]:
    steps: list[TracebackType] = []
    step = error.__traceback__
    while step is not None:
        steps.append(step)
        step = step.tb_next
    return steps


def _place(step: TracebackType) -> tuple[int, int]:
    """Line, and column in bytes from 0."""
    code = step.tb_frame.f_code
    line, _, column, _ = next(islice(code.co_positions(), step.tb_lasti // 2, None), (None, None, None, None))
    return line or step.tb_lineno, column or 0


def _said(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return "the file ends the program while it is loaded"
    kind = type(error).__name__
    try:
        said = str.__str__(str(error))
    except BaseException:  # noqa: BLE001 - an error whose text raises still has a name
        said = ""
    return f"{kind}: {said}" if said else kind


def _hint(error: BaseException, path: str) -> str:
    if isinstance(error, ModuleNotFoundError):
        return f"install it for {sys.executable}, or import it inside the task that needs it"
    if isinstance(error, SystemExit) or type(error).__name__ == "TooLong":
        return "a job file only declares jobs; work belongs into a task"
    own = [step for step in _steps(error) if _is_own(step.tb_frame.f_code.co_filename)]
    if own and own[-1].tb_frame.f_code.co_filename != path:
        return f"raised at {own[-1].tb_frame.f_code.co_filename}:{own[-1].tb_lineno}"
    return ""


def _is_own(file: str) -> bool:
    """Whether somebody wrote the file for this job: it is neither of Python nor installed, nor ours."""
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    folders = (sysconfig.get_path("stdlib"), sysconfig.get_path("purelib"), os.path.dirname(here))
    return not file.startswith("<") and not file.startswith(tuple(folder + os.sep for folder in folders))
