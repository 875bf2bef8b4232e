"""The guide says what the program does, all of it and nothing else."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import click
import pytest

from jobistemer_tui.cli.command_table import COMMANDS
from jobistemer_tui.cli.commands import open_tui
from jobistemer_tui.cli.exit_codes import ExitCode
from jobistemer_tui.cli.main import cli
from jobistemer_tui.domain.durations import parse_duration
from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.policies import (
    DEFAULTS,
    FailureStrategy,
    Leftovers,
    OnLost,
    OverlapPolicy,
    RetryOn,
    UpdatePolicy,
)
from jobistemer_tui.domain.recovery_strategy import RecoveryStrategy
from jobistemer_tui.domain.states import OccurrenceState, Reason
from jobistemer_tui.engine.orders import KEPT_VARIABLES
from jobistemer_tui.engine.python_runner.run import Context
from jobistemer_tui.jobfiles import read_paths, schema
from jobistemer_tui.schedules import parse_schedule
from jobistemer_tui.settings.screen_options import ScreenOptions
from jobistemer_tui.tui.actions import ACTIONS, Action, keys_text
from jobistemer_tui.tui.widgets.log_actions import LOG_ACTIONS, LOG_SCREEN_ACTIONS
from tests.architecture.markdown import GUIDE, blocks, links, pages, shown, table_rows
from tests.architecture.tree import PACKAGE, ROOT, python_files, read

JOB_FILES = GUIDE / "job_files.md"
TASKS = GUIDE / "tasks.md"
POLICIES = GUIDE / "policies.md"
CHOICES: dict[str, type[StrEnum]] = {
    "overlap_policy": OverlapPolicy,
    "failure_strategy": FailureStrategy,
    "recovery_strategy": RecoveryStrategy,
    "leftovers": Leftovers,
    "on_lost": OnLost,
    "update_policy": UpdatePolicy,
}
"""Every setting that is one of some words."""
FILES = [*sorted(GUIDE.glob("*.md")), ROOT / "README.md"]


def test_links_lead_somewhere() -> None:
    dead = [
        f"{shown(page)} {target}"
        for page in pages()
        for target in links(page)
        if not (page.parent / target.partition("#")[0]).exists()
    ]
    assert dead == []


def test_every_page_of_the_guide_is_in_its_index() -> None:
    assert {path.name for path in GUIDE.glob("*.md")} == {"index.md", *links(GUIDE / "index.md")}


def test_every_key_of_a_job_file_is_explained() -> None:
    nested = (schema.RetryPolicy, schema.RecoveryWindow, schema.Keep, schema.ConcurrencyGroup, schema.Param)
    tables = (schema.Job, schema.Task, schema.Defaults, *nested)
    keys = {name for table in tables for name in table.model_fields}
    explained = {word for row in table_rows(JOB_FILES) for word in re.findall(r"`(\w+)`", row[0])}
    assert keys - explained == set()
    assert explained - keys == set()


def test_settings_and_actions_of_the_screen_are_listed() -> None:
    rows = [row for row in table_rows(GUIDE / "screen_settings.md") if row[0].startswith("`")]
    first = [row[0].strip("`") for row in rows]
    options: dict[str, object] = {one.name: one.default for one in fields(ScreenOptions)}
    assert first[: len(options)] == list(options)
    for name, default, _ in rows[: len(options)]:
        wanted = options[name.strip("`")]
        written = default.strip("`")
        match wanted:
            case bool() | tuple():
                assert written == str(wanted).lower().replace("()", "[]"), name
            case float():
                assert parse_duration(written) == wanted, name
            case str():
                assert written == wanted, name
            case _:
                assert (name, wanted) == ("`theme`", None)
    actions = [*ACTIONS, *(replace(one, id=f"log.{one.id}") for one in (*LOG_ACTIONS, *LOG_SCREEN_ACTIONS))]
    assert [tuple(row) for row in rows[len(options) :]] == [
        (f"`{one.id}`", keys_text(one), one.label) for one in actions
    ]


def test_every_key_of_the_settings_file_is_explained() -> None:
    text = read(GUIDE / "first_steps.md")
    assert [name for name in schema.ConfigFile.model_fields if name not in text] == []


@pytest.mark.parametrize("name", DEFAULTS)
def test_the_defaults_are_those_of_the_program(name: str) -> None:
    wanted = DEFAULTS[name]
    (row,) = [row for row in table_rows(JOB_FILES) if row[0] == f"`{name.rpartition('.')[2]}`"]
    written = row[1].strip("`")
    match wanted:
        case None:
            assert written == "none"
        case str():
            assert written == wanted
        case int() if written.endswith("MiB"):
            assert int(written.removesuffix("MiB")) * 1024 * 1024 == wanted
        case int() if written.endswith("GiB"):
            assert int(written.removesuffix("GiB")) * 1024**3 == wanted
        case int() | float() if written[-1] in "dhs":
            assert parse_duration(written) == wanted
        case _:
            assert float(written) == wanted


def policy_examples(folder: Path) -> list[JobDefinition]:
    """All jobs of the examples of the page of policies."""
    paths = [folder / f"{number}.toml" for number, _ in enumerate(blocks(POLICIES, "toml"))]
    for path, text in zip(paths, blocks(POLICIES, "toml"), strict=True):
        path.write_text(text, encoding="utf-8")
    return [job.definition for file in read_paths(paths).files for job in file.jobs]


def test_every_policy_has_a_row_and_an_example_that_loads(tmp_path: Path) -> None:
    rows = {word for row in table_rows(POLICIES) for word in re.findall(r"`(\w+)`", row[0])}
    given: dict[str, set[object]] = {}
    for definition in policy_examples(tmp_path):
        for level in (definition.settings, *(task.settings for task in definition.tasks)):
            for name, value in level.items():
                given.setdefault(name, set()).add(str(value) if isinstance(value, dict | list) else value)
    assert {name.rpartition(".")[2] for name in DEFAULTS} - rows == set()
    assert set(DEFAULTS) - set(given) == set()
    for name, kind in CHOICES.items():
        assert {word.value for word in kind} - given[name] == set(), name
    assert {word for word in RetryOn if f'`"{word}"`' not in read(POLICIES)} == set()


def test_every_policy_is_told_in_a_story() -> None:
    """Real processes, with the policy set: whether the story would fail without it, only a reader can say."""
    stories = "".join(read(path) for path in (ROOT / "tests" / "stories").glob("test_*.py"))
    keys = {word for name in DEFAULTS for word in name.split(".")}
    assert {word for word in keys if not re.search(rf"\b{word} ?[=:]", stories)} == set()


@pytest.mark.parametrize("name", DEFAULTS)
def test_the_defaults_of_policies_are_those_of_the_job_files(name: str) -> None:
    word = name.rpartition(".")[2]
    told = [row[1] for row in table_rows(JOB_FILES) if row[0] == f"`{word}`"]
    assert [row[1] for row in table_rows(POLICIES) if re.match(rf"`{word}`( of |$)", row[0])] == told


def test_what_a_callable_finds_is_listed() -> None:
    text = read(TASKS)
    public = [name for name in {**vars(Context), **Context.__annotations__} if not name.startswith("_")]
    given = re.findall(r"self\.([a-z]\w*): ", read(PACKAGE / "engine" / "python_runner" / "run.py"))
    assert {"log", "state"} <= {*public, *given}
    assert [name for name in (*public, *given) if f"`{name}`" not in text] == []


def test_the_environment_of_tasks_is_listed() -> None:
    text = read(TASKS)
    made = re.findall(r'^        "([A-Z_]+)":', read(PACKAGE / "engine" / "orders.py"), re.MULTILINE)
    made += re.findall(r'^        "JOBISTEMER_([A-Z_]+)":', read(PACKAGE / "engine" / "given.py"), re.MULTILINE)
    assert {"SCHEDULED_TIME", "STATE"} <= set(made)
    assert [name for name in made if f"`JOBISTEMER_{name}`" not in text] == []
    assert [name for name in KEPT_VARIABLES if f"`{name}`" not in text] == []


def test_every_state_and_every_reason_in_use_is_explained() -> None:
    explained = {row[0].strip("`") for row in table_rows(GUIDE / "what_happens_when.md")}
    text = read(GUIDE / "what_happens_when.md")
    assert {str(state) for state in OccurrenceState} - explained == set()
    used = {
        word
        for path in python_files(PACKAGE / "engine", PACKAGE / "operations")
        if path.name != "why_clauses.py"  # it explains the whole list, used or not
        for word in re.findall(r"\bReason\.([A-Z_]+)\b", read(path))
    }
    internal = {Reason.RETRY, Reason.NEVER_STARTED, Reason.RERUN}
    assert [word for word in used if Reason[word] not in internal and f"`{Reason[word]}`" not in text] == []


def commands() -> list[tuple[str, click.Command]]:
    with click.Context(cli) as context:
        found = [(name, cli.get_command(context, name)) for name in COMMANDS]
    named = [(name, command) for name, command in found if command is not None]
    groups = [(name, group.commands) for name, group in named if isinstance(group, click.Group)]
    inner = [(f"{name} {word}", command) for name, within in groups for word, command in within.items()]
    return [*named, *inner]


def test_every_command_and_option_is_explained() -> None:
    text = read(GUIDE / "command_line.md")
    names = [name for name, command in commands() if not isinstance(command, click.Group)]
    assert [name for name in names if not re.search(rf"\*\*`{name}\b", text)] == []
    options = {option for _, command in commands() for option in _options(command)}
    assert len(options) > 10
    assert [option for option in options if f"`{option}" not in text] == []


def _options(command: click.Command) -> set[str]:
    """The longest form of each option of a command."""
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    return {max(option.opts, key=len) for option in options}


def test_no_command_or_option_is_invented() -> None:
    text = "".join(read(path) for path in FILES)
    every = [cli, open_tui.command, *(command for _, command in commands())]
    known = {name for command in every for parameter in command.params for name in parameter.opts}
    foreign = {"--help", "--quiet", "--campaign"}
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]+", text)) - known - foreign == set()
    called = re.findall(r"^jobistemer +([a-z]+)\b", "\n".join(b for p in FILES for b in blocks(p, "sh")), re.MULTILINE)
    assert called
    assert set(called) - set(COMMANDS) == set()


def test_exit_codes_are_listed() -> None:
    listed = {int(row[0]) for row in table_rows(GUIDE / "command_line.md") if row[0].isdigit()}
    assert listed == {int(code) for code in ExitCode}


@pytest.mark.parametrize(
    ("heading", "actions"), [("## Keys\n", ACTIONS), ("## Keys of the log\n", (*LOG_ACTIONS, *LOG_SCREEN_ACTIONS))]
)
def test_every_key_of_the_screen_is_listed(heading: str, actions: tuple[Action, ...]) -> None:
    part = read(GUIDE / "screen.md").partition(heading)[2].partition("\n## ")[0]
    cells = [line.split(" | ")[0].lstrip("| ") for line in part.splitlines() if line.startswith("| ")]
    listed = {key for cell in cells for key in cell.replace(", ", " ").split()} | {"/"}
    keys = {action.id: set(keys_text(action).split()) for action in actions}
    assert {name: sorted(wanted - listed) for name, wanted in keys.items() if wanted - listed} == {}


def test_the_schedules_of_the_guide_are_understood() -> None:
    (block, *_) = blocks(GUIDE / "schedules.md", "toml")
    now = datetime(2026, 1, 1, tzinfo=UTC)
    lines = block.splitlines()
    assert len(lines) > 5
    for line in lines:
        schedule = parse_schedule(tomllib.loads(line)["schedule"], timezone="Europe/Paris", key="job", anchor=now)
        assert schedule.next_after(now) is not None or schedule.follows, line
