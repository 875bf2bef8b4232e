"""Hooks as real child processes."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import sys
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jobistemer_tui.engine.outbox import program as module
from jobistemer_tui.engine.outbox.program import KEPT_BYTES, KEPT_LINES, Program, ProgramRun
from jobistemer_tui.engine.supervisor.mask import forms_of
from tests.support.wait_until import wait_until

DOCUMENT: dict[str, Any] = {"event": "on_failure", "text": "ü\n", "failures": 3}


def program(folder: Path, *argv: str, timeout_s: float = 120.0, **env: str) -> Program:
    report = folder / "reports" / "a.json"
    env = {"PATH": os.environ["PATH"], "JOBISTEMER_REPORT": str(report), **env}
    return Program(argv, str(folder), env, timeout_s, {report: DOCUMENT})


def shell(folder: Path, line: str, **values: Any) -> Program:
    return program(folder, "sh", "-c", line, **values)


def test_the_report_is_on_standard_input_and_in_a_private_file(tmp_path: Path) -> None:
    line = 'cat > in.json; cat "$JOBISTEMER_REPORT" > file.json; stat -c %a "$JOBISTEMER_REPORT"; pwd'
    answer = ProgramRun(shell(tmp_path, line)).run()
    assert answer.error is None
    assert answer.result == {"exit_code": 0, "output": f"600\n{tmp_path.resolve()}"}
    assert json.loads((tmp_path / "in.json").read_text()) == DOCUMENT
    assert json.loads((tmp_path / "file.json").read_text()) == DOCUMENT
    assert list((tmp_path / "reports").iterdir()) == []
    assert stat.S_IMODE((tmp_path / "reports").stat().st_mode) == 0o700


def test_a_report_left_by_an_engine_that_was_killed_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "a.json").write_text("half a")
    assert json.loads(ProgramRun(program(tmp_path, "cat")).run().result["output"]) == DOCUMENT


@pytest.mark.parametrize(
    ("line", "error", "code"),
    [("exit 7", "the program ended with 7", 7), ("kill -9 $$", "the program was ended by signal 9", -9)],
)
def test_a_program_that_fails(tmp_path: Path, line: str, error: str, code: int) -> None:
    answer = ProgramRun(shell(tmp_path, "echo oh no; " + line)).run()
    assert (answer.error, answer.result) == (error, {"exit_code": code, "output": "oh no"})


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    answer = ProgramRun(program(tmp_path, "/no/such/program")).run()
    assert answer.error is not None
    assert answer.error.startswith("the program could not be started")


@pytest.mark.parametrize("line", ["sleep 600", "trap '' TERM; sleep 600 & wait; sleep 600"])
def test_one_that_takes_too_long_is_ended_with_all_it_started(
    tmp_path: Path, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "GRACE_S", 0.2)
    answer = ProgramRun(shell(tmp_path, f"echo $$ > pid; {line}", timeout_s=2.0)).run()
    assert answer.error == "the program took longer than 2 s"
    group = int((tmp_path / "pid").read_text())
    wait_until(lambda: not group_lives(group), what="the end of the group")


def group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_what_goes_into_the_background_holds_nothing_up(tmp_path: Path) -> None:
    answer = ProgramRun(shell(tmp_path, "echo $$ > pid; sleep 600 & echo done")).run()
    assert (answer.error, answer.result["output"]) == (None, "done")
    group = int((tmp_path / "pid").read_text())
    wait_until(lambda: not group_lives(group), what="the end of the group")


def test_of_much_output_the_end_is_kept_and_made_harmless(tmp_path: Path) -> None:
    code = "print('x' * 10_000_000)\nfor n in range(100): print(n)\nprint('\\x1b]0;title\\x07 \\x00')"
    answer = ProgramRun(program(tmp_path, sys.executable, "-c", code)).run()
    lines = answer.result["output"].split("\n")
    assert len(lines) == KEPT_LINES
    assert lines[-2:] == ["99", "�]0;title� �"]


def test_a_program_that_closes_its_output_is_waited_for(tmp_path: Path) -> None:
    answer = ProgramRun(shell(tmp_path, "exec >&- 2>&-; sleep 0.2; exit 3")).run()
    assert answer.error == "the program ended with 3"


def test_a_stopped_one_does_not_start_and_one_that_runs_ends_at_once(tmp_path: Path) -> None:
    early = ProgramRun(shell(tmp_path, "touch started"))
    early.stop()
    assert early.run().error == "the engine was stopped"
    assert not (tmp_path / "started").exists()

    run = ProgramRun(shell(tmp_path, "touch started; sleep 600"))
    answers: list[Any] = []
    thread = threading.Thread(target=lambda: answers.append(run.run()))
    thread.start()
    wait_until((tmp_path / "started").exists, what="the program")
    run.stop()
    thread.join(60)
    assert answers[0].error == "the program was ended by signal 9"


def test_a_secret_does_not_show_where_the_output_is_cut(tmp_path: Path) -> None:
    secret = "hush" * 16
    line = f"import sys; sys.stdout.write('{secret}' + 'x' * {KEPT_BYTES - 30} + 'end')"
    hidden = replace(program(tmp_path, sys.executable, "-c", line), forms=forms_of([secret]))
    output = ProgramRun(hidden).run().result["output"]
    assert output.endswith("xend")
    assert "h" not in output


def test_a_daemon_that_keeps_the_output_open_costs_no_thread_and_no_descriptor(tmp_path: Path) -> None:
    line = "setsid sh -c 'while sleep 0.2; do echo on; done' & echo $! > pid; echo done"
    # What it writes while the rest is drained is less than the lines that are kept.
    before, threads = os.listdir("/proc/self/fd"), threading.active_count()
    answer = ProgramRun(shell(tmp_path, line)).run()
    try:
        assert answer.error is None
        assert "done" in answer.result["output"]
        assert (len(os.listdir("/proc/self/fd")), threading.active_count()) == (len(before), threads)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(int((tmp_path / "pid").read_text()), signal.SIGKILL)


def test_one_that_cannot_be_watched_does_not_run_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(pid: int) -> int:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(os, "pidfd_open", refused)
    answer = ProgramRun(shell(tmp_path, "echo $$ > pid; sleep 600")).run()
    assert answer.error is not None
    if found := re.findall(r"\d+", (tmp_path / "pid").read_text() if (tmp_path / "pid").exists() else ""):
        wait_until(lambda: not group_lives(int(found[0])), what="the end of the group")
