"""Every setting of a job and where it comes from; its file; its versions as they are stored."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from jobistemer_tui.domain.job import Code, TaskDefinition
from jobistemer_tui.domain.params import Param
from jobistemer_tui.domain.policies import DEFAULTS, TASK_SETTINGS
from jobistemer_tui.domain.records import FileState, JobFile
from jobistemer_tui.domain.secret import SecretSource
from jobistemer_tui.jobfiles.trust import content_hash
from jobistemer_tui.operations.configuration import ORIGINS, Configuration, Setting
from jobistemer_tui.operations.local import LocalOperations
from jobistemer_tui.operations.version_text import definition_text
from jobistemer_tui.storage.contract import Store
from tests.support.factories import NOW, add, add_job, make_definition, make_version

LAYERED = make_definition(
    tasks=("dump", "upload"),
    config_settings={"kill_grace": 5.0, "failure_strategy": "continue"},
    file_settings={"kill_grace": 20.0, "keep.bytes": 3 << 20},
    settings={"kill_grace": None, "failure_strategy": "retry-on-failure", "notify": [{"to": "x"}]},
    env={"LEVEL": "9", "API_TOKEN": "s3cret"}, env_files=("/etc/env",), secrets={"PW": SecretSource("/run/pw")},
    params={"day": Param("mon", ("mon", "tue"))}, tags=("a", "b"), shell=("dash", "-c"),
)  # fmt: skip


def found(store: Store, operations: LocalOperations) -> Configuration:
    last = replace(LAYERED.tasks[1], settings={"kill_grace": 1.5}, cwd="/srv", shell=("zsh", "-c"), env={"A": "1"})
    add_job(store, replace(LAYERED, tasks=(LAYERED.tasks[0], last, TaskDefinition("py", python="m:f"))))
    return operations.configuration("backup")


def settings(found: Configuration, title: str) -> dict[str, Setting]:
    return {one.name: one for section in found.sections if section.title == title for one in section.settings}


def test_every_setting_has_a_value_and_an_origin(store: Store, operations: LocalOperations) -> None:
    configuration = found(store, operations)
    policies = settings(configuration, "policies")
    assert policies.keys() == DEFAULTS.keys()
    assert policies["kill_grace"].layers == (("default", "10s"), ("config", "5s"), ("file", "20s"), ("job", "none"))
    assert policies["kill_grace"].overridden == (("file", "20s"), ("config", "5s"), ("default", "10s"))
    assert (policies["keep.bytes"].value, policies["keep.bytes"].origin) == ("3MiB", "file")
    assert policies["notify"].value == '[{"to": "x"}]'
    assert policies["retry_policy.max_retries"].layers == (("default", "0"), ("job", "3"))
    assert policies["retry_policy.backoff_factor"].value == "2.0"
    assert {one.origin for section in configuration.sections for one in section.settings} <= ORIGINS.keys()


def test_tasks_add_a_level_of_their_own(store: Store, operations: LocalOperations) -> None:
    configuration = found(store, operations)
    upload = settings(configuration, "task upload")
    assert upload.keys() >= TASK_SETTINGS
    assert upload["kill_grace"].layers[-2:] == (("job", "none"), ("task", "1s500ms"))
    assert (upload["cwd"].layers, upload["shell"].value) == ((("job", "/"), ("task", "/srv")), "zsh -c")
    assert (upload["needs"].value, upload["env.A"].origin) == ("dump", "task")
    assert settings(configuration, "task py")["python"].value == "m:f"


def test_words_of_the_definition(store: Store, operations: LocalOperations) -> None:
    words = settings(found(store, operations), "definition")
    assert (words["tags"].value, words["shell"].value, words["env.LEVEL"].value) == ("a, b", "dash -c", "9")
    assert (words["env.API_TOKEN"].value, words["timezone"].origin) == ("••••", "published")
    assert (words["enabled"].origin, words["path"].value) == ("default", "none")
    assert {"env_file", "secrets.PW", "params.day"} <= words.keys()


def test_the_source_as_it_is_now(store: Store, operations: LocalOperations, tmp_path: Path) -> None:
    path = tmp_path / "backup.toml"
    add_job(store, make_definition(), source_path=str(path))
    assert "cannot be opened: No such file" in operations.source("backup").problem
    path.write_bytes(b"[jobs.backup]\nname = '\xff'\n")
    add(store, JobFile(str(path), str(tmp_path), FileState.LOADED, content_hash(path.read_bytes()), NOW))
    source = operations.source("backup")
    assert (source.text, source.line, source.changed, source.refused) == (
        "[jobs.backup]\nname = '\ufffd'\n", 7, False, False,
    )  # fmt: skip
    path.write_text("[jobs.backup]\n")
    assert operations.source("backup").changed
    path.chmod(0o666)
    assert "can be written by everybody" in operations.source("backup").problem


def test_the_source_of_a_job_that_something_else_runs(store: Store, operations: LocalOperations) -> None:
    add_job(store, make_definition(), source_path="(exec)")
    assert operations.source("backup").problem.startswith("no job file")


def test_versions_hold_what_is_stored(store: Store, operations: LocalOperations) -> None:
    job = add_job(store, make_definition())
    code = replace(LAYERED, code=Code("/jobs/b.py", "def f():\n    pass\n"))
    add(store, make_version(code, replace(job, version=2, content_hash=code.content_hash)))
    newest, first = operations.versions("backup")
    text = definition_text(newest.definition)
    assert '"LEVEL": "9"' in text
    assert "s3cret" not in text
    assert text.endswith("# /jobs/b.py, as it was published:\n\ndef f():\n    pass\n")
    assert definition_text(first.definition).startswith("{\n")
