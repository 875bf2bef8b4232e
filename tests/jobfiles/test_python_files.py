"""Python job files: the same definitions as TOML, every error at its place (marked `▸`), and what is run when."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path

import pytest

from jobistemer_tui import authoring
from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.jobfiles import ConfigLevel, FileReading, python_text, read_paths
from jobistemer_tui.jobfiles.loads import Loads
from jobistemer_tui.jobfiles.parse import parse_jobs
from jobistemer_tui.jobfiles.python_loader.load import declared_in
from jobistemer_tui.jobfiles.python_process import LoaderOutput
from jobistemer_tui.jobfiles.python_text import MAX_TEXT
from jobistemer_tui.jobfiles.read import are_as_seen
from jobistemer_tui.jobfiles.reading import Seen
from tests.architecture.markdown import GUIDE, blocks
from tests.jobfiles.reading_files import marked, read_text

IMPORT = "from jobistemer_tui import Cron, Iso8601, Once, defaults, job, task\n"


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is run in this process, which is a hundred times faster: for files that are known to be harmless."""

    def run(path: str, text: str, seconds: float) -> LoaderOutput:
        modules, finders = dict(sys.modules), list(sys.meta_path)
        try:
            return LoaderOutput(json.dumps(declared_in(path, text, seconds)).encode(), "")
        finally:
            authoring.DECLARED.clear()
            sys.meta_path[:] = finders
            for name in sys.modules.keys() - modules.keys():
                del sys.modules[name]

    monkeypatch.setattr(python_text, "run_loader", run)
    monkeypatch.setattr(authoring, "_MAIN", [])


def jobs_of(folder: Path, text: str, name: str = "jobs.py") -> dict[str, JobDefinition]:
    reading = read_text(folder, text, name)
    assert reading.ok, [diagnostic.text() for diagnostic in reading.diagnostics]
    return {job.definition.name: job.definition for job in reading.jobs}


NIGHTLY = '''
from datetime import datetime, timedelta
from pathlib import Path
from jobistemer_tui import Cron, Iso8601, Once, defaults, job, task

defaults(timezone="Europe/Berlin", kill_grace=timedelta(seconds=5))

@job(
    name="nightly",
    schedule=Cron("0 5 * * *", timezone="Europe/Paris"),
    overlap_policy="queue",
    retry_policy={"max_retries": 3},
    tags=("a", "b"),
    cwd=Path("/"),
    execution_timeout=None,
)
class Nightly:
    """Dump the
    database.

    And more."""

    @task
    def dump(context): ...

    @task(needs=[dump], task_timeout="10m", kwargs={"x": 1})
    def load(self, context, x): ...

    tidy = task(run="rm x", needs=[load], run_when="always")

@job(schedule=[Iso8601("PT90M"), Iso8601("R10/2026-03-01T09:00/P1D", timezone="UTC"), Once(datetime(2026, 12, 1, 9))])
def alone(): ...

for host in ("a", "b"):
    job(name="ping-" + host, command=["true", host])
'''
SAME = """
[defaults]
timezone = "Europe/Berlin"
kill_grace = "5s"
[jobs.nightly]
description = "Dump the database."
schedule = { cron = "0 5 * * *", timezone = "Europe/Paris" }
overlap_policy = "queue"
retry_policy = { max_retries = 3 }
tags = ["a", "b"]
cwd = "/"
[[jobs.nightly.tasks]]
name = "dump"
python = "jobs.py:Nightly.dump"
[[jobs.nightly.tasks]]
name = "load"
python = "jobs.py:Nightly.load"
needs = ["dump"]
task_timeout = "10m"
kwargs = { x = 1 }
[[jobs.nightly.tasks]]
name = "tidy"
run = "rm x"
needs = ["load"]
run_when = "always"
[jobs.alone]
schedule = [{ interval = "PT90M" }, { any = ["R10/2026-03-01T09:00/P1D"], timezone = "UTC" }, { once = 2026-12-01T09:00:00 }]
python = "jobs.py:alone"
[jobs.ping-a]
command = ["true", "a"]
[jobs.ping-b]
command = ["true", "b"]
"""  # noqa: E501 - a TOML table stands in one line


def test_a_python_file_means_what_the_same_toml_means(tmp_path: Path) -> None:
    python, toml = jobs_of(tmp_path, NIGHTLY), jobs_of(tmp_path, SAME, "same.toml")
    assert list(python) == list(toml)
    for name, wanted in toml.items():
        found = python[name].to_json()
        code = found.pop("code", None)
        assert (code is not None) is (name in ("nightly", "alone"))
        assert code is None or code == {"path": str(tmp_path / "jobs.py"), "text": NIGHTLY}
        for value in (found, plain := wanted.to_json()):
            for task in value["tasks"]:
                del task["line"]
        assert found == plain


def test_the_example_of_the_guide_loads(tmp_path: Path) -> None:
    (text, *_) = [text for text in blocks(GUIDE / "job_files.md", "python") if "@job" in text]
    assert list(jobs_of(tmp_path, text)) == ["ping-alpha", "ping-beta", "nightly"]


