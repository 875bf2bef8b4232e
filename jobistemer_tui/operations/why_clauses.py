"""What each reason word means, as a clause that follows "because"; the closed list is complete (a test holds it)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import Any, Final

from jobistemer_tui.domain.identity import short_id
from jobistemer_tui.domain.instants import parse_instant
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.operations.why_answer import moment

CLAUSES: Final[dict[Reason, str]] = {
    Reason.OVERLAP: "an earlier run of the job had not ended",
    Reason.PAUSED: "the job was paused",
    Reason.STOPPED: "its schedule was stopped before an engine came to it",
    Reason.SKIPPED_BY_USER: "someone decided to skip it",
    Reason.QUEUE_FULL: "as many runs of the job were queued already as queue_limit allows",
    Reason.EXCLUDED: "its schedule excludes that time",
    Reason.DST: "a change of the clock left that time out, or brought it a second time",
    Reason.DOWNTIME: "no engine was running at its time",
    Reason.ASLEEP: "the machine was asleep at its time",
    Reason.CLOCK_SET: "the clock of the machine was set past its time",
    Reason.OUT_OF_WINDOW: "it lay outside the recovery_window of what is made up for",
    Reason.TOO_LATE: "it could not start within its start_deadline",
    Reason.COMPRESSED_INTO: "one later run stands for it and others",
    Reason.NO_SLOT: "the engine ran as many runs as max_concurrent_jobs allows",
    Reason.NO_NODE: "no engine was there to start it",
    Reason.REQUESTED: "the engine had been asked to start it and had not come to it yet",
    Reason.DRAINED: "the node is drained, and begins nothing new",
    Reason.CLOCK_SKEW: "the node's clock is too far from the store's, so it begins nothing",
    Reason.NO_SUPERVISOR: "the supervisor, which starts processes, did not answer",
    Reason.NO_SPACE: "too little of the disk was free to start anything",
    Reason.PROMOTED: "its turn in the queue had come and it was about to be started",
    Reason.SPREAD: "the runs to be made up for after a gap start one after another",
    Reason.SNOOZED: "someone had put it off",
    Reason.JITTER: "the jitter of its schedule lets it start a little later",
    Reason.GROUP: "its concurrency group was full",
    Reason.MAX_ATTEMPTS_RUNNING: "as many processes ran as the engine may run at once",
    Reason.MAX_PARALLEL_TASKS: "as many tasks of the run ran as may run at once",
    Reason.NEEDS: "the tasks that it needs had not ended",
    Reason.REPLACING: "the run that it replaces had not stopped yet",
    Reason.USER: "someone cancelled it",
    Reason.REPLACED: "a newer run of the job took its place",
    Reason.SHUTDOWN: "the engine was shut down with --cancel",
    Reason.JOB_REMOVED: "its job was taken out of the job files",
    Reason.EXPIRED: "it had been asked for while no engine was there, and none came in time",
    Reason.TASK_FAILED: "a task failed",
    Reason.TIMEOUT: "it took longer than its time-out allows",
    Reason.SPAWN: "its process could not be started",
    Reason.BAD_OUTPUT: "what it handed on cannot be taken",
    Reason.STATE_CONFLICT: "another run had set the state of its job meanwhile",
    Reason.OWNER_LOST: "the engine that ran it died and left no trace of the outcome",
    Reason.CUT_OFF: "its engine killed it: the store was out of reach for so long that another might have begun it",
    Reason.SUPERVISOR_LOST: "the supervisor of its processes died",
    Reason.HOST_RESTARTED: "the machine was restarted while it ran",
    Reason.DEADLINE: "the execution_timeout of the run had passed",
    Reason.RERUN: "it was lost, and its tasks may run again (on_lost)",
    Reason.NEVER_STARTED: "it had been taken up but no process of it ever started",
    Reason.OVERLOADED: "the engine was awake but too busy to come to it",
    Reason.NEED_NOT_MET: "a task that it needs did not succeed",
    Reason.SIBLING_FAILED: "another task of the run failed",
    Reason.RETRY: "a try failed and the next one has to wait",
    Reason.CARRIED_OVER: "its success was taken over from the run that this one repeats",
    Reason.CLOCK_UNSTEADY: "the clock must be steady for a minute before a gap of over an hour is believed",
    Reason.RECOVERY_HOLD: "a gap of the job waits for a person to decide",
    Reason.CYCLE: "its own run had led to it: the jobs follow one another in a circle",
}


def because(reason: Reason | None, detail: Mapping[str, Any], zone: tzinfo) -> str:
    """` because …`, with what the detail adds; empty for no reason."""
    if reason is None:
        return ""
    additions = [words(detail[name], zone) for name, words in _DETAILS.items() if detail.get(name)]
    added = f" ({', '.join(additions)})" if additions else ""
    return f" because {CLAUSES.get(reason, f'of {reason.value}')}{added}"


def _until(value: Any, zone: tzinfo) -> str:
    return f"until {instant_words(value, zone)}"


def instant_words(value: object, zone: tzinfo) -> str:
    """An instant of an event's detail on the wall clock of a zone; as it stands there if it is none."""
    try:
        return moment(parse_instant(str(value)), zone)
    except ValueError:
        return str(value)


_DETAILS: Final[dict[str, Callable[[Any, tzinfo], str]]] = {
    "blocked_by": lambda value, _: f"run {short_id(value)} was in the way",
    "replaced_by": lambda value, _: f"by run {short_id(value)}",
    "compressed_into": lambda value, _: f"run {short_id(value)} stands for it",
    "superseded": lambda _, __: "a later gap took in what had not started",
    "until": _until,
    "by": lambda value, _: f"by {value}",
    "why": lambda value, _: f'"{value}"',
    "reason": lambda value, _: f'"{value}"',
    "gap": lambda value, zone: f"as a part of the gap since {instant_words(value, zone)}",
    "newest": lambda value, _: f"only the newest {value} of the gap were left",
    "rule": lambda value, _: str(value),
    "group": lambda value, _: f"group {value}",
    "labels": lambda value, _: f"no node with label {value}",
    "limit": lambda value, _: f"at most {value}",
    "waits_for": lambda value, _: f"now {CLAUSES[Reason(value)]}" if value in set(Reason) else str(value),
    "late": lambda value, _: f"{value} late",
    "task": lambda value, _: f"task {value}",
    "owner": lambda value, _: f"engine {short_id(value)}",
    "error": lambda value, _: str(value),
}
"""Words of a reason's detail that mean something to a person, in the order in which they are told."""
