"""What a starter file shows: each key of a job with a value to begin with and a word about it.

The values are plain ones, which the three formats write in their own way. `None` instead of a value: a word alone.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Shown(NamedTuple):
    """A key with a value and what it is for; `live` ones are in force, the others stand in a comment."""

    key: str
    value: Any
    words: str
    live: bool = False


class Part(NamedTuple):
    """Keys that belong together."""

    title: str
    keys: tuple[Shown, ...]


PARTS = (
    Part(
        "What it is",
        (
            Shown("description", "Say hello", "A sentence for people.", live=True),
            Shown("tags", ["example"], "Words to filter by."),
            Shown("enabled", False, "With false its times pass and leave no record."),
            Shown("id", "an-older-name", "The key of its history: write the old name here when you rename the job."),
        ),
    ),
    Part(
        "When it runs",
        (
            Shown(
                "schedule", "0 5 * * *",
                "Cron (here: at five each day), an interval such as PT15M, a time, or a list of these; without it the "
                "job runs only when triggered.",
                live=True,
            ),
            Shown("timezone", "Europe/Berlin", "The zone of the schedule; the machine's if not said."),
            Shown("start_deadline", "2h", "How late a run may still start; later it is missed."),
            Shown("recovery_strategy", "execute-last",
                  "After downtime or sleep: execute-last runs the newest time, execute-all each, bounded-window the "
                  "newest few, compressed one for all, mark-as-missed none."),
            Shown("recovery_window", {"max_occurrences": 10, "max_duration": "1d"}, "What bounded-window still runs."),
            Shown("recovery_spread", "60s", "After downtime the starts of different jobs lie within this."),
            Shown("recovery_hold", "10m", "After downtime a person has so long to change what is made up for."),
            Shown("late_grace", "10s", "A time noticed so late still counts as on time."),
        ),
    ),
    Part(
        "What it does",
        (
            Shown(
                "run", "echo hello from $JOBISTEMER_JOB",
                "A line for the shell. Instead of it: command, a list of a program and its arguments, without a shell; "
                "python, a callable as file.py:function, with args and kwargs; or tasks, several steps with needs and "
                "run_when between them.",
                live=True,
            ),
            Shown("tasks_mode", "parallel", "Tasks without needs run in their order (sequential), or all at once."),
            Shown("params", {"day": {"default": "today", "description": "which day"}},
                  "What a trigger may be told; the task finds JOBISTEMER_PARAM_DAY."),
        ),
    ),
    Part(
        "Where it runs",
        (
            Shown("cwd", "/", "The folder; that of this file if not said."),
            Shown("env", {"LEVEL": "info"}, "Variables. They are stored: no passwords here."),
            Shown("env_file", "private.env", "A private file of variables, read when a task starts."),
            Shown("secrets", {"TOKEN": {"file": "~/.token"}}, "Found when a task starts; masked in its output."),
            Shown("path", "/usr/local/bin:/usr/bin:/bin", "The PATH of tasks."),
            Shown("shell", ["bash", "-euo", "pipefail", "-c"], "What run is handed to."),
            Shown("python_executable", "/usr/bin/python3", "The Python of python tasks."),
        ),
    ),
    Part(
        "One at a time",
        (
            Shown("overlap_policy", "queue", "Due while it still runs: skip (if not said), allow, queue or replace."),
            Shown("max_active", 1, "How many runs may be live before that question arises."),
            Shown("queue_limit", 100, "How many may wait with queue."),
            Shown("concurrency_group", {"name": "database", "limit": 1}, "Of all jobs of a group so many run at once."),
            Shown("priority", 10, "From -1000 to 1000: of what waits the higher starts first."),
            Shown("nodes", ["gpu"], "Only a node with all of these labels runs it ([node] of config.toml)."),
            Shown("max_parallel_tasks", 2, "Tasks of one run at the same time."),
        ),
    ),
    Part(
        "When it fails, or takes too long",
        (
            Shown("retry_policy", {"max_retries": 3, "retry_interval": "30s", "backoff_factor": 2.0},
                  "Tries beyond the first, and the waits before them: 30 s, 1 min, 2 min."),
            Shown("failure_strategy", "fail-fast",
                  "A task has failed for good: fail-fast cancels the others, continue runs the rest, retry-on-failure "
                  "is fail-fast with three retries."),
            Shown("execution_timeout", "24h", "For the whole run."),
            Shown("task_timeout", "10m", "For each try of a task."),
            Shown("kill_grace", "10s", "From the request to end to the end."),
            Shown("leftovers", "kill", "Processes that a task leaves behind: kill, wait or leave."),
            Shown("on_lost", "rerun", "The machine died under it: fail, or rerun where running twice does no harm."),
            Shown("max_reruns", 3, "How many lost tries are run again."),
        ),
    ),
    Part(
        "Who is told",
        (
            Shown("on_start", "logger started", "A program to run when a run starts."),
            Shown("on_complete", "logger ended", "When it has ended."),
            Shown("on_failure", ["logger", "-t", "jobs", "failed"], "When it has failed."),
            Shown("notify", [{"on": ["failure", "recovery"], "after": 2, "mail": "me@example.org"}],
                  "Rules that tell a person or a monitor: run, command, mail, webhook, ping."),
        ),
    ),
    Part(
        "What is kept, and edits",
        (
            Shown("keep", {"age": "90d", "runs": 1000, "bytes": "1GiB"}, "Its history; failed runs twice that."),
            Shown("output_head", "10MiB", "Output kept from the beginning of each try,"),
            Shown("output_tail", "10MiB", "and from its end."),
            Shown("update_policy", "immediate", "When a new schedule takes effect: immediate, graceful or windowed."),
            Shown("plan_horizon", 1, "How many coming runs can be skipped or put off one by one."),
        ),
    ),
)  # fmt: skip