def test_a_job_and_its_tasks_know_their_lines(tmp_path: Path) -> None:
    reading = read_text(tmp_path, NIGHTLY, "jobs.py")
    lines = {job.definition.name: job.line for job in reading.jobs}
    assert (lines["nightly"], lines["alone"], lines["ping-a"]) == (9, 32, 35)
    assert [task.line for task in reading.jobs[0].definition.tasks] == [24, 27, 29]


BAD = [
    ('@job(schedule="@daily", ▸overlap_polic="skip")\ndef f(): ...\n', ["unknown key"]),
    ('@job(schedule=Cron("0 ▸25 * * *"))\ndef f(): ...\n', ["schedule: "]),
    ('@job(schedule={"cron": "0 5 * * *", ▸"zone": "UTC"})\ndef f(): ...\n', ["unknown key 'zone'"]),
    ('@job(timezone=▸"Europe/Berlni")\ndef f(): ...\n', ["unknown zone"]),
    ('@job(retry_policy={"max_retries": ▸"3", ▸"x": 1})\ndef f(): ...\n', ["whole number", "unknown key"]),
    ("é = 1\n@job(tags=['é', ▸5])\ndef f(): ...\n", ["must be a text"]),
    ("@job()\nclass A:\n    @task(needs=['b', ▸'x'])\n    def a(): ...\n    @task\n    def b(): ...\n", ["no task"]),
    ("@job()\nclass A:\n    @task(▸nedds=[])\n    def a(): ...\n", ["unknown key"]),
    ("@job(env={'A': ▸object()})\ndef f(): ...\n", ["plain value, not of the type object"]),
    ("@job(env=▸{1: 'x'})\ndef f(): ...\n", ["a key must be a text"]),
    ("a = []\na.append(a)\n@job(tags=▸a)\ndef f(): ...\n", ["nested more than 32 deep"]),
    ("a = ['x']\nfor _ in range(9): a = [a] * 9\n@job(args=▸a)\ndef f(): ...\n", ["more than 100000"]),
    ("@job(max_active=▸10**9999)\ndef f(): ...\n", ["too many digits"]),
    ("@job(cwd=▸chr(0))\ndef f(): ...\n", ["character NUL"]),
    ("@job(cwd=▸chr(0xd800))\ndef f(): ...\n", ["surrogate"]),
    ("more = {'polcy': 1}\n@job(**more)\ndef ▸f(): ...\n", ["unknown key"]),
    ("▸job(run='x')\n", ["the job has no name"]),
    ("job(name=▸5, run='x')\n", ["name: must be a text"]),
    ("job(name=▸'a')\n", ["has nothing to do"]),
    ("job(name='a', run='x')\njob(name=▸'a', run='y')\n", ["two jobs are named"]),
    ("@task\ndef ▸f(): ...\n", ["belongs to no job"]),
    ("def f():\n    @job\n    def ▸g(): ...\nf()\n", ["function within a function"]),
    ("@job\ndef ▸f(): ...\nf = None\n", ["leads to something else"]),
    ("@job(▸python='m:f')\ndef f(): ...\n", ["python is the decorated function"]),
    ("@job(▸tasks=[])\nclass A: ...\n", ["tasks within it"]),
    ("defaults(tags=[])\n▸defaults(tags=[])\n", ["defaults is called twice"]),
    ("job(name='a', tasks=▸5)\n", ["must be a list"]),
    ("x = ▸1 / 0\n", ["ZeroDivisionError: division by zero"]),
    ("def f(x):\n    return ▸x.y\nf(1)\n", ["AttributeError"]),
    ("▸import nothing_such\n", ["ModuleNotFoundError"]),
    ("x = ▸=\n", ["invalid syntax"]),
    ("▸raise SystemExit\n", ["ends the program"]),
    ("x = '▸\x01'\n", ["control character"]),
    ("x = 1▸\ry = 2\n", ["carriage return"]),
]


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(("text", "says"), BAD, ids=[text.replace("\n", " ")[:40] for text, _ in BAD])
def test_an_error_stands_at_its_place(tmp_path: Path, text: str, says: list[str]) -> None:
    plain, places = marked(IMPORT + text)
    _, errors, _ = parse_jobs(str(tmp_path / "jobs.py"), str(tmp_path), plain.encode(), ConfigLevel())
    assert [(error.line, error.column) for error in errors] == places, [error.text() for error in errors]
    for error, piece in zip(errors, says, strict=True):
        assert piece in error.message


def test_what_the_file_prints_is_shown_when_it_fails(tmp_path: Path) -> None:
    text = "import sys\nprint('one\\x1b[31m')\nprint('two', file=sys.stderr)\nraise ValueError('no')\n"
    (error,) = read_text(tmp_path, text, "jobs.py").diagnostics
    assert (error.line, error.message) == (4, "ValueError: no")
    assert error.hint == "it printed: one�[31m / two"


