"""Somebody who has written a job file and started no engine yet is told that, not that there is no job."""

from __future__ import annotations

import pytest

from tests.cli.home import Home
from tests.support.factories import add_job, make_definition


@pytest.mark.parametrize("words", [("trigger", "hello"), ("show", "hello"), ("why", "hello"), ("logs", "hello")])
def test_a_job_that_only_a_file_has_is_named_with_its_place(home: Home, words: tuple[str, ...]) -> None:
    home.run("jobs")
    (home.folder / "jobs/hello.toml").write_text('# mine\n[jobs.hello]\nrun = "true"\n', encoding="utf-8")
    done = home.run(*words)
    assert (done.code, done.out) == (66, "")
    assert f"it stands in {home.folder}/jobs/hello.toml:2, which no engine has read yet" in done.err
    assert "no engine has read a job in" in home.run("jobs").err


def test_no_code_is_run_to_find_the_place(home: Home) -> None:
    home.run("jobs")
    code = f"from jobistemer_tui import job\nopen({str(home.folder / 'ran')!r}, 'w').close()\n"
    (home.folder / "jobs/code.py").write_text(code, encoding="utf-8")
    assert "there is no job 'hello'" in home.run("show", "hello").err
    assert not (home.folder / "ran").exists()


def test_a_name_that_no_file_has_gets_the_usual_answer(home: Home) -> None:
    home.fill(lambda store: add_job(store, make_definition("backup")))
    home.run("jobs")
    assert "list them with: jobistemer jobs" in home.run("trigger", "hello").err
    assert 'did you mean "backup"?' in home.run("trigger", "bakup").err
