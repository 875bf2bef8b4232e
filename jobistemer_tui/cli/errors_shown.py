"""Errors as a person, or a program, reads them on standard error."""

from __future__ import annotations

from jobistemer_tui.cli import output
from jobistemer_tui.errors import JobistemerError, ScheduleError

_INDENT = "    "


def show_error(error: JobistemerError, *, as_json: bool) -> None:
    """The message and what to do; of a schedule also the place in its text."""
    if as_json:
        from jobistemer_tui.operations.json_shapes import error_json  # every start would pay for it

        output.talk_json(error_json(error))
        return
    output.talk(f"jobistemer: {error.message}")
    if isinstance(error, ScheduleError) and error.text and error.position is not None:
        output.talk(f"{_INDENT}{error.text}\n{_INDENT}{' ' * error.position}^")
    if error.hint:
        output.talk(f"  {error.hint}")
