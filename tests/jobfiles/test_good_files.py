"""Good files: TOML and YAML mean the same, and a definition has all that the file says."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from jobistemer_tui.domain.job import JobDefinition, RunWhen, TasksMode
from jobistemer_tui.domain.params import Param
from jobistemer_tui.domain.secret import SecretSource
from jobistemer_tui.jobfiles import read_paths
from tests.jobfiles.reading_files import read_job, read_text

FULL_TOML = """
[defaults]
timezone = "Europe/Berlin"
tags = ["all"]
path = "/usr/bin:/bin"
shell = ["/bin/sh", "-c"]
kill_grace = "5s"
[defaults.env]
A = "1"
B = "2"

[jobs.nightly]
id = "nightly-1"
description = "Dump"
tags = ["db", "all"]
enabled = false
schedule = "0 5 * * *"
tasks_mode = "parallel"
cwd = "work"
overlap_policy = "queue"
max_parallel_tasks = "none"
execution_timeout = "none"
start_deadline = "0s"
output_head = "512KiB"
output_tail = "1MB"
retry_policy = { max_retries = 3, retry_interval = "1m30s", backoff_factor = 2, max_interval = "none" }
[jobs.nightly.env]
B = "3"

[[jobs.nightly.tasks]]
name = "dump"
run = "echo dump"
cwd = "/"
task_timeout = "PT1H"
failure_strategy = "continue"
[[jobs.nightly.tasks]]
name = "upload"
command = ["/bin/echo", ""]
needs = ["dump"]
run_when = "always"
env = { C = "4" }
shell = ["/bin/bash", "-c"]
"""

FULL_YAML = """
defaults:
  timezone: Europe/Berlin
  tags: [all]
  path: /usr/bin:/bin
  shell: [/bin/sh, -c]
  kill_grace: 5s
  env: {A: "1", B: "2"}
jobs:
  nightly:
    id: nightly-1
    description: Dump
    tags: [db, all]
    enabled: false
    schedule: 0 5 * * *
    tasks_mode: parallel
    cwd: work
    overlap_policy: queue
    max_parallel_tasks: none
    execution_timeout: none
    start_deadline: 0s
    output_head: 512KiB
    output_tail: 1MB
    retry_policy: {max_retries: 3, retry_interval: 1m30s, backoff_factor: 2, max_interval: none}
    env: {B: "3"}
    tasks:
      - name: dump
        run: echo dump
        cwd: /
        task_timeout: PT1H
        failure_strategy: continue
      - name: upload
        command: [/bin/echo, ""]
        needs: [dump]
        run_when: always
        env: {C: "4"}
        shell: [/bin/bash, -c]
