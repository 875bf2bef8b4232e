"""`jobistemer jobs`"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from jobistemer_tui.cli import output
from jobistemer_tui.cli.first_run import visible_entries
from jobistemer_tui.cli.refused_files import tell_refused
from jobistemer_tui.cli.session import Session, global_options, pass_session
from jobistemer_tui.cli.times import local_text
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.operations.job_models import EngineRole
from jobistemer_tui.operations.json_shapes import job_json
from jobistemer_tui.operations.why_clauses import CLAUSES

_TITLES = ("NAME", "STATE", "SCHEDULE", "NEXT", "LAST", "ENDED")
_MARKS = {Reason.SKIPPED_BY_USER: " (skipped)", Reason.EXCLUDED: " (left out)", Reason.DST: " (left out)"}

if TYPE_CHECKING:
    from jobistemer_tui.operations.read_models import JobRow


@click.command("jobs")
@global_options
@pass_session
def command(session: Session) -> None:
    """List the jobs."""
    with session.opened() as opened:
        jobs = opened.operations.jobs()
        engine = opened.operations.engine()
        if engine.trouble is not None:
            output.talk(f"nothing new is started: {CLAUSES[engine.trouble]}")
        if session.as_json:
            output.as_json([job_json(job) for job in jobs])
            return
        held = {gap.job for gap in opened.operations.gaps()}
        output.table(_TITLES, [_cells(job, is_held=job.name in held) for job in jobs])
        output.flush()
        if held:
            output.talk(f"{len(held)} held: what was missed waits for a decision, see jobistemer recovery list")
        if engine.role is EngineRole.NONE and any(not job.external for job in jobs):
            output.talk("no scheduler is up, so nothing is started: start jobistemer or jobistemer run")
        tell_refused(opened.operations)
        if not jobs:
            _tell_how_to_begin(opened.locations.jobs_dir)
            if Path("jobs").is_dir():
                output.talk("to open the folder jobs that is here: jobistemer ./jobs")


def _tell_how_to_begin(folder: Path) -> None:
    if visible_entries(folder):
        output.talk(
            f"no engine has read a job in {folder} yet: start jobistemer or jobistemer run; see jobistemer check"
        )
    else:
        output.talk(f"there are no jobs yet: put a job file into {folder}; jobistemer or jobistemer run reads it")


def _cells(job: JobRow, *, is_held: bool) -> tuple[str, ...]:
    status = "-" if job.last is None else job.last.status.value
    ended = None if job.last is None else job.last.finished_at
    state = job_state(job)
    state = "held" if is_held and state == "idle" else state
    return (job.name, state, job.schedule_words, next_text(job), status, local_text(ended))


def next_text(job: JobRow) -> str:
    """When it falls due next, and what else than to run will become of it then."""
    return local_text(job.next) + _instead(job)


def _instead(job: JobRow) -> str:
    if job.next is None:
        return ""
    if job.next_mark is not None and job.next_mark in _MARKS:
        return _MARKS[job.next_mark]
    if job.paused and (job.paused_until is None or job.paused_until > job.next):
        return " (paused)"
    if job.next_mark is not None and job.next_starts is not None:
        return f" (put off until {local_text(job.next_starts)})"
    return ""


def job_state(job: JobRow) -> str:
    """What a job does now, in a word or two."""
    if job.error is not None:
        return "error"
    if job.external:
        return "running" if job.running else "external"
    if not job.loaded:
        return "not loaded"
    if job.running:
        return "running"
    if not job.enabled:
        return "stopped" if job.stopped else "disabled"
    if job.paused:
        return "paused"
    return "waiting" if job.queued else "idle"
