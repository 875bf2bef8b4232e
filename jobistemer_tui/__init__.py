"""Jobistemer: a job manager for the terminal.

Python job files import `Cron`, `Iso8601`, `Once`, `defaults`, `job` and `task` from here (see `authoring`).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jobistemer_tui.authoring import Cron, Iso8601, Once, defaults, job, task

__version__ = "0.1.0"
__all__ = ["Cron", "Iso8601", "Once", "__version__", "defaults", "job", "task"]


def __getattr__(name: str) -> object:
    """The words of `authoring`, loaded when first asked for: everything else here does without."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from jobistemer_tui import authoring

    return getattr(authoring, name)
