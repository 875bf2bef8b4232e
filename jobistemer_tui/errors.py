"""Every error that reaches a person, in one tree.

JobistemerError
├── ScheduleError           a schedule that means nothing, or not what it seems (see schedules/)
├── JobFileError            a job file cannot be read at all
├── StoreError
│   ├── StoreUnavailable    the store cannot be reached, opened or written now
│   │   ├── NetworkFileSystem   an embedded database on a network file system is refused
│   │   ├── StoreDamaged    the store holds what no version of ours wrote
│   │   └── StoreFull       no space is left for a write
│   └── StoreTooNew         a newer version of the program made this database
├── HomeNotWritable         the folders for data cannot be made or written
├── AlreadyServed           another engine serves this store
├── EngineFenced            an engine found that the store may no longer be its own, and stopped itself
├── NotFound                no such path, job, occurrence or attempt
│   └── NoSuchJob           no job of that name is in the store; `near` is the name that was probably meant
├── Refused                 the request is understood but not allowed in this state
└── UsageError              the command's words are off

Each message says what happened and what to do.
"""

from __future__ import annotations


class JobistemerError(Exception):
    """Base of all errors shown to a person.

    `code` is a stable word for tools, `hint` says what to do (may be empty).
    """

    code = "error"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ScheduleError(JobistemerError):
    """A schedule is refused.

    `text` is the whole expression, `position` the 0-based character at fault (or None).
    """

    code = "schedule"

    def __init__(self, message: str, *, text: str = "", position: int | None = None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.text = text
        self.position = position


class JobFileError(JobistemerError):
    """A job file or folder cannot be read at all."""

    code = "job_file"


class StoreError(JobistemerError):
    """Base of what a store can raise."""

    code = "store"


class StoreUnavailable(StoreError):
    """The store cannot be reached, opened or written now; nothing was written."""

    code = "store_unavailable"


class StoreTooNew(StoreError):
    """A newer version of the program made this database."""

    code = "store_too_new"


class NetworkFileSystem(StoreUnavailable):
    """An embedded database on a network file system is refused."""

    code = "network_file_system"


class StoreDamaged(StoreUnavailable):
    """The store holds what no version of ours wrote; nothing was written, and to try again is of no use."""


class StoreFull(StoreUnavailable):
    """No space is left for a write; nothing was written."""

    code = "store_full"


class HomeNotWritable(JobistemerError):
    """The folders for configuration or data cannot be made or written."""

    code = "home_not_writable"


class AlreadyServed(JobistemerError):
    """Another engine serves this store; `pid` is that engine's, where known."""

    code = "already_served"

    def __init__(self, message: str, *, pid: int | None = None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.pid = pid


class EngineFenced(JobistemerError):
    """An engine found its lock or its database replaced under it, and stopped itself."""

    code = "engine_fenced"


class NotFound(JobistemerError):
    """No such path, job, occurrence or attempt."""

    code = "not_found"


class NoSuchJob(NotFound):
    """The store has no job `name`; `near` is the name that was probably meant, or empty."""

    def __init__(self, message: str, *, name: str, near: str, hint: str) -> None:
        super().__init__(message, hint=hint)
        self.name = name
        self.near = near


class Refused(JobistemerError):
    """The request is understood but not allowed in the present state."""

    code = "refused"


class UsageError(JobistemerError):
    """The words of a command are off."""

    code = "usage"


ODDITIES = (ArithmeticError, LookupError, TypeError, ValueError)
"""What is raised over a row or a value that makes no sense: it is wrong with that one, and the others go on."""


def only_error(group: ExceptionGroup[Exception]) -> JobistemerError | None:
    """The first error, if a person can do something about all of them."""
    _, defects = group.split(JobistemerError)
    first: BaseException = group
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    return first if defects is None and isinstance(first, JobistemerError) else None
