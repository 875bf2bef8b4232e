"""A Python callable in a process of its own: what it is given, what it hands on, how it fails."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jobistemer_tui.engine.orders import RUNNER

CONTEXT: dict[str, Any] = {
    "job": "load", "task": "main", "trigger": "recovery", "occurrence_id": "o", "attempt_id": "a", "attempt": 2,
    "fence": 1, "is_recovery_run": True, "scheduled_time": "2026-03-02T05:00:30.250000Z",
    "actual_time": "2026-03-02T05:00:31Z", "last_run_time": None, "params": {"p": "q"},
    "follows": [{"job": "load", "occurrence_id": "o", "status": "completed", "finished_at": "2026-03-02T05:00:30Z"}],
    "outputs": {"dump": {"rows": "3"}}, "state": {"n": 1}, "state_rev": 1, "args": [], "kwargs": {},
    "window": {
        "start": "2026-03-02T05:00:00Z", "end": "2026-03-02T06:00:00Z", "count": 9,
        "instants": ["2026-03-02T06:00:00Z"],
    },
}  # fmt: skip


class Ran:
    """What a callable did."""

    def __init__(self, done: subprocess.CompletedProcess[str], folder: Path) -> None:
        self.code, self.out, self.errors = done.returncode, done.stdout, done.stderr
        outputs, state = folder / "outputs.txt", folder / "state.json"
        self.outputs = outputs.read_text() if outputs.exists() else ""
        self.state = json.loads(state.read_text()) if state.exists() else CONTEXT["state"]


def run(folder: Path, source: str, name: str = "work:main", *, measured: bool = True, **context: Any) -> Ran:
    """`measured` False: without the measuring of coverage, which imports modules of its own."""
    attempt = folder / "attempt"
    attempt.mkdir()
    (folder / "work.py").write_text(source)
    (attempt / "context.json").write_text(json.dumps({**CONTEXT, **context}))
    env = {
        "PATH": os.environ["PATH"], "JOBISTEMER_CONTEXT": f"{attempt}/context.json",
        "JOBISTEMER_OUTPUT": f"{attempt}/outputs.txt", "JOBISTEMER_STATE": f"{attempt}/state.json",
        **{name: value for name, value in os.environ.items() if measured and name.startswith("COV")},
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, RUNNER, name], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    return Ran(done, attempt)


def test_everything_is_in_the_context(tmp_path: Path) -> None:
    code = """
def main(context):
    print([getattr(context, name) for name in (
        "job", "task", "trigger", "occurrence_id", "attempt_id", "attempt", "fence", "is_recovery_run",
        "params", "outputs",
    )])
    print(context.follows)
    print(context.scheduled_time.isoformat(), context.actual_time.isoformat(), context.last_run_time)
    print(context.window["start"].hour, context.window["count"], context.window["instants"][0].isoformat())
    context.log.info("note %s", 1)
    context.state["n"] += 1
    return {"rows": 3, "list": [None]}
