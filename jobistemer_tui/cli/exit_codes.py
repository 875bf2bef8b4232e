"""What the exit codes mean, after sysexits.h where it has a code."""

from __future__ import annotations

from enum import IntEnum

from jobistemer_tui import errors


class ExitCode(IntEnum):
    """See the guide; a code never changes its meaning."""

    DONE = 0
    FAILED = 1
    CHANGES = 2
    USAGE = 64
    BAD_DATA = 65
    NOT_FOUND = 66
    STORE_UNAVAILABLE = 69
    HOME_NOT_WRITABLE = 73
    ALREADY_SERVED = 75
    STORE_TOO_NEW = 76
    INTERRUPTED = 130


_BY_ERROR: tuple[tuple[type[errors.JobistemerError], ExitCode], ...] = (
    (errors.ScheduleError, ExitCode.BAD_DATA),
    (errors.JobFileError, ExitCode.BAD_DATA),
    (errors.StoreTooNew, ExitCode.STORE_TOO_NEW),
    (errors.StoreError, ExitCode.STORE_UNAVAILABLE),
    (errors.HomeNotWritable, ExitCode.HOME_NOT_WRITABLE),
    (errors.AlreadyServed, ExitCode.ALREADY_SERVED),
    (errors.NotFound, ExitCode.NOT_FOUND),
    (errors.Refused, ExitCode.FAILED),
    (errors.UsageError, ExitCode.USAGE),
)


_BY_CODE: dict[str, ExitCode] = {"no_supervisor": ExitCode.STORE_UNAVAILABLE}
"""Errors of the engine, which the command line knows by their word only."""


def exit_code_of(error: errors.JobistemerError) -> ExitCode:
    """The code that an error ends the program with."""
    if error.code in _BY_CODE:
        return _BY_CODE[error.code]
    return next((code for kind, code in _BY_ERROR if isinstance(error, kind)), ExitCode.FAILED)
