"""What holds for a job as such: why it runs, or would not run, from now on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo

from jobistemer_tui.domain.pauses import is_paused
from jobistemer_tui.domain.records import FileState
from jobistemer_tui.operations.read_models import EngineRole, EngineStatus
from jobistemer_tui.operations.why_absent import pause_fact
from jobistemer_tui.operations.why_answer import Evidence, Fact, moment
from jobistemer_tui.operations.why_held import held_fact
from jobistemer_tui.operations.why_history import History


def standing(
    history: History, engine: EngineStatus, *, served_here: bool, zone: tzinfo, now: datetime
) -> Iterator[Fact]:
    """What keeps the job from running, or may; nothing if all is well. `served_here`: the engine watches its file."""
    yield from _definition(history, zone)
    yield from _control(history, zone, now)
    yield from _engine(engine, served_here, history.job.source_path, zone)


def _definition(history: History, zone: tzinfo) -> Iterator[Fact]:
    job, here = history.job, Evidence("job", str(history.job.id))
    present = next((row for row in history.versions if row.number == job.version), None)
    if job.retired_at is not None:
        text = f"no watched job file holds it: it was retired at {moment(job.retired_at, zone)} ({job.source_path})"
        yield Fact(text, job.retired_at, here)
    if job.error is not None:
        yield Fact(f"it cannot be planned: {job.error}", None, here)
    if present is not None and not present.definition["enabled"]:
        yield Fact("its file says enabled = false", None, Evidence("job_version", f"{job.id} {present.number}"))
    elif not job.scheduled:
        yield Fact("it has no schedule and runs only when triggered", None, here)
    elif job.finished and not job.stopped and job.retired_at is None:
        yield Fact("its schedule has no further instant", None, here)
    if history.file is not None and history.file.state is FileState.REFUSED:
        problem = next((str(error.get("message", "")) for error in history.file.errors), "")
        text = f"its file as saved now is refused, and version {job.version} goes on: {problem}"
        yield Fact(text, history.file.read_at, Evidence("job_file", history.file.path))


def _control(history: History, zone: tzinfo, now: datetime) -> Iterator[Fact]:
    job = history.job
    if job.stopped:
        event = history.stopped_at(now + now.resolution)
        by = "" if event is None else f" by {event.actor} at {moment(event.at, zone)}"
        evidence = Evidence("job", str(job.id)) if event is None else Evidence("event", str(event.sequence))
        yield Fact(f"its schedule was stopped{by}", None if event is None else event.at, evidence)
    held = held_fact(history, None, zone)
    if held is not None:
        yield held
    pause = history.pause_at(now)
    if is_paused(job, now) and pause is not None:
        yield pause_fact(pause, zone)


def _engine(engine: EngineStatus, served_here: bool, path: str, zone: tzinfo) -> Iterator[Fact]:
    if engine.role is EngineRole.NONE:
        seen = "ever" if engine.since is None else f"since {moment(engine.since, zone)}"
        yield Fact(f"no engine runs: nothing has been started {seen}", engine.since)
    elif not served_here:
        yield Fact(f"the engine that runs ({engine.host}, process {engine.pid}) does not watch {path}", engine.since)
