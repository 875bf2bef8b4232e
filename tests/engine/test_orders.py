"""From a durable try to the supervisor's order, and from its result to the end of the try."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from typing import get_args
from uuid import uuid4

import pytest

from jobistemer_tui.domain.clock import Reading
from jobistemer_tui.domain.job import JobDefinition, TaskDefinition
from jobistemer_tui.domain.records import Attempt, Occurrence
from jobistemer_tui.domain.states import AttemptState, OccurrenceState, Reason, Trigger
from jobistemer_tui.engine import orders
from jobistemer_tui.engine.orders import Surroundings, attempt_end, environment, start_order
from jobistemer_tui.engine.supervisor_client import AttemptResult
from jobistemer_tui.engine.supervisor_client_types import Outcome
from jobistemer_tui.engine.transactions.common import Launch
from tests.support.engine_world import START, job, task

PLAIN = Surroundings({}, "/attempts/a")
READING = Reading(START + timedelta(seconds=10), 100.0, 5000.0)


def launch(definition: JobDefinition, **changes: object) -> Launch:
    row = Occurrence(
        uuid4(), definition.id, START, START, Trigger.SCHEDULE, OccurrenceState.RUNNING, 1, START, epoch=3,
    )  # fmt: skip
    attempt = Attempt(uuid4(), uuid4(), row.id, 2, AttemptState.RUNNING, START, started_at=START)
    return Launch(replace(row, **changes), definition, definition.tasks[0], attempt)  # type: ignore[arg-type]  # any field


def test_limits_travel_with_the_order() -> None:
    definition = job(task("a"), task_timeout=60.0, kill_grace=3.0, leftovers="wait", output_head=1, output_tail=2)
    order = start_order(launch(definition, deadline_at=START + timedelta(seconds=70)), PLAIN, READING)
    assert (order.timeout_s, order.kill_grace_s, order.leftovers) == (60.0, 3.0, "wait")
    assert (order.head_bytes, order.tail_bytes) == (1, 2)
    assert order.deadline_boot == 5060.0, "a minute from now, on the boot clock"


def test_a_deadline_that_has_passed_lies_in_the_past_of_the_boot_clock_but_not_before_it() -> None:
    order = start_order(launch(job(task("a")), deadline_at=START - timedelta(days=365)), PLAIN, READING)
    assert order.deadline_boot is not None
    assert 0 <= order.deadline_boot <= READING.boot


def test_without_a_time_out_there_is_no_deadline() -> None:
    assert start_order(launch(job(task("a"))), PLAIN, READING).deadline_boot is None


def test_a_shell_line_is_one_argument_of_the_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}")
    line = TaskDefinition("a", run='echo "$X" | cat')
    assert start_order(launch(job(line)), PLAIN, READING).argv == ("bash", "-o", "pipefail", "-c", 'echo "$X" | cat')
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert start_order(launch(job(line)), PLAIN, READING).argv == ("/bin/sh", "-c", 'echo "$X" | cat')


def test_the_nearest_shell_wins_and_a_command_has_none() -> None:
    line = TaskDefinition("a", run="x")
    assert start_order(launch(job(line, shell=("zsh", "-c"))), PLAIN, READING).argv == ("zsh", "-c", "x")
    own = TaskDefinition("a", run="x", shell=("fish", "-c"))
    assert start_order(launch(job(own, shell=("zsh", "-c"))), PLAIN, READING).argv == ("fish", "-c", "x")
    plain = TaskDefinition("a", command=("a b", "$HOME"))
    assert start_order(launch(job(plain, shell=("zsh", "-c"))), PLAIN, READING).argv == ("a b", "$HOME")


def test_the_folder_is_the_tasks_or_else_the_jobs() -> None:
    assert start_order(launch(job(task("a"))), PLAIN, READING).cwd == "/"
    assert start_order(launch(job(task("a", cwd="/tmp"))), PLAIN, READING).cwd == "/tmp"


def test_the_environment_is_small_and_ours_comes_last() -> None:
    definition = job(
        task("a", env={"X": "task", "JOBISTEMER_TASK": "fake"}), env={"X": "job", "Y": "job"}, path="/opt/bin"
    )
    engine = {"HOME": "/h", "SECRET": "s", "PATH": "/bin", "TZ": "UTC", "PYTHONPATH": "/x"}
    env = environment(launch(definition, last_run_at=START - timedelta(hours=1)), Surroundings(engine))
    own = {name: value for name, value in env.items() if not name.startswith("JOBISTEMER_")}
    assert own == {"HOME": "/h", "PATH": "/opt/bin", "TZ": "UTC", "X": "task", "Y": "job"}
    ours = {name.removeprefix("JOBISTEMER_"): value for name, value in env.items() if name not in own}
    assert (ours["JOB"], ours["TASK"], ours["TRIGGER"], ours["ATTEMPT"], ours["FENCE"]) == (
        "backup", "a", "schedule", "2", "3",
    )  # fmt: skip
    assert ours["SCHEDULED_TIME"] == "2026-03-02T05:00:30Z"
    assert ours["LAST_RUN_TIME"] == "2026-03-02T04:00:30Z"


@pytest.mark.parametrize("engine", [{}, {"PATH": ""}])
def test_there_is_always_a_path(engine: dict[str, str]) -> None:
    assert environment(launch(job(task("a"))), Surroundings(engine))["PATH"] == orders.DEFAULT_PATH


def result(outcome: Outcome, **changes: object) -> AttemptResult:
    plain = AttemptResult(
        uuid4(), outcome, None, None, None, 42, START, START + timedelta(seconds=5), 1.5, 0.5, 1024, 10, 0, 0, True
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # any field


EXPECTED: dict[str, tuple[AttemptState, Reason | None]] = {
    "exited": (AttemptState.FAILED, Reason.TASK_FAILED),
    "timeout": (AttemptState.TIMEOUT, Reason.TIMEOUT),
    "deadline": (AttemptState.TIMEOUT, Reason.DEADLINE),
    "canceled": (AttemptState.CANCELED, None),
    "lost": (AttemptState.LOST, Reason.SUPERVISOR_LOST),
    "spawn": (AttemptState.FAILED, Reason.SPAWN),
    "not_started": (AttemptState.NOT_STARTED, Reason.NEVER_STARTED),
}


@pytest.mark.parametrize("outcome", get_args(Outcome))
def test_every_outcome_is_judged(outcome: Outcome) -> None:
    end = attempt_end(result(outcome, exit_code=7))
    assert (end.state, end.reason) == EXPECTED[outcome]
    assert (end.exit_code, end.finished_at) == (7, START + timedelta(seconds=5))


def test_only_exit_code_zero_is_success() -> None:
    assert attempt_end(result("exited", exit_code=0)).state is AttemptState.SUCCESS
    killed = attempt_end(result("exited", signal=9))
    assert (killed.state, killed.signal) == (AttemptState.FAILED, 9)


def test_a_restart_of_the_machine_is_named() -> None:
    assert attempt_end(result("lost", error="host_restarted")).reason is Reason.HOST_RESTARTED


def test_what_is_known_is_kept_and_what_is_nothing_left_out() -> None:
    detail = attempt_end(result("spawn", error="no such file", pid=None)).detail
    assert detail == {
        "error": "no such file", "user_s": 1.5, "system_s": 0.5, "max_rss_bytes": 1024, "output_bytes": 10,
    }  # fmt: skip
