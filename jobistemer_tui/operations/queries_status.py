"""The figures of the header, the engine, and the files as last read."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from jobistemer_tui.domain.file_plan import FilePlan
from jobistemer_tui.domain.pauses import is_paused
from jobistemer_tui.domain.records import FileState, JobFile
from jobistemer_tui.domain.states import OWNED_OCCURRENCES, WAITING_OCCURRENCES
from jobistemer_tui.engine.file_events import RELOADED, is_denied
from jobistemer_tui.engine.transactions.common import is_ticking
from jobistemer_tui.jobfiles.folders import is_under
from jobistemer_tui.operations.queries_definitions import zone_warning
from jobistemer_tui.operations.queries_jobs import is_loaded
from jobistemer_tui.operations.read_models import (
    Counts,
    EngineRole,
    EngineStatus,
    FileProblem,
    FileRow,
    JobRow,
    LiveRuns,
)
from jobistemer_tui.storage.contract import Reader, Store
from jobistemer_tui.storage.tables import (
    EVENTS_BY_JOB,
    FILES_BY_ROOT,
    JOBS_BY_KEY,
    NODES,
    NODES_BY_START,
    OCCURRENCES_BY_DUE,
    OCCURRENCES_BY_OWNER,
)

_NODES = 100
_LOOKED_AT = 500
"""How many events that belong to no job are looked through for the newest change of files."""


def counts(reader: Reader, now: datetime, rows: Sequence[JobRow] | None = None) -> Counts:
    """What is live now, and what needs a look. `rows` are all jobs, where they are known and need not be read."""
    if rows is not None:
        jobs = [(row.ticking, row.paused) for row in rows if row.loaded]
    else:
        jobs = [(is_ticking(job), is_paused(job, now)) for job in reader.scan(JOBS_BY_KEY) if is_loaded(job)]
    ticking = [paused for ticks, paused in jobs if ticks]
    return Counts(
        jobs=len(jobs),
        running=sum(reader.count(OCCURRENCES_BY_DUE, state) for state in OWNED_OCCURRENCES),
        queued=sum(reader.count(OCCURRENCES_BY_DUE, state) for state in WAITING_OCCURRENCES),
        paused=sum(paused for _, paused in jobs),
        all_paused=bool(ticking) and all(ticking),
        refused_files=sum(file.state is FileState.REFUSED for file in reader.scan(FILES_BY_ROOT)),
    )


def live_runs(reader: Reader, nodes_dir: Path) -> LiveRuns:
    """The runs of the engine that serves the store, and all that wait; what others run (`exec`) goes on without it."""
    from jobistemer_tui.engine.engine_lock import serving_engine

    owner = serving_engine(nodes_dir)
    own = (
        0
        if owner is None
        else sum(reader.count(OCCURRENCES_BY_OWNER, owner.node_id, state) for state in OWNED_OCCURRENCES)
    )
    pending, queued = (reader.count(OCCURRENCES_BY_DUE, state) for state in WAITING_OCCURRENCES)
    return LiveRuns(own, pending, queued)


def watched_roots(nodes_dir: Path) -> tuple[Path, ...]:
    """The files and folders that the serving engine watches; none if no engine serves the store."""
    from jobistemer_tui.engine.engine_lock import serving_engine

    owner = serving_engine(nodes_dir)
    return () if owner is None else tuple(map(Path, owner.roots))


def engine_status(reader: Reader, nodes_dir: Path) -> EngineStatus:
    """Who serves the store, judged from its lock; with nobody there, when the last engine was seen alive."""
    from jobistemer_tui.engine.engine_lock import serving_engine

    owner = serving_engine(nodes_dir)
    if owner is not None:
        role = EngineRole.SERVING if owner.pid == os.getpid() else EngineRole.ATTACHED
        node = reader.get(NODES, owner.node_id)
        warning = "" if node is None or role is EngineRole.SERVING else zone_warning(node.timezone_data)
        trouble = None if node is None else node.trouble
        return EngineStatus(role, owner.host, owner.pid, owner.started_at, zone_warning=warning, trouble=trouble)
    newest = next(iter(reader.scan(NODES_BY_START, reverse=True, limit=1)), None)
    if newest is None:
        return EngineStatus(EngineRole.NONE, None, None, None)
    return EngineStatus(EngineRole.NONE, newest.host, None, newest.stopped_at or newest.swept_at)


def elsewhere(store: Store, status: EngineStatus) -> EngineStatus:
    """The status, but where no engine serves in this home, the newest one that serves a shared store elsewhere."""
    from jobistemer_tui.storage.read_only import shared_store

    shared = shared_store(store) if status.role is EngineRole.NONE else None
    if shared is None:
        return status
    rows = store.read(lambda reader: reader.scan(NODES_BY_START, reverse=True, limit=_NODES))
    alive = shared.alive(row.id for row in rows if row.stopped_at is None)
    node = next((row for row in rows if row.id in alive), None)
    if node is None:
        return status
    warning = zone_warning(node.timezone_data)
    return EngineStatus(
        EngineRole.ATTACHED, node.host, None, node.started_at, zone_warning=warning, trouble=node.trouble
    )


def file_rows(reader: Reader, roots: Sequence[Path]) -> list[FileRow]:
    """Every job file as an engine last read it, by root and path; `roots`: what the serving one watches (none: all)."""
    names = [str(root) for root in roots]
    return [_file_row(file, not names or is_under(file.path, names)) for file in reader.scan(FILES_BY_ROOT)]


def last_change(reader: Reader) -> FilePlan | None:
    """What the newest change of job files did, if the audit still has it."""
    newest = reader.scan(EVENTS_BY_JOB, None, reverse=True, limit=_LOOKED_AT)
    return next((FilePlan.from_json(event.detail) for event in newest if event.kind == RELOADED), None)


def _file_row(file: JobFile, watched: bool) -> FileRow:
    return FileRow(
        path=file.path,
        root=file.root,
        loaded=file.state is FileState.LOADED,
        read_at=file.read_at,
        jobs=tuple(file.jobs),
        problems=tuple(file_problem(error, file.path) for error in file.errors),
        denied=is_denied(file.errors),
        watched=watched,
    )


def file_problem(value: Mapping[str, Any], path: str) -> FileProblem:
    """A stored diagnostic for display."""
    return FileProblem(
        file=str(value.get("file", path)),
        line=int(value.get("line", 0)),
        column=int(value.get("column", 0)),
        severity=str(value.get("severity", "error")),
        message=str(value.get("message", "")),
        hint=str(value.get("hint", "")),
        source_line=str(value.get("source_line", "")),
    )
