"""Waiting for a run: until it has ended, its engine is gone, or the time is over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jobistemer_tui.cli import waiting
from jobistemer_tui.cli.exit_codes import ExitCode
from jobistemer_tui.cli.requests import told_end
from jobistemer_tui.cli.waiting import Stopped, watch
from jobistemer_tui.domain.states import OccurrenceState, Reason
from jobistemer_tui.operations.read_models import EngineRole, OccurrenceDetail
from tests.cli.home import Home
from tests.support.fake_operations import FakeOperations


@pytest.fixture
def operations(monkeypatch: pytest.MonkeyPatch) -> FakeOperations:
    monkeypatch.setattr(waiting, "_LOOK_EVERY_S", 0.0)
    return FakeOperations()


def put(operations: FakeOperations, state: OccurrenceState, reason: Reason | None = None) -> OccurrenceDetail:
    """One of the sample's runs, in a state."""
    detail = next(iter(operations.sample.occurrences.values()))
    changed = replace(detail, row=replace(detail.row, status=state, reason=reason))
    operations.sample.occurrences[detail.row.id] = changed
    operations.commit()
    return changed


def test_it_ends_with_the_run_and_looks_at_it_meanwhile(operations: FakeOperations) -> None:
    run = put(operations, OccurrenceState.RUNNING)
    seen: list[OccurrenceState] = []

    def each(detail: OccurrenceDetail) -> None:
        seen.append(detail.row.status)
        if len(seen) == 3:
            put(operations, OccurrenceState.COMPLETED)

    assert watch(operations, run.row.id, each=each) is Stopped.ENDED
    assert seen == [OccurrenceState.RUNNING] * 3 + [OccurrenceState.COMPLETED]
    assert told_end(operations, "backup", run.row.id, Stopped.ENDED) is ExitCode.DONE


def test_it_ends_when_the_engine_stays_away(operations: FakeOperations, capsys: pytest.CaptureFixture[str]) -> None:
    run = put(operations, OccurrenceState.RUNNING)
    operations.engine_status = replace(operations.engine_status, role=EngineRole.NONE)
    assert watch(operations, run.row.id) is Stopped.NO_ENGINE
    assert told_end(operations, "backup", run.row.id, Stopped.NO_ENGINE) is ExitCode.FAILED
    assert "the engine has gone; what runs goes on" in capsys.readouterr().err


def test_it_ends_when_the_time_is_over(operations: FakeOperations, capsys: pytest.CaptureFixture[str]) -> None:
    run = put(operations, OccurrenceState.QUEUED, Reason.OVERLAP)
    assert watch(operations, run.row.id, seconds=0.0) is Stopped.TIME_OUT
    assert told_end(operations, "backup", run.row.id, Stopped.TIME_OUT) is ExitCode.FAILED
    said = capsys.readouterr().err
    assert "backup: queued (overlap)" in said
    assert f"jobistemer logs -f {run.row.id}" in said


def test_a_job_that_is_removed_ends_the_waiting(operations: FakeOperations, capsys: pytest.CaptureFixture[str]) -> None:
    run = put(operations, OccurrenceState.CANCELED, Reason.JOB_REMOVED)
    assert watch(operations, run.row.id) is Stopped.ENDED
    assert told_end(operations, "backup", run.row.id, Stopped.ENDED) is ExitCode.FAILED
    assert "backup: canceled (job_removed)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--force",), 64, "belong to --foreground"),
        (("--param", "a=b"), 64, "belong to --foreground"),
        (("--foreground", "a", "--cancel"), 64, "leave the other options away"),
        (("--foreground", "a", "--param", "b"), 64, "has no value"),
        (("--foreground", "a", "/nowhere/at/all"), 66, "no file or folder"),
    ],
)
def test_a_run_in_the_foreground_is_one_run(home: Home, words: tuple[str, ...], code: int, said: str) -> None:
    done = home.run("run", *words)
    assert (done.code, said in done.err) == (code, True)
