"""How a job's environment differs from a shell: both sides, secrets hidden, and lines that close the gap."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from jobistemer_tui.cli.env_text import environment_json, environment_lines
from jobistemer_tui.domain.job import JobDefinition, TaskDefinition
from jobistemer_tui.domain.secret import SecretSource
from jobistemer_tui.errors import NotFound
from jobistemer_tui.jobfiles.read import read_paths
from jobistemer_tui.operations.environment import MASK, Environment, compare_path, compare_variables, in_order
from jobistemer_tui.operations.environment_lines import lines_for
from jobistemer_tui.operations.environment_read import environment_of, serving_processes
from tests.support.engine_world import job, task

HERE = {
    "HOME": "/home/me", "PATH": "/home/me/bin:/usr/bin:.:/usr/bin", "LANG": "de_DE.UTF-8", "EDITOR": "vi",
    "SHLVL": "1", "API_TOKEN": "hunter2hunter2", "DATABASE_URL": "postgres://me:s3cr3t@db/x", "QUOTED": 'a "b"\n\\é',
}  # fmt: skip


def compare(definition: JobDefinition, here: dict[str, str] | None = None, **values: object) -> Environment:
    given = {"task_name": None, "file": "/jobs/a.toml", "processes": (None, None), **values}
    return environment_of(definition, here=HERE if here is None else here, **given)  # type: ignore[arg-type]  # of the values above


def kinds(found: Environment) -> dict[str, str]:
    return {one.name: one.kind for one in found.variables}


def test_every_variable_is_compared() -> None:
    found = compare(job(env={"LANG": "C", "MODE": "night"}))
    assert kinds(found) == {
        "API_TOKEN": "only_here", "DATABASE_URL": "only_here", "EDITOR": "only_here", "HOME": "same",
        "LANG": "different", "MODE": "only_there", "QUOTED": "only_here", "SHLVL": "only_here",
    }  # fmt: skip
    assert [one.name for one in found.variables if one.session] == ["SHLVL"]
    assert [one.name for one in found.variables if one.secret] == ["API_TOKEN", "DATABASE_URL"]
    assert found.engine is None


def test_no_value_of_a_secret_is_in_it(tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text("PLANTED=hunter2hunter2\n")
    file.chmod(0o600)
    definition = job(
        task("dump", secrets={"KEY": SecretSource(command=("false",))}), env_files=(str(file), str(tmp_path / "gone")),
        secrets={"EDITOR": SecretSource(file="/nowhere")},
    )  # fmt: skip
    found = compare(definition, {**HERE, "PLANTED": "hunter2hunter2"})
    by_name = {one.name: one for one in found.variables}
    assert [(by_name[name].there, by_name[name].secret) for name in ("PLANTED", "KEY", "EDITOR")] == [(MASK, True)] * 3
    assert by_name["EDITOR"].here == MASK
    assert "gone" in found.problems[0]
    text = "\n".join([*environment_lines(found, everything=True), json.dumps(environment_json(found))])
    assert "hunter2" not in text
    assert "s3cr3t" not in text


def test_path_is_compared_entry_by_entry() -> None:
    entries = compare_path("/usr/bin:/opt", "/home/me/bin:/usr/bin")
    assert [(one.folder, one.there, one.here) for one in entries] == [
        ("/home/me/bin", False, True), ("/usr/bin", True, True), ("/opt", True, False),
    ]  # fmt: skip
    assert in_order("/a:/b", "/x:/a:/b:/a")
    assert not in_order("/a:/b", "/b:/a")
    text = list(environment_lines(compare(job(path="/usr/bin:/opt")), everything=False))
    assert {"  shell  /home/me/bin", "  both   /usr/bin", "  job    /opt", "  shell  ."} <= set(text)
    assert "PATH: the same" in list(environment_lines(compare(job()), everything=False))


def test_the_other_facts_are_told() -> None:
    facts = {fact.name: fact for fact in compare(job(task("dump", cwd="/srv"), env={"LANG": "C"})).facts}
    assert facts["folder"].there == "/srv"
    assert facts["folder"].here == os.getcwd()
    assert "start-up files" in facts["run by"].there
    assert (facts["locale"].there, facts["locale"].here) == ("C", "de_DE.UTF-8")
    assert facts["umask"].there == facts["umask"].here != "unknown"
    assert facts["standard input"].there == "empty"
    direct = compare(job(TaskDefinition("dump", command=("/bin/true", "x y"))))
    assert {fact.name: fact.there for fact in direct.facts}["run by"] == "no shell: /bin/true 'x y'"
    called = compare(job(TaskDefinition("dump", python="a:b")))
    assert {fact.name: fact.there for fact in called.facts}["run by"].endswith("the callable a:b")


def test_the_engine_that_serves_is_asked(tmp_path: Path) -> None:
    found = compare(job(), {"HOME": "/elsewhere"}, processes=(os.getpid(), None))
    assert found.engine == os.getpid()
    assert kinds(found)["HOME"] == "different"
    gone = compare(job(), processes=(2**22 + 1, 2**22 + 1))
    assert gone.engine is None
    assert "cannot be read" in gone.problems[0]
    assert serving_processes(tmp_path) == (None, None)
    (tmp_path / "supervisor.lock").write_text(f"{os.getpid()}\n")
    assert serving_processes(tmp_path) == (None, None), "another program has that number now"


def test_a_task_can_be_named() -> None:
    definition = job(task("one"), task("two", env={"MODE": "2"}))
    assert compare(definition).task == "one"
    assert kinds(compare(definition, task_name="two"))["MODE"] == "only_there"
    with pytest.raises(NotFound, match="has no task 'three'"):
        compare(definition, task_name="three")
    assert any("--task: two" in line for line in environment_lines(compare(definition), everything=False))


@pytest.mark.parametrize(("suffix", "run"), [("toml", '\n[jobs."a.b"]\nrun = "true"\n'), ("yaml", "")])
def test_a_job_file_takes_the_lines(tmp_path: Path, suffix: str, run: str) -> None:
    found = compare(job(name="a.b", path="/usr/bin", env={"LANG": "C"}), file=f"/jobs/a.{suffix}")
    lines = found.lines
    if suffix == "toml":
        lines = lines.replace('[jobs."a.b"]', f"{run.strip()}")
    else:
        lines = lines.replace('"a.b":', '"a.b":\n    run: "true"')
    (tmp_path / f"a.{suffix}").write_text(lines)
    (file,) = read_paths([tmp_path]).files
    assert file.ok, file.diagnostics
    definition = file.jobs[0].definition
    assert definition.path == "/home/me/bin:/usr/bin"
    assert definition.env == {"EDITOR": "vi", "LANG": "de_DE.UTF-8", "QUOTED": HERE["QUOTED"]}
    assert "# API_TOKEN" in lines or "#   API_TOKEN" in lines


def test_a_python_file_gets_arguments() -> None:
    found = compare(job(path="/usr/bin"), file="/jobs/a.py")
    taken = eval(f"dict({found.lines})")
    assert taken["path"] == "/home/me/bin:/usr/bin"
    assert taken["env"]["QUOTED"] == HERE["QUOTED"]
    assert "\"file\": '~/.secrets/API_TOKEN'" in found.lines


def test_lines_that_are_offered_are_never_cut() -> None:
    """Regression: one beyond 2,000 characters ended in an ellipsis, and was no longer a line of a job file."""
    found = compare(job(), {**HERE, "LONG": "x" * 3000})
    assert any("x" * 3000 in line for line in environment_lines(found, everything=False))


def test_where_nothing_is_missing_nothing_is_offered() -> None:
    here = {"HOME": "/home/me", "PATH": "/usr/bin", "TERM": "xterm"}
    found = compare(job(), here)
    assert found.lines == ""
    assert any("needs no more lines" in line for line in environment_lines(found, everything=False))
    odd = compare_variables({}, {"A": "\udcff", "B%%": "x"}, frozenset())
    assert lines_for("toml", "a", None, list(odd)[:1], ()) == ""


def test_hostile_values_cannot_speak_to_the_terminal() -> None:
    found = compare(job(), {**HERE, "EVIL": "\x1b]0;owned\x07\u202e", "PATH": "/a\x1b[2J:/b"})
    assert not any("\x1b" in line or "\u202e" in line for line in environment_lines(found, everything=True))
