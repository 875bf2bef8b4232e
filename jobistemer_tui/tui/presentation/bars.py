"""The bar under the header: the one thing that most needs a look."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rich.cells import cell_len

from jobistemer_tui.operations.gap_words import length_words, whole
from jobistemer_tui.operations.job_models import EngineRole, EngineStatus, FileProblem

from .durations import whole_duration
from .fitting import cleaned, shown
from .moments import day_text

if TYPE_CHECKING:
    from jobistemer_tui.operations.engine_crash import EngineCrash
    from jobistemer_tui.operations.queries_gaps import Held

    from .job_rows import Viewpoint


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
    return f" △ nothing scheduled {since}: no engine is up (jobistemer run)"


def restarted_words(crash: EngineCrash) -> str:
    """Told once when the engine is up again."""
    return f"the engine crashed and is up again\n{cleaned(crash.error)}\nE says more"


def settings_text(problems: Sequence[FileProblem], width: int) -> str:
    """`△ config.toml:12:3: unknown action 'run_nw' (did you mean "run_now"?) · 2 more`; empty if nothing is wrong."""
    if not problems:
        return ""
    tail = f" · {len(problems) - 1} more" if len(problems) > 1 else ""
    head = " △ "
    return head + shown(place_words(problems[0]), max(12, width - cell_len(head + tail) - 1)) + tail


def place_words(problem: FileProblem) -> str:
    """A problem with the name of its file, its place and its hint."""
    name = problem.file.rpartition("/")[2]
    place = f"{name}:{problem.line}:{problem.column}" if problem.line else name
    return cleaned(f"{place}: {problem.message}" + (f" ({problem.hint})" if problem.hint else ""))


def marks_text(marks: int) -> str:
    """What the keys act on."""
    rows = "1 row is marked: keys act on it" if marks == 1 else f"{marks} rows are marked: keys act on all of them"
    return f" ◆ {rows} · esc forgets"


def held_text(held: Held, now: datetime, width: int) -> str:
    """`recovery of 7h12m: 34 runs of 5 jobs held, 9m12s left · I inbox`; shorter where there is less room."""
    length = length_words(held.down_at, held.awake_at)
    runs = f"{held.instants}{'' if held.counted else '+'} missed" if held.instants else "what was missed"
    jobs = "1 job" if held.jobs == 1 else f"{held.jobs} jobs"
    left = whole((held.until - now).total_seconds())
    waits = "until the clock is steady" if held.waits_for_clock else "for you"
    texts = (
        f" ↺ recovery of {length}: {runs} of {jobs} held {waits}, {left} left · I inbox",
        f" ↺ {runs} of {jobs} held, {left} left · I inbox",
        f" ↺ {jobs} held, {left} · I",
    )
    return next((text for text in texts if cell_len(text) <= width), texts[-1])