"""


def test_a_definition_has_all_that_its_file_says(tmp_path: Path) -> None:
    job = read_job(tmp_path, FULL_TOML)
    assert (job.key, job.name, job.description, job.enabled) == ("nightly-1", "nightly", "Dump", False)
    assert (job.tags, job.env) == (("all", "db"), {"A": "1", "B": "3"})
    assert (job.schedule, job.timezone, job.tasks_mode) == ("0 5 * * *", "Europe/Berlin", TasksMode.PARALLEL)
    assert (job.cwd, job.path, job.shell) == (str(tmp_path / "work"), "/usr/bin:/bin", ("/bin/sh", "-c"))
    dump, upload = job.tasks
    assert (dump.name, dump.run, dump.command, dump.cwd, dump.needs) == ("dump", "echo dump", (), "/", ())
    assert (upload.run, upload.command, upload.needs) == (None, ("/bin/echo", ""), ("dump",))
    assert (upload.run_when, upload.env, upload.shell) == (RunWhen.ALWAYS, {"C": "4"}, ("/bin/bash", "-c"))


def test_each_level_stores_only_what_it_sets_in_seconds_and_bytes(tmp_path: Path) -> None:
    job = read_job(tmp_path, FULL_TOML)
    assert job.config_settings == {}
    assert job.file_settings == {"kill_grace": 5.0}
    assert job.settings == {
        "overlap_policy": "queue",
        "execution_timeout": None,
        "start_deadline": 0.0,
        "retry_policy.max_retries": 3,
        "retry_policy.retry_interval": 90.0,
        "retry_policy.backoff_factor": 2.0,
        "retry_policy.max_interval": None,
        "max_parallel_tasks": None,
        "output_head": 512 * 1024,
        "output_tail": 1_000_000,
    }
    assert job.tasks[0].settings == {"failure_strategy": "continue", "task_timeout": 3600.0}
    assert job.tasks[1].settings == {}


def test_toml_and_yaml_mean_the_same(tmp_path: Path) -> None:
    toml, yaml = read_job(tmp_path, FULL_TOML), read_job(tmp_path, FULL_YAML, "jobs.yaml")
    assert toml.content_hash == yaml.content_hash


def test_a_definition_survives_the_store(tmp_path: Path) -> None:
    job = read_job(tmp_path, FULL_TOML)
    assert JobDefinition.from_json(job.to_json()) == job


def test_the_same_text_read_again_is_the_same_version(tmp_path: Path) -> None:
    assert read_job(tmp_path, FULL_TOML).content_hash == read_job(tmp_path, "# new\n" + FULL_TOML).content_hash


@pytest.mark.parametrize("text", ["run = 'echo hi'", "command = ['echo', 'hi']"])
def test_the_short_form_is_one_task_named_main(text: str, tmp_path: Path) -> None:
    job = read_job(tmp_path, f"[jobs.a]\ndescription = 'x'\n{text}\n")
    assert [(task.name, task.needs, task.line) for task in job.tasks] == [("main", (), 3)]
    assert job.tasks[0].run == "echo hi" or job.tasks[0].command == ("echo", "hi")


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    reading = read_text(tmp_path, FULL_TOML)
    assert (reading.jobs[0].line, reading.jobs[0].column, reading.jobs[0].source_line) == (12, 7, "[jobs.nightly]")
    lines = FULL_TOML.split("\n")
    for task in reading.jobs[0].definition.tasks:
        assert lines[task.line - 1 : task.line + 1] == ["[[jobs.nightly.tasks]]", f'name = "{task.name}"']


def test_without_words_about_it_a_job_runs_in_its_files_folder_and_the_machines_zone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    job = read_job(tmp_path, "[jobs.a]\nrun = 'x'\n")
    assert (job.cwd, job.timezone, job.schedule) == (str(tmp_path), "Asia/Tokyo", None)


def test_folders_are_relative_to_the_file_and_know_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    job = read_job(
        tmp_path,
        "[defaults]\ncwd = '~/x'\n[jobs.a]\ntasks = [{name = 't', run = 'x', cwd = '../y'}, {name = 'u', run = 'x'}]\n",
    )
    assert job.cwd == str(tmp_path / "home/x")
    assert [task.cwd for task in job.tasks] == [str(tmp_path.parent / "y"), None]


def test_native_times_become_text(tmp_path: Path) -> None:
    job = read_job(
        tmp_path,
        """
        [jobs.a]
        run = "x"
        schedule = [
          2030-01-01T09:00:00Z,
          { interval = "P3W", start = 2026-01-31T09:00:00, repetitions = 10 },
          { cron = "0 5 * * *", start = 2026-01-01T00:00:00, timezone = "UTC" },
        ]
        """,
    )
    assert job.schedule == [
        "2030-01-01T09:00:00+00:00",
        {"interval": "P3W", "start": "2026-01-31T09:00:00", "repetitions": 10},
        {"cron": "0 5 * * *", "start": "2026-01-01T00:00:00", "timezone": "UTC"},
    ]
    assert JobDefinition.from_json(job.to_json()) == job


def test_where_secrets_are_and_what_python_runs(tmp_path: Path) -> None:
    job = read_job(
        tmp_path,
        """
        [defaults]
        env_file = "all.env"
        python_executable = "venv/bin/python"
        secrets = { A = { file = "a" }, B = { file = "b" } }
        [jobs.load]
        env_file = "~/load.env"
        secrets = { B = { command = ["pass", "b"] } }
        [[jobs.load.tasks]]
        name = "one"
        python = "pkg.mod:Class.method"
        args = [1, 2030-01-01T09:00:00Z]
        kwargs = { when = 2030-01-01, deep = [{ x = true }] }
        [[jobs.load.tasks]]
        name = "two"
        python = "./tools/x.py:main"
        python_executable = "python3.12"
        env_file = "/etc/two.env"
        secrets = { C = { file = "/run/c" } }
        """,
    )
    home = os.path.expanduser("~")
    assert job.env_files == (f"{tmp_path}/all.env", f"{home}/load.env")
    assert job.secrets == {"A": SecretSource(f"{tmp_path}/a"), "B": SecretSource(None, ("pass", "b"))}
    assert job.python_executable == f"{tmp_path}/venv/bin/python"
    one, two = job.tasks
    assert (one.python, one.args) == ("pkg.mod:Class.method", (1, "2030-01-01T09:00:00+00:00"))
    assert one.kwargs == {"when": "2030-01-01", "deep": [{"x": True}]}
    assert (two.python, two.python_executable) == ("./tools/x.py:main", "python3.12")
    assert (two.env_files, two.secrets) == (("/etc/two.env",), {"C": SecretSource("/run/c")})
    assert JobDefinition.from_json(json.loads(json.dumps(job.to_json()))) == job


def test_a_job_may_say_its_callable_itself(tmp_path: Path) -> None:
    job = read_job(tmp_path, "[jobs.a]\nkwargs = { x = 1 }\npython = 'm:f'\n")
    (task,) = job.tasks
    assert (task.name, task.python, task.kwargs, task.line) == ("main", "m:f", {"x": 1}, 3)


def test_secrets_and_code_that_are_not_safe_are_warnings(tmp_path: Path) -> None:
    (tmp_path / "open.env").write_text("A=1")
    (tmp_path / "open.env").chmod(0o644)
    (tmp_path / "code.py").write_text("")
    (tmp_path / "code.py").chmod(0o666)
    reading = read_text(
        tmp_path,
        """
        [defaults]
        secrets = { D = { file = "gone" } }
        [jobs.a]
        run = "x"
        env_file = "open.env"
        secrets = { A = { command = ["no-such-program"] } }
        [jobs.b]
        python = "code:main"
        python_executable = "no/python"
        """,
    )
    assert len(reading.jobs) == 2
    assert [(found.severity, found.line, found.message) for found in reading.diagnostics] == [
        ("warning", 3, f'the file "{tmp_path}/gone" cannot be opened: No such file or directory'),
        ("warning", 6, f'the file "{tmp_path}/open.env" holds secrets and can be read by others'),
        ("warning", 7, 'the program "no-such-program" is not found'),
        ("warning", 9, f"{tmp_path}/code.py can be written by everybody"),
        ("warning", 10, f'the program "{tmp_path}/no/python" is not found'),
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [("a.toml", ""), ("a.toml", "# nothing\n"), ("a.yaml", ""), ("a.yaml", "---\n"), ("a.yml", "jobs: {}\n"),
     ("a.toml", "[jobs]\n"), ("a.toml", "[defaults]\n")],
)  # fmt: skip
def test_a_file_without_jobs_is_fine(name: str, text: str, tmp_path: Path) -> None:
    reading = read_text(tmp_path, text, name)
    assert (reading.jobs, reading.diagnostics) == ((), ())


def test_missing_folders_and_programs_are_warnings(tmp_path: Path) -> None:
    reading = read_text(
        tmp_path,
        """
        [jobs.a]
        cwd = "not/there"
        run = "x"
        [jobs.b]
        command = ["no-such-program-anywhere"]
        [jobs.c]
        command = ["./script.sh", "x"]
        shell = ["/no/shell", "-c"]
        [jobs.d]
        tasks = [{ name = "t", command = ["sh"], cwd = "gone" }]
        """,
    )
    assert reading.ok
    assert len(reading.jobs) == 4
    assert [(found.severity, found.line, found.column, found.message) for found in reading.diagnostics] == [
        ("warning", 3, 7, f'the folder "{tmp_path}/not/there" does not exist'),
        ("warning", 6, 12, 'the program "no-such-program-anywhere" is not found'),
        ("warning", 8, 12, 'the program "./script.sh" is not found'),
        ("warning", 9, 10, 'the program "/no/shell" is not found'),
        ("warning", 11, 48, f'the folder "{tmp_path}/gone" does not exist'),
    ]


@pytest.mark.parametrize(
    ("program", "message", "hint"),
    [
        ("no-such-program", "is not found", "install it, or set path"),
        ("~/bin/x", "is not found", "no shell expands it"),
        ("$HOME/bin/x", "is not found", "no shell expands it"),
        ("ls -l /tmp", "is not found", 'text of its own: ["ls", "-l", "/tmp"]'),
        ("./gone.sh", "is not found", "it is relative to cwd"),
        ("/gone.sh", "is not found", "check the path"),
        ("./plain file.sh", "cannot be executed", "chmod +x '{folder}/plain file.sh'"),
    ],
)  # fmt: skip
def test_of_a_program_that_cannot_be_started_the_likely_mistake_is_named(
    tmp_path: Path, program: str, message: str, hint: str
) -> None:
    (tmp_path / "plain file.sh").touch(0o644)
    (found,) = read_text(tmp_path, f'[jobs.a]\ncommand = ["{program}", "x"]\n').diagnostics
    assert found.message == f'the program "{program}" {message}'
    assert hint.format(folder=tmp_path) in found.hint


def test_programs_are_sought_in_the_jobs_own_path_and_folder(tmp_path: Path) -> None:
    for name in ("bin/tool", "here"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    text = f"""
        [jobs.a]
        path = "{tmp_path}/bin"
        command = ["tool"]
        [jobs.b]
        command = ["./here"]
        [jobs.c]
        command = ["tool"]
        env = {{ PATH = "{tmp_path}/bin" }}
        """
    assert read_text(tmp_path, text).diagnostics == ()
    (tmp_path / "here").chmod(0o644)
    assert [found.line for found in read_text(tmp_path, text).diagnostics] == [6]


def test_what_a_schedule_hints_at_is_a_warning(tmp_path: Path) -> None:
    reading = read_text(tmp_path, "[jobs.a]\nrun = 'x'\nschedule = '0 0 1 * MON'\n")
    assert [(found.severity, found.line, found.column) for found in reading.diagnostics] == [("warning", 3, 17)]
    assert len(reading.jobs) == 1


def test_a_clean_up_that_needs_nothing_in_a_drawn_graph_is_a_warning(tmp_path: Path) -> None:
    reading = read_text(
        tmp_path,
        "[jobs.a]\ntasks = [{name='a', run='x'}, {name='b', run='x', needs=['a']},\n"
        "{name='c', run='x', run_when='always'}]",
    )
    assert [(found.severity, found.line, found.column) for found in reading.diagnostics] == [("warning", 3, 30)]


def test_parsers_are_only_imported_when_a_file_is_parsed(tmp_path: Path) -> None:
    import subprocess
    import sys

    (tmp_path / "empty").mkdir()
    code = (
        "import sys; from pathlib import Path\n"
        "from jobistemer_tui.jobfiles import read_config, read_paths\n"
        f"read_paths([Path({str(tmp_path / 'empty')!r})]); read_config(Path({str(tmp_path / 'config.toml')!r}))\n"
        "print([name for name in ('pydantic', 'pydantic_core', 'yaml', 'watchfiles') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=os.getcwd())
    assert result.stdout == "[]\n"


def test_a_relative_path_is_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.toml").write_text("[jobs.a]\nrun = 'x'\n")
    monkeypatch.chdir(tmp_path)
    reading = read_paths([Path("a.toml")])
    assert reading.roots == (str(tmp_path / "a.toml"),)
    assert reading.files[0].path == reading.files[0].jobs[0].path == str(tmp_path / "a.toml")


def test_parameters(tmp_path: Path) -> None:
    reading = read_text(
        tmp_path,
        "[jobs.a]\nrun = 'x'\nparams.day = { description = 'the day' }\n"
        "params.target = { default = 'b', choices = ['a', 'b'] }\nparams.free = {}\n",
    )
    assert reading.jobs[0].definition.params == {
        "day": Param(description="the day"), "target": Param("b", ("a", "b")), "free": Param(),
    }  # fmt: skip