"""
    ran = run(tmp_path, code)
    assert (ran.code, ran.errors) == (0, "INFO note 1\n")
    assert ran.out.splitlines() == [
        "['load', 'main', 'recovery', 'o', 'a', 2, 1, True, {'p': 'q'}, {'dump': {'rows': '3'}}]",
        str(CONTEXT["follows"]),
        "2026-03-02T05:00:30.250000+00:00 2026-03-02T05:00:31+00:00 None",
        "5 9 2026-03-02T06:00:00+00:00",
    ]
    assert (json.loads(ran.outputs), ran.state) == ({"rows": 3, "list": [None]}, {"n": 2})


@pytest.mark.parametrize(
    ("code", "more", "out"),
    [
        ("def main(): print('none')", {}, "none"),
        ("async def main(context, a, *, b=0): print(a, b, context.job)", {"kwargs": {"b": 2}, "args": [1]}, None),
        ("async def main(a, context): print(a, context.job)", {"args": [1]}, "1 load"),
        ("def main(a, *, context): print(a, context.job)", {"args": [1]}, "1 load"),
        ("def main(*args, **kwargs): print(args, kwargs)", {"args": [1], "kwargs": {"x": 2}}, "(1,) {'x': 2}"),
        ("def main(context): print(context)", {"args": [1]}, "1"),
        ("def main(context): print(context)", {"kwargs": {"context": 5}}, "5"),
        ("class main:\n def __init__(self, context): print(context.job)\n", {}, None),
        ("main = print", {"args": ["builtin"]}, "builtin"),
        (
            "import functools\ndef d(f):\n @functools.wraps(f)\n def g(*a, **k): return f(*a, **k)\n return g\n"
            "@d\ndef main(context): print(context.job)",
            {}, "load",
        ),
        ("class A:\n async def run(self, context): print(context.job)\nmain = A().run", {}, "load"),
    ],
)  # fmt: skip
def test_arguments(tmp_path: Path, code: str, more: dict[str, Any], out: str | None) -> None:
    ran = run(tmp_path, code, **more)
    if out is None:
        assert ran.code == 1
        assert "Error" in ran.errors
    else:
        assert (ran.code, ran.out, ran.errors) == (0, out + "\n", "")
    assert ran.state == {"n": 1}


def test_an_exception_is_code_1_with_its_own_traceback(tmp_path: Path) -> None:
    ran = run(tmp_path, "def main(context):\n    context.state['n'] = 5\n    raise ValueError('no')\n")
    assert (ran.code, ran.outputs, ran.state) == (1, "", {"n": 1})
    lines = ran.errors.splitlines()
    assert (lines[0], lines[-1]) == ("Traceback (most recent call last):", "ValueError: no")
    assert [line for line in lines if "File" in line] == [f'  File "{tmp_path}/work.py", line 3, in main']


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("def main(): return 3", "TypeError: a task returns a dict of its outputs or nothing, not int"),
        ("def main(): return {'a': object()}", "TypeError: Object of type object is not JSON serializable"),
        ("def main(): return {'a': float('nan')}", "ValueError: Out of range float values are not JSON compliant"),
        ("def main(context): context.state = 1", "TypeError: context.state must be a dict, not int"),
        ("main = 3", "TypeError: work:main is not callable"),
        ("", "AttributeError: module 'work' has no attribute 'main'"),
        ("import absent_module", "ModuleNotFoundError: No module named 'absent_module'"),
        ("def main(:", "SyntaxError: invalid syntax"),
    ],
)
def test_other_failures(tmp_path: Path, code: str, error: str) -> None:
    ran = run(tmp_path, code)
    assert ran.code == 1
    assert ran.errors.splitlines()[-1].startswith(error)
    assert (ran.outputs, ran.state) == ("", {"n": 1})


def test_its_exit_code_is_its_own(tmp_path: Path) -> None:
    ran = run(tmp_path, "import sys\ndef main(context):\n    context.state['n'] = 5\n    sys.exit(7)\n")
    assert (ran.code, ran.state) == (7, {"n": 1})


def test_a_file_is_run_from_its_folder_and_a_module_from_the_jobs(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "helper.py").write_text("NAME = 'helper'\n")
    (tmp_path / "sub" / "the-file.py").write_text(
        "import helper\nclass A:\n  @staticmethod\n  def f(): print(helper.NAME)\n"
    )
    (tmp_path / "secrets.py").write_text("raise SystemExit('the name of a module of ours')\n")
    assert run(tmp_path, "", "sub/the-file.py:A.f").out == "helper\n"


def test_no_module_of_ours_is_in_the_way(tmp_path: Path) -> None:
    code = """
import sys, os
def main(): print(sys.path[0] == os.getcwd(), [path for path in sys.path if 'python_runner' in path], sys.argv)
"""
    ran = run(tmp_path, code)
    assert ran.out == "True [] ['work:main']\n"


def test_it_starts_with_few_modules(tmp_path: Path) -> None:
    code = "import sys\ndef main(context): print(' '.join(sorted(sys.modules)))\n"
    loaded = set(run(tmp_path, code, measured=False).out.split())
    heavy = {
        "inspect",
        "asyncio",
        "logging",
        "traceback",
        "datetime",
        "pathlib",
        "typing",
        "jobistemer_tui",
        "pydantic",
    }
    assert not loaded & heavy


def test_a_function_of_the_job_file_runs_from_the_text_that_was_published(tmp_path: Path) -> None:
    text = """
from jobistemer_tui import Cron, job, task
@job(schedule=Cron("@daily"))
class Nightly:
    factor = 2
    @task
    def double(self, context, number):
        if number == 0:
            raise ValueError("nought")
        return {"double": number * self.factor}
"""
    path = tmp_path / "jobs.py"
    path.write_text("this is no Python any more")
    code = {"path": str(path), "text": text}
    ran = run(tmp_path, "", "jobs.py:Nightly.double", code=code, kwargs={"number": 4})
    assert (ran.code, ran.errors, json.loads(ran.outputs)) == (0, "", {"double": 8})
    (tmp_path / "attempt" / "context.json").unlink()
    (tmp_path / "attempt" / "outputs.txt").unlink()
    (tmp_path / "attempt").rmdir()
    ran = run(tmp_path, "", "jobs.py:Nightly.double", code=code, kwargs={"number": 0})
    assert (ran.code, ran.outputs) == (1, "")
    assert f'File "{path}", line 9, in double\n    raise ValueError("nought")' in ran.errors


@pytest.mark.parametrize(("mode", "says"), [(0o600, "beside"), (0o666, "can be written by everybody")])
def test_a_module_beside_the_job_file_that_others_can_write_is_not_run(tmp_path: Path, mode: int, says: str) -> None:
    (tmp_path / "helper.py").write_text("print('beside')\n")
    (tmp_path / "helper.py").chmod(mode)
    code = {"path": str(tmp_path / "jobs.py"), "text": "def main():\n    import helper\n"}
    ran = run(tmp_path, "", "jobs:main", code=code)
    assert says in ran.out + ran.errors
    assert ran.code == (0 if mode == 0o600 else 1)
