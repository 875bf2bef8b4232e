"""What a job file holds under `schedule`, through the whole reader: forms, and the places of errors and hints."""

from __future__ import annotations

import textwrap
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jobistemer_tui.jobfiles import read_paths
from jobistemer_tui.schedules import Excluding, Jittered, Reboot, Union, parse_schedule
from tests.jobfiles.reading_files import errors_of, marked, read_job, read_text

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def job(schedule: str) -> str:
    return f"[jobs.a]\nrun = 'x'\ntimezone = 'Europe/Paris'\nschedule = {schedule}\n"


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("'@reboot'", Reboot),
        ("{ cron = '@reboot', jitter = '5m' }", Jittered),
        ("{ cron = '0 5 * * *', exclude = [2026-12-24, '2026-12-25/2026-12-31', '* * * * sun'] }", Excluding),
        (
            "{ cron = '0 5 * * *', exclude = [{ cron = '* * * * *', end = 2026-12-24T00:00:00 }], jitter = '1h' }",
            Jittered,
        ),
        ("{ any = ['0 5 * * *', { once = 2026-12-01T09:00:00 }], exclude = ['2026-12-24'] }", Excluding),
        ("['0 5 * * *', { interval = 'P1D', start = 2026-01-31T09:00:00, exclude = [2026-02-28] }, '@reboot']", Union),
    ],
)
def test_every_form_is_kept_as_json_and_read_again_from_it(tmp_path: Path, written: str, kind: type) -> None:
    definition = read_job(tmp_path, job(written))
    assert isinstance(parse_schedule(definition.schedule, timezone=definition.timezone, key="a", anchor=NOW), kind)
    again = type(definition).from_json(definition.to_json())
    assert again.schedule == definition.schedule
    assert again.schedule_hash == definition.schedule_hash


def test_yaml_says_the_same(tmp_path: Path) -> None:
    text = """
        jobs:
          a:
            run: x
            timezone: Europe/Paris
            schedule:
              cron: 0 5 * * *
              exclude: [2026-12-24, 2026-12-25/2026-12-31]
              jitter: 30s
        """
    toml = read_job(
        tmp_path, job("{ cron = '0 5 * * *', exclude = [2026-12-24, '2026-12-25/2026-12-31'], jitter = '30s' }")
    )
    yaml = read_job(tmp_path, text, "jobs.yaml")
    assert parse_schedule(yaml.schedule, timezone="UTC") == parse_schedule(toml.schedule, timezone="UTC")


WRONG = [
    "{ cron = '0 5 * * *', exclude = ['2026-12-24', '2026-12-24/▸2026-12-20'] }",
    "{ cron = '0 5 * * *', exclude = ['0 5 * * *', '0 ▸24 * * *'] }",
    "{ cron = '0 5 * * *', ▸exclude = '2026-12-24' }",
    "{ cron = '0 5 * * *', jitter = '▸2d' }",
    "{ cron = '0 5 * * *', ▸calendar = 'a.ics' }",
    "{ ▸tides = 'high' }",
    "{ any = ['0 5 * * *', '0 5 ▸31 2 *'] }",
    "['0 5 * * *', { interval = 'P1▸X' }]",
    "{ cron = '@reboot', ▸seconds = true }",
    "{ cron = '0 5 * * *', timezone = '▸Europe/Pariss' }",
]


@pytest.mark.parametrize("written", WRONG)
def test_an_error_stands_at_the_character_at_fault(tmp_path: Path, written: str) -> None:
    text, places = marked(job(written))
    (found,) = read_text(tmp_path, text).diagnostics
    assert found.severity == "error"
    column = found.column + (1 if text.splitlines()[3][found.column - 1] in "'\"" else 0)
    assert [(found.line, column)] == places, found.text()


def warnings(folder: Path, schedule: str, now: datetime | None) -> list[tuple[int, int, str]]:
    text, _ = marked(job(schedule))
    path = folder / "jobs.toml"
    path.write_text(textwrap.dedent(text))
    (file,) = read_paths([path], now=now).files
    assert all(found.severity == "warning" for found in file.diagnostics)
    assert len(file.jobs) == 1
    return [(found.line, found.column, found.message) for found in file.diagnostics]


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        ("{ cron = '▸*/7 * * * *', exclude = ['2026-12-24'] }", 'schedule: the step of "*/7" is uneven: '),
        ("['@daily', '0 0 ▸31 * *']", "schedule: not every month has such a day: "),
        ("'30 ▸2 * * *'", "schedule: 02:30 does not exist on 2027-03-28 in Europe/Paris and runs at 03:00"),
        ("{ cron = '▸0 5 * * *', end = 2026-01-01T00:00:00 }", "schedule: it does not run any more: its end, "),
        ("{ cron = '0 5 * * *', ▸exclude = ['* * * * *'] }", "schedule: it never runs: its exclusions cover "),
    ],
)
def test_a_hint_stands_at_its_character_and_the_engine_stores_none_about_time(
    tmp_path: Path, schedule: str, message: str
) -> None:
    _, ((line, column),) = marked(job(schedule))
    ((found_line, found_column, found),) = warnings(tmp_path, schedule, NOW)
    assert (found_line, found_column) == (line, column)
    assert found.startswith(message)
    timeless = "2027" not in message and "any more" not in message
    assert bool(warnings(tmp_path, schedule, None)) == timeless


def test_a_project_beside_the_jobs_is_no_job_file(tmp_path: Path) -> None:
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    (tmp_path / "jobs.toml").write_text(job("'0 5 * * *'"))
    (file,) = read_paths([tmp_path]).files
    assert file.ok


def test_a_spread_number_follows_from_the_id_as_it_does_in_the_engine(tmp_path: Path) -> None:
    """Regression: files were judged by the job's name, so that one could pass which the engine then refuses."""
    february = "run = 'x'\nschedule = '0 0 H(28-31) 2 *'\n"
    assert not errors_of(read_text(tmp_path, f"[jobs.hash]\nid = 'other'\n{february}"))
    assert errors_of(read_text(tmp_path, f"[jobs.other]\nid = 'hash'\n{february}"))
