"""The moves that the reference allows, written down a second time and by hand, as `from > to: who who`."""

from __future__ import annotations

OCCURRENCES = """
planned > pending: planner
planned > running: planner
planned > queued: planner
planned > skipped: planner
planned > missed: planner
pending > running: planner
pending > skipped: planner user
pending > missed: planner
pending > canceled: planner user
queued > pending: owner reaper sweep user
queued > skipped: planner user
queued > missed: planner
queued > canceled: planner user
running > pending: reaper
running > canceling: owner planner user
running > completed: owner
running > completed_with_errors: owner
running > failed: owner
running > failed_stale: owner reaper
canceling > canceled: owner
canceling > completed: owner
canceling > completed_with_errors: owner
canceling > failed: owner
canceling > failed_stale: owner reaper
missed > planned: planner
skipped > planned: planner
canceled > planned: planner
pending > planned: planner
queued > planned: planner
"""

TASK_RUNS = """
pending > running: owner
pending > skipped: owner
pending > success: user
pending > canceled: owner planner user
running > retrying: owner
running > success: owner
running > failed: owner
running > timeout: owner
running > canceled: owner
running > failed_stale: owner reaper
running > pending: reaper
retrying > running: owner
retrying > canceled: owner
retrying > failed_stale: reaper
retrying > pending: reaper
"""

ATTEMPTS = """
planned > running: owner
planned > canceled: owner
planned > not_started: owner reaper
running > success: owner
running > failed: owner
running > timeout: owner
running > canceled: owner
running > lost: owner reaper
running > not_started: owner reaper
"""

Move = tuple[str, str, str]


def moves(table: str) -> frozenset[Move]:
    """The table as (from, to, who)."""
    return frozenset(_moves(table))


def _moves(table: str) -> list[Move]:
    found: list[Move] = []
    for line in table.strip().splitlines():
        states, people = line.split(": ")
        old, new = states.split(" > ")
        found.extend((old, new, who) for who in people.split())
    return found
