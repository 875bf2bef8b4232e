"""`config.toml`: the level of the cascade below the files, and the engine's own settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobistemer_tui.domain.cascade import effective_settings
from jobistemer_tui.errors import JobFileError
from jobistemer_tui.jobfiles import ConfigLevel, read_config, read_paths


def test_without_a_file_nothing_is_set(tmp_path: Path) -> None:
    assert read_config(tmp_path / "config.toml") == ConfigLevel({}, None)


def test_settings_and_slots(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(
        "max_concurrent_jobs = 12\n[defaults]\nkill_grace = '3s'\n"
        "execution_timeout = 'none'\nretry_policy.max_retries = 1\n"
    )
    assert read_config(path) == ConfigLevel(
        {"execution_timeout": None, "kill_grace": 3.0, "retry_policy.max_retries": 1}, 12
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("min_free = 200", ":1:12: error: min_free: a bare number 200 has no unit"),
        ("audit_age = '0s'", ":1:13: error: audit_age: must be longer than 0"),
        ("max_concurrent_jobs = 0", ":1:23: error: max_concurrent_jobs: must be from 1 to"),
        (
            "max_concurent_jobs = 1",
            ':1:1: error: unknown key "max_concurent_jobs" (did you mean "max_concurrent_jobs"?)',
        ),
        ("[defaults]\ntimezone = 'UTC'", ':2:1: error: unknown key "timezone"'),
        ("[jobs.a]\nrun = 'x'", ':1:2: error: unknown key "jobs" (jobs stand in files of their own'),
        ("[defaults]\nkill_grace = 5\nmax_active = 0", ":3:14: error: max_active"),
        ("[defaults", ":1:10: error: Expected ']'"),
        ("kill_grace = '5s'", "[defaults] kill_grace"),
    ],
)
def test_all_its_errors_with_their_places(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)
    with pytest.raises(JobFileError) as caught:
        read_config(path)
    assert str(path) in caught.value.message
    assert message in caught.value.message


def test_room_on_the_disk_and_the_age_of_the_audit(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("min_free = '1GiB'\naudit_age = 'none'\n")
    config = read_config(path)
    assert (config.min_free, config.audit_age) == (2**30, None)
    path.write_text("")
    assert read_config(path) == ConfigLevel()


def test_every_level_of_the_cascade_is_stored_apart_and_the_nearest_wins(tmp_path: Path) -> None:
    config = ConfigLevel({"kill_grace": 1.0, "task_timeout": 1.0, "output_head": 1, "retry_policy.max_retries": 1})
    (tmp_path / "a.toml").write_text(
        """
        [defaults]
        task_timeout = "2s"
        output_head = "2B"
        retry_policy.max_retries = 2
        [jobs.a]
        output_head = "3B"
        retry_policy.max_retries = 3
        tasks = [{ name = "t", run = "x", retry_policy = { max_retries = 0 } }]
        """
    )
    (job,) = read_paths([tmp_path], config=config).files[0].jobs
    definition = job.definition
    values = effective_settings(definition.task_levels(definition.tasks[0]))
    names = ("late_grace", "kill_grace", "task_timeout", "output_head", "retry_policy.max_retries")
    assert [(values[name].value, values[name].origin) for name in names] == [
        (10.0, "default"), (1.0, "config"), (2.0, "file"), (3, "job"), (0, "task"),
    ]  # fmt: skip
