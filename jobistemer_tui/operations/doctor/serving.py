"""The store and who serves it: engine, supervisor, what they could not do, and what went well last."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from jobistemer_tui.operations.doctor.finding import Finding, ok, problem, warning
from jobistemer_tui.operations.read_models import FileRow
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.storage.examine import Standing


@dataclass(frozen=True, slots=True)
class Served:
    """Who serves: `pid` of the engine (None: none) with its version, `supervisor` its pid, `live` attempts."""

    pid: int | None
    host: str
    version: str
    supervisor: int | None
    live: int
    seen: datetime | None


def schema(standing: Standing) -> Finding:
    """Whether this program can work with the database."""
    if standing.schema is None:
        return problem("store", "it is a database of another program", "name another store with --store sqlite:PATH")
    if standing.schema > standing.known:
        return problem("store", f"a newer version made it (schema {standing.schema})", "install that version again")
    if standing.schema < standing.known:
        return ok("store", f"schema {standing.schema}; the next start brings it to {standing.known}")
    return ok("store", f"schema {standing.schema}")


def engine(served: Served, program: str) -> Finding:
    """Whether anything is scheduled at all."""
    if served.pid is None:
        since = "" if served.seen is None else f" since {served.seen:%Y-%m-%d %H:%M} UTC"
        return warning(
            "engine", f"none runs{since}, so nothing is started", "jobistemer run, or: jobistemer service install"
        )
    text = f"process {served.pid} on {served.host}, version {served.version}"
    if served.version != program:
        return warning("engine", text, f"this program is {program}: stop the engine and start it again")
    return ok("engine", text)


def supervisor(served: Served) -> Finding:
    """Who holds the processes of tasks."""
    if served.supervisor is None and served.live and served.pid is None:
        return warning("supervisor", f"{served.live} attempts have lost theirs", "the next engine records them as lost")
    if served.supervisor is None:
        return ok("supervisor", "none runs; the first task starts it")
    if served.pid is None and served.live:
        return warning(
            "supervisor", f"process {served.supervisor} holds {served.live} attempts without an engine",
            "they run on; start an engine, which takes them over",
        )  # fmt: skip
    return ok("supervisor", f"process {served.supervisor}, {served.live} attempts")


def files(rows: Sequence[FileRow]) -> Finding:
    """The job files as an engine last read them."""
    refused = [row for row in rows if not row.loaded]
    if refused:
        first = next((item.message for item in refused[0].problems), "it was refused")
        return problem(
            "job files", f"{len(refused)} of {len(rows)} are refused: {refused[0].path}: {first}", "jobistemer check"
        )
    return ok("job files", f"{len(rows)} files" if rows else "none was read yet")


def outbox(given_up: int, waiting: int) -> Finding:
    """Hooks and notifications that did not arrive."""
    if given_up:
        return warning(
            "notifications", f"{given_up} were given up", "jobistemer show RUN says why; look at the receiver"
        )
    return ok("notifications", f"{waiting} wait" if waiting else "none wait")


def last_success(at: datetime | None) -> Finding:
    """When a run last completed."""
    return ok("last success", "no run has completed yet" if at is None else f"{at:%Y-%m-%d %H:%M:%S} UTC")
