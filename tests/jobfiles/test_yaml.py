"""YAML as its version 1.2 has it, and none of its traps."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from jobistemer_tui.jobfiles.source import SourceText, Unreadable
from jobistemer_tui.jobfiles.yaml_text import read_yaml
from tests.jobfiles.reading_files import errors_of, read_job, read_text


def value_of(text: str) -> Any:
    return read_yaml(SourceText("x.yaml", f"v: {text}\n")).data["v"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"), ("yes", "yes"), ("on", "on"), ("Off", "Off"), ("y", "y"), ("12:30:00", "12:30:00"),
        ("010", 10), ("0o10", 8), ("0x1F", 31), ("0b1", "0b1"), ("1_000", "1_000"), ("-5", -5), ("+5", 5),
        ("1.5", 1.5), ("1e3", 1000.0), (".5", 0.5), ("5.", 5.0), (".inf", math.inf), ("-.inf", -math.inf),
        ("true", True), ("False", False), ("null", None), ("~", None), ("", None), ("'true'", "true"), ('"5"', "5"),
        ("2026-12-01", "2026-12-01"), ("2026-12-01T09:00", "2026-12-01T09:00"), ("=", "="), ("1.2.3", "1.2.3"),
        ("|\n  5\n", "5\n"), (".", "."), ("<<", "<<"),
    ],
)  # fmt: skip
def test_plain_scalars(text: str, value: object) -> None:
    assert value_of(text) == value
    assert type(value_of(text)) is type(value)


def test_not_a_number() -> None:
    assert math.isnan(value_of(".nan"))


def test_norway_and_its_friends_are_texts_also_as_keys(tmp_path: Path) -> None:
    job = read_job(tmp_path, "jobs:\n  no:\n    run: on\n    env: {on: no, 1: off, null: y}\n", "a.yaml")
    assert (job.name, job.tasks[0].run, job.env) == ("no", "on", {"on": "no", "1": "off", "null": "y"})


def test_aliases_and_merges_are_read_with_their_own_places(tmp_path: Path) -> None:
    text = """
        jobs:
          a: &base
            run: x
            kill_grace: 5s
            max_active: 0
          b:
            <<: *base
            kill_grace: 6s
            max_active: 2
          c:
            <<: [*base]
        """
    reading = read_text(tmp_path, text, "a.yaml")
    assert [(found.line, found.column) for found in errors_of(reading)] == [(6, 17)]
    good = read_text(tmp_path, text.replace("max_active: 0", "max_active: 1"), "a.yaml")
    assert [job.definition.settings for job in good.jobs] == [
        {"max_active": 1, "kill_grace": 5.0},
        {"max_active": 2, "kill_grace": 6.0},
        {"max_active": 1, "kill_grace": 5.0},
    ]


def test_an_error_in_an_aliased_list_is_at_the_alias_or_its_source(tmp_path: Path) -> None:
    text = "jobs:\n  a: {run: x, tags: &t [1]}\n  b: {run: x, tags: *t}\n"
    assert [(found.line, found.column) for found in errors_of(read_text(tmp_path, text, "a.yaml"))] == [(2, 25)]


def test_a_bomb_of_aliases_is_refused(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    (found,) = errors_of(read_text(tmp_path, "\n".join(lines), "a.yaml"))
    assert found.message == "the aliases stand for more than 10000 values"
    assert found.line == 4


def test_a_bomb_of_merges_is_refused() -> None:
    lines = ["a0: &a0 {" + ", ".join(f"k{n}: 1" for n in range(100)) + "}"]
    lines += [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}" for n in range(1, 9)]
    with pytest.raises(Unreadable, match="aliases stand for more"):
        read_yaml(SourceText("x.yaml", "\n".join(lines)))


def test_nested_as_deep_as_a_chain_of_aliases_can_is_still_only_an_error(tmp_path: Path) -> None:
    lines = (
        ["a0: &a0 [x]"] + [f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 130)] + ["jobs: {j: {run: x, schedule: *a129}}"]
    )
    assert len(errors_of(read_text(tmp_path, "\n".join(lines), "a.yaml"))) > 100


def test_positions_count_characters(tmp_path: Path) -> None:
    reading = read_text(tmp_path, 'jobs:\n  a: {description: "😀é\u2028", run: x, nope: 1}\n', "a.yaml")
    assert [(found.line, found.column) for found in errors_of(reading)] == [(2, 35)]


def test_a_character_that_yaml_forbids_is_an_error(tmp_path: Path) -> None:
    (found,) = errors_of(read_text(tmp_path, "jobs:\n  a: \x80\n", "a.yaml"))
    assert (found.line, found.column) == (2, 6)
    assert "U+0080" in found.message
