"""The bar under the header: the one thing that most needs a look."""

from __future__ import annotations

from rich.cells import cell_len

from jobistemer_tui.operations.engine_crash import EngineCrash
from jobistemer_tui.operations.read_models import EngineRole, EngineStatus

from .durations import whole_duration
from .fitting import cleaned, shown
from .job_rows import Viewpoint
from .moments import day_text


def crash_text(crash: EngineCrash, view: Viewpoint, width: int) -> str:
    """`✗ engine crashed 3 times: ValueError: boom · again in 4s · E says more`."""
    times = "" if crash.count == 1 else f" {crash.count} times"
    wait = (crash.retry_at - view.now).total_seconds()
    again = f"again in {whole_duration(wait)}" if wait >= 1 else "starting again"
    head, tail = f" ✗ engine crashed{times}: ", f" · {again} · E says more"
    return head + shown(crash.error, max(12, width - cell_len(head) - cell_len(tail))) + tail


def unscheduled_text(status: EngineStatus, view: Viewpoint) -> str:
    """For a window that runs no engine: since when nothing has been scheduled; empty while an engine is up."""
    if status.role is not EngineRole.NONE:
        return ""
    since = "yet" if status.since is None else f"since {day_text(status.since, view.now, view.style.zone)}"
    return f" △ nothing has been scheduled {since}: no engine is up (jobistemer run)"


def restarted_words(crash: EngineCrash) -> str:
    """Told once when the engine is up again."""
    return f"the engine crashed and is up again\n{cleaned(crash.error)}\nE says more"
