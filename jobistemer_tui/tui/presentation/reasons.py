"""Why something has the state it has, in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from jobistemer_tui.domain.identity import short_id
from jobistemer_tui.domain.instants import parse_instant
from jobistemer_tui.domain.states import OccurrenceState, Reason, TaskRunState, Trigger

from .fitting import cleaned

REASON_WORDS: Final[dict[Reason, str]] = {
    Reason.OVERLAP: "an earlier run was still going",
    Reason.PAUSED: "the job was paused",
    Reason.STOPPED: "the job was stopped before",
    Reason.SKIPPED_BY_USER: "someone skipped it",
    Reason.QUEUE_FULL: "the queue was full",
    Reason.EXCLUDED: "the calendar excludes it",
    Reason.DST: "the clocks changed over it",
    Reason.DOWNTIME: "no engine was running",
    Reason.ASLEEP: "the machine was asleep",
    Reason.CLOCK_SET: "the clock was set past it",
    Reason.OUT_OF_WINDOW: "too old to be caught up",
    Reason.TOO_LATE: "it could not start in time",
    Reason.COMPRESSED_INTO: "a later run stands for it",
    Reason.NO_SLOT: "waiting for a free slot",
    Reason.NO_NODE: "no engine was there",
    Reason.REQUESTED: "the engine was asked to start it",
    Reason.PROMOTED: "its turn has come",
    Reason.SPREAD: "starts are being spread",
    Reason.SNOOZED: "someone put it off",
    Reason.JITTER: "its start is spread by its jitter",
    Reason.GROUP: "waiting for its concurrency group",
    Reason.MAX_ATTEMPTS_RUNNING: "as many attempts run as may",
    Reason.MAX_PARALLEL_TASKS: "as many of its tasks run as may",
    Reason.NEEDS: "waiting for the tasks it needs",
    Reason.REPLACING: "waiting for the run it replaces",
    Reason.USER: "someone cancelled it",
    Reason.REPLACED: "a newer run replaced it",
    Reason.SHUTDOWN: "the engine shut down",
    Reason.JOB_REMOVED: "its job was removed",
    Reason.EXPIRED: "it waited too long",
    Reason.TASK_FAILED: "a task failed",
    Reason.TIMEOUT: "it took longer than allowed",
    Reason.SPAWN: "its process could not be started",
    Reason.BAD_OUTPUT: "what it handed on cannot be taken",
    Reason.STATE_CONFLICT: "another run had set the job's state",
    Reason.OWNER_LOST: "its engine was lost",
    Reason.CUT_OFF: "its engine was cut off",
    Reason.SUPERVISOR_LOST: "its supervisor was lost",
    Reason.HOST_RESTARTED: "the machine restarted",
    Reason.DEADLINE: "its deadline passed",
    Reason.RERUN: "it runs again after a loss",
    Reason.NEVER_STARTED: "it never started",
    Reason.OVERLOADED: "the engine was overloaded",
    Reason.NEED_NOT_MET: "a task it needs did not succeed",
    Reason.SIBLING_FAILED: "another task failed",
    Reason.RETRY: "waiting for the next try",
    Reason.DRAINED: "the node is drained",
    Reason.CLOCK_SKEW: "the node's clock is wrong",
    Reason.NO_SUPERVISOR: "the supervisor does not answer",
    Reason.NO_SPACE: "too little of the disk is free",
    Reason.CARRIED_OVER: "taken over from the run that it replays",
    Reason.CYCLE: "its own run had led to it",
    Reason.CLOCK_UNSTEADY: "until the clock is steady",
    Reason.RECOVERY_HOLD: "so that you can decide",
}

STATE_WORDS: Final[dict[OccurrenceState, str]] = {
    OccurrenceState.PLANNED: "planned",
    OccurrenceState.PENDING: "waiting to start",
    OccurrenceState.QUEUED: "queued",
    OccurrenceState.RUNNING: "running",
    OccurrenceState.CANCELING: "being cancelled",
    OccurrenceState.COMPLETED: "completed",
    OccurrenceState.COMPLETED_WITH_ERRORS: "completed with errors",
    OccurrenceState.FAILED: "failed",
    OccurrenceState.FAILED_STALE: "lost",
    OccurrenceState.CANCELED: "cancelled",
    OccurrenceState.SKIPPED: "skipped",
    OccurrenceState.MISSED: "missed",
}

TASK_WORDS: Final[dict[TaskRunState, str]] = {
    TaskRunState.PENDING: "waiting",
    TaskRunState.RUNNING: "running",
    TaskRunState.RETRYING: "waiting to be tried again",
    TaskRunState.SUCCESS: "succeeded",
    TaskRunState.FAILED: "failed",
    TaskRunState.TIMEOUT: "timed out",
    TaskRunState.CANCELED: "cancelled",
    TaskRunState.FAILED_STALE: "lost",
    TaskRunState.SKIPPED: "skipped",
}

TRIGGER_WORDS: Final[dict[Trigger, str]] = {
    Trigger.SCHEDULE: "schedule",
    Trigger.RECOVERY: "recovery",
    Trigger.MANUAL: "by hand",
    Trigger.REPLAY: "replay",
    Trigger.BACKFILL: "backfill",
    Trigger.AFTER: "after a job",
}


def occurrence_words(state: OccurrenceState, reason: Reason | None) -> str:
    """State and reason in one phrase: `skipped: an earlier run was still going`."""
    return STATE_WORDS[state] if reason is None else f"{STATE_WORDS[state]}: {REASON_WORDS[reason]}"


_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?Z", re.ASCII)
When = Callable[[datetime], str]
"""How an instant is written."""


def detail_words(detail: Mapping[str, Any], when: When | None = None) -> str:
    """The detail object of a reason as `name value` pairs, cleaned; see `value_words`."""
    pairs = (
        f"{cleaned(name.replace('_', ' '))} {value_words(value, when)}"
        for name, value in detail.items()
        if value not in (None, "", [], {})
    )
    return ", ".join(pairs)


def told_words(text: str, when: When) -> str:
    """What the engine says in a sentence, cleaned: ids by their first digits, instants as `when` writes them."""
    shortened = _ID.sub(lambda found: short_id(found[0]), cleaned(text))
    return _INSTANT.sub(lambda found: value_words(found[0], when), shortened)


def value_words(value: object, when: When | None = None) -> str:
    """A value of a detail object, cleaned: an id by its first digits, an instant as `when` writes it (None: in UTC)."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(value_words(one, when) for one in value)
    if isinstance(value, Mapping):
        return f"({detail_words(value, when)})" if value else "–"
    text = "–" if value is None else str(value)
    if _ID.fullmatch(text):
        return short_id(text)
    if _INSTANT.fullmatch(text):
        try:
            return f"{parse_instant(text):%Y-%m-%d %H:%M:%SZ}" if when is None else when(parse_instant(text))
        except ValueError:
            pass  # somebody's words that only look so
    return cleaned(text)