def test_the_place_where_a_helper_was_called_and_where_it_failed(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("def f():\n    return {}['x']\n")
    (error,) = read_text(tmp_path, "import helper\nhelper.f()\n", "jobs.py").diagnostics
    assert (error.line, error.column, error.message) == (2, 1, "KeyError: 'x'")
    assert error.hint == f"raised at {tmp_path}/helper.py:2"


def test_a_helper_that_declares_jobs_is_placed_where_the_file_calls_it(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text(
        "from jobistemer_tui.authoring import job\ndef ping(host, **more): job(name=host, run='x', **more)\n"
    )
    reading = read_text(tmp_path, "import helper\nhelper.ping('a')\nhelper.ping('b', tags=5)\n", "jobs.py")
    assert [(error.line, error.column) for error in reading.diagnostics] == [(3, 23)]


def test_code_that_others_can_write_is_not_imported(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("open('RAN', 'w')\n")
    (tmp_path / "helper.py").chmod(0o666)
    (error,) = read_text(tmp_path, "import helper\n", "jobs.py").diagnostics
    assert (error.line, error.column) == (1, 1)
    assert "helper.py can be written by everybody" in error.message
    assert not (tmp_path / "RAN").exists()


def test_a_file_that_others_can_write_is_not_run(tmp_path: Path) -> None:
    path = tmp_path / "jobs.py"
    path.write_text(IMPORT + "open('RAN', 'w')\n")
    path.chmod(0o666)
    (file,) = read_paths([tmp_path]).files
    assert "can be written by everybody" in file.diagnostics[0].message
    assert not (tmp_path / "RAN").exists()


def test_other_code_in_the_folder_is_no_job_file_and_is_not_run(tmp_path: Path) -> None:
    (tmp_path / "venv" / "lib").mkdir(parents=True)
    (tmp_path / "venv" / "pyvenv.cfg").touch()
    ran = tmp_path / "RAN"
    (tmp_path / "venv" / "lib" / "jobs.py").write_text(f"{IMPORT}open({str(ran)!r}, 'w')\n")
    (tmp_path / "load.py").write_text(f"import jobistemer_tui.schedules\nopen({str(ran)!r}, 'w')\n")
    (tmp_path / "jobs.py").write_text(f"{IMPORT}job(name='a', run='x')\n")
    assert [Path(file.path).name for file in read_paths([tmp_path]).files] == ["jobs.py"]
    assert not ran.exists()
    assert read_paths([tmp_path / "load.py"]).files[0].ok  # named by itself it is run, and declares nothing
    assert ran.exists()


def test_an_unchanged_file_is_not_run_again_unless_what_it_imports_has_changed(tmp_path: Path) -> None:
    helper, runs = tmp_path / "helper.py", tmp_path / "runs"
    helper.write_text("HOST = 'a'\n")
    (tmp_path / "jobs.py").write_text(
        f"{IMPORT}import helper\nopen({str(runs)!r}, 'a').write('x')\njob(name=helper.HOST, run='x')\n"
    )
    known: dict[str, FileReading] = {}
    for helper_text, wanted in (("HOST = 'a'\n", ("a", 1)), ("HOST = 'a'\n", ("a", 1)), ("HOST = 'b'\n", ("b", 2))):
        helper.write_text(helper_text)
        (file,) = read_paths([tmp_path], known=known).files
        known = {file.path: file}
        assert (file.jobs[0].definition.name, len(runs.read_text())) == wanted


def test_a_slow_file_holds_up_neither_the_others_nor_the_reader(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    (tmp_path / "slow.py").write_text(
        f"{IMPORT}import os, time\nwhile not os.path.exists({str(gate)!r}): time.sleep(0.02)\njob(name='s', run='x')\n"
    )
    (tmp_path / "quick.toml").write_text("[jobs.q]\nrun = 'x'\n")
    loads = Loads(patience=0.0)
    first = {Path(file.path).name: file for file in read_paths([tmp_path], loads=loads).files}
    assert (first["quick.toml"].ok, first["slow.py"].pending, first["slow.py"].ok) == (True, True, False)
    assert first["slow.py"].diagnostics == ()
    gate.touch()
    found = None
    while found is None or found.pending:
        (found,) = (file for file in read_paths([tmp_path], loads=loads).files if file.path.endswith("slow.py"))
        threading.Event().wait(0.02)
    assert [job.definition.name for job in found.jobs] == ["s"]


def test_a_file_is_at_most_256_kib(tmp_path: Path) -> None:
    (error,) = read_text(tmp_path, "#" * (MAX_TEXT + 1), "jobs.py").diagnostics
    assert "256 KiB" in error.message


@pytest.mark.parametrize(
    ("text", "says"),
    [("from jobistemer_tu import job\n", "jobistemer_tu"), ("form jobistemer_tui import job\n", "syntax")],
)
def test_an_error_in_the_line_of_the_import_is_an_error_of_a_file_that_has_jobs(
    tmp_path: Path, text: str, says: str
) -> None:
    """It must not look as if its jobs had been taken out of it."""
    path = tmp_path / "jobs.py"
    path.write_text(text)
    assert read_paths([tmp_path]).files == ()
    (file,) = read_paths([tmp_path], owners={"backup": str(path)}).files
    assert [says in found.message for found in file.diagnostics] == [True]
    assert are_as_seen([tmp_path], Seen({str(path): file.content_hash}))
