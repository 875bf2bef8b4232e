"""`compare` on the command line: text for people, JSON for programs, and errors that help."""

from __future__ import annotations

from datetime import timedelta

import pytest

from jobistemer_tui.domain.records import Attempt
from jobistemer_tui.domain.states import AttemptState, TaskRunState
from jobistemer_tui.domain.states import OccurrenceState as S
from jobistemer_tui.storage.contract import Store
from tests.cli.home import Home
from tests.support.factories import (
    NOW,
    add,
    add_job,
    make_attempt,
    make_definition,
    make_occurrence,
    make_task_run,
)
from tests.support.log_folder import LogFolderWriter


@pytest.fixture
def tries(home: Home) -> list[Attempt]:
    """A good run and, an hour later, a bad one, with what they wrote."""

    def work(store: Store) -> list[Attempt]:
        job = add_job(store, make_definition("backup"))
        made = []
        for hour, state in enumerate((S.COMPLETED, S.FAILED)):
            run = make_occurrence(job, NOW + timedelta(hours=hour), state)
            good = state is S.COMPLETED
            task = make_task_run(run, "dump", state=TaskRunState.SUCCESS if good else TaskRunState.FAILED)
            attempt = make_attempt(
                task, 1, AttemptState.SUCCESS if good else AttemptState.FAILED, exit_code=0 if good else 23,
                started_at=run.started_at, finished_at=NOW + timedelta(hours=hour, seconds=5 if good else 900),
            )  # fmt: skip
            add(store, run, task, attempt)
            log = LogFolderWriter(home.folder / "attempts" / str(store.id) / str(attempt.id))
            log.write(b"14:30:01 begin\n" + (b"sent\n" if good else b"\x1b[31mrefused\x1b[0m\x1b]0;owned\x07\n"))
            log.finish()
            made.append(attempt)
        return made

    made: list[Attempt] = home.fill(work)
    return made


def test_text(home: Home, tries: list[Attempt]) -> None:
    done = home.run("compare", "backup")
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0] == "backup, task dump: the last good run, and the first bad one after it:"
    assert any(line.split() == ["≠", "took", "5s", "15m"] for line in lines)
    assert any(line.split() == ["≠", "exit", "0", "23"] for line in lines)
    assert "definition (of the job): the same" in lines
    assert lines[-5:] == [
        "log: 2 and 2 lines: 1 only in the first, 1 only in the second", "@ line 1 of the first, line 1 of the second",
        "  14:30:01 begin", "- sent", "+ refused",
    ]  # fmt: skip
    assert "\x1b" not in done.out


def test_json(home: Home, tries: list[Attempt]) -> None:
    found = home.run("compare", str(tries[1].id), str(tries[0].id), "--context", "0", "--json").json
    assert found["why"] is None
    assert (found["before"]["attempt"]["exit_code"], found["after"]["attempt"]["exit_code"]) == (23, 0)
    assert found["log"]["hunks"] == [[
        {"kind": "removed", "before": 2, "after": None, "text": "refused"},
        {"kind": "added", "before": None, "after": 2, "text": "sent"},
    ]]  # fmt: skip


def test_errors(home: Home, tries: list[Attempt]) -> None:
    assert home.run("compare", "bakcup").code == 66
    assert home.run("compare", str(tries[0].id)).code == 66  # there is no good run before it
    assert home.run("compare").code == 64
