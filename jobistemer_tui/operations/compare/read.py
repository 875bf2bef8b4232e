"""Puts a comparison together: what the store knows of both tries, then what they wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from jobistemer_tui.domain.definition_diff import Difference, differences
from jobistemer_tui.domain.durations import duration_text, took_text
from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.sizes import size_text
from jobistemer_tui.engine.definitions import Definitions
from jobistemer_tui.operations.compare.choose import Choice, Chosen, Pair
from jobistemer_tui.operations.compare.logs import compare_logs
from jobistemer_tui.operations.compare.model import Comparison, FactPair, Side
from jobistemer_tui.operations.environment import MASK, Variable, compare_variables, looks_secret
from jobistemer_tui.operations.log_folder import LogState
from jobistemer_tui.operations.log_reader import LogReader
from jobistemer_tui.operations.queries_definitions import ListedVersions
from jobistemer_tui.operations.read_models import AttemptRow
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.storage.contract import Reader

CONTEXT_LINES = 3


@dataclass(frozen=True, slots=True)
class Known:
    """Two tries, and the definitions that they ran as."""

    pair: Pair
    before: JobDefinition
    after: JobDefinition


def read_pair(
    reader: Reader, versions: ListedVersions, definitions: Definitions, first: str, second: str | None
) -> Known:
    """What the store knows of the two that are meant; see `choose.Choice.pair`. Raises NotFound, Refused."""
    pair = Choice(reader, versions, definitions).pair(first, second)
    ran_as = [definitions.of(reader, side.run.row.job_id, side.run.row.version) for side in (pair.before, pair.after)]
    return Known(pair, ran_as[0], ran_as[1])


def comparison(
    known: Known, folder_of: Callable[[UUID], Path], *, context: int = CONTEXT_LINES, exact: bool = False
) -> Comparison:
    """The whole comparison; reads the logs, of an attempt in the folder that `folder_of` gives.

    `exact`: of these nothing is normalised.
    """
    before, after = _side(known.pair.before), _side(known.pair.after)
    log = compare_logs(_reader(before, folder_of), _reader(after, folder_of), context=context, exact=exact)
    return Comparison(
        before=before, after=after, why=known.pair.why, facts=tuple(_facts(known.pair)),
        environment=_environment(known, before.task, after.task), definition=tuple(_definition(known)), log=log,
        notes=tuple(_notes(before, after, log.before_state, log.after_state)),
    )  # fmt: skip


def _reader(side: Side, folder_of: Callable[[UUID], Path]) -> LogReader:
    return LogReader(folder_of(side.attempt.id), ended=side.attempt.finished_at is not None)


def _side(chosen: Chosen) -> Side:
    assert chosen.task is not None
    assert chosen.attempt is not None
    return Side(chosen.attempt, chosen.task.name, len(chosen.task.attempts), chosen.run.row)


def _facts(pair: Pair) -> Iterator[FactPair]:
    one, other = (dict(_known_of(side)) for side in (pair.before, pair.after))
    times = [_seconds(side.attempt) for side in (pair.before, pair.after)]
    for name in dict.fromkeys((*one, *other)):
        counts = _took_otherwise(*times) if name == "took" else name not in _ALWAYS_OTHER
        yield FactPair(name, one.get(name, "–"), other.get(name, "–"), counts)


_ALWAYS_OTHER = frozenset({"run", "attempt", "scheduled", "started late", "cpu time", "peak memory"})
_TAKES_LONGER, _LEAST_LONGER_S = 1.5, 1.0


def _took_otherwise(one: float | None, other: float | None) -> bool:
    """Whether one took half as long again as the other; lengths that differ by less than a second say nothing."""
    if one is None or other is None:
        return one is not other
    return abs(one - other) >= _LEAST_LONGER_S and max(one, other) >= _TAKES_LONGER * min(one, other)


def _seconds(attempt: AttemptRow | None) -> float | None:
    if attempt is None or attempt.started_at is None or attempt.finished_at is None:
        return None
    return (attempt.finished_at - attempt.started_at).total_seconds()


def _known_of(chosen: Chosen) -> Iterator[tuple[str, str]]:
    side = _side(chosen)
    row, attempt = side.occurrence, side.attempt
    yield "run", str(row.id)
    yield "attempt", str(attempt.id)
    yield "scheduled", row.scheduled_at.isoformat(sep=" ")[:19] + " UTC"
    yield "run ended as", _words(row.status, row.reason)
    yield "task", side.task
    yield "try", f"{attempt.number} of {side.tries}"
    yield "ended as", _words(attempt.status, attempt.reason)
    yield "exit", _exit(attempt.exit_code, attempt.signal)
    yield "took", _length(attempt.started_at, attempt.finished_at)
    yield "started late", _length(row.scheduled_at, row.started_at)
    yield from _resources(attempt.detail)
    yield "trigger", row.trigger.value
    yield "version", str(row.version)
    yield "node", row.node or "–"
    for name, value in sorted(row.params.items()):
        yield f"param {name}", str(value)


def _resources(detail: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if "user_s" in detail or "system_s" in detail:
        yield "cpu time", duration_text(float(detail.get("user_s", 0)) + float(detail.get("system_s", 0)))
    if "max_rss_bytes" in detail:
        yield "peak memory", size_text(int(detail["max_rss_bytes"]))
    for name in ("error", "dropped_bytes", "leftovers_killed"):
        if name in detail:
            yield name.replace("_", " "), str(detail[name])


def _words(state: str, reason: str | None) -> str:
    return state.replace("_", " ") + (f" ({reason.replace('_', ' ')})" if reason else "")


def _exit(code: int | None, signal: int | None) -> str:
    return f"signal {signal}" if signal is not None else "–" if code is None else str(code)


def _length(start: datetime | None, end: datetime | None) -> str:
    if start is None or end is None:
        return "–"
    return took_text((end - start).total_seconds())


def _environment(known: Known, before: str, after: str) -> tuple[Variable, ...]:
    """The variables of the job file that differ; of a secret only that there is one."""
    one, hidden = _variables(known.before, before)
    other, also_hidden = _variables(known.after, after)
    return tuple(v for v in compare_variables(one, other, hidden | also_hidden) if not v.same or v.secret)


def _variables(job: JobDefinition, task_name: str) -> tuple[dict[str, str], frozenset[str]]:
    """What the version gave the task by name, and which of these are secrets."""
    task = job.task(task_name)
    path = {} if job.path is None else {"PATH": job.path}
    secrets = dict.fromkeys((*job.secrets, *task.secrets), MASK)
    return {**path, **job.env, **task.env, **secrets}, frozenset(secrets)


def _definition(known: Known) -> Iterator[Difference]:
    """What changed in the job; variables of other tasks than the compared one without their secrets."""
    told = {f"task {side.task.name}: env." for side in (known.pair.before, known.pair.after) if side.task} | {"env."}
    for one in differences(known.before, known.after):
        if not any(one.what.startswith(prefix) for prefix in told):
            yield _masked(one) if "env." in one.what else one


def _masked(one: Difference) -> Difference:
    name = one.what.rpartition("env.")[2]
    if not looks_secret(name, str(one.before), str(one.after)):
        return one
    return replace(one, before=one.before and MASK, after=one.after and MASK)


def _notes(before: Side, after: Side, *states: LogState) -> Iterator[str]:
    if before.attempt.id == after.attempt.id:
        yield "both are the same try"
    if before.task != after.task:
        yield "they are tries of different tasks"
    if before.occurrence.job_id != after.occurrence.job_id:
        yield "they are runs of different jobs"
    for side, name, state in ((before, "first", states[0]), (after, "second", states[1])):
        if side.attempt.finished_at is None:
            yield f"the {name} one has not ended"
        if state is not LogState.PRESENT:
            yield f"the log of the {name} one {_NO_LOG[state]}"


_NO_LOG = {
    LogState.NOT_STARTED: "is not there: nothing of it was started",
    LogState.EXPIRED: "has been cleared away",
    LogState.UNREADABLE: "cannot be read",
}
