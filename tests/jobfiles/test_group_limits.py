"""Jobs of one concurrency group that do not agree about its limit are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobistemer_tui.jobfiles import FileReading, read_paths


def write(folder: Path, name: str, group: str) -> None:
    (folder / f"{name}.toml").write_text(f"[jobs.{name}]\nrun = 'x'\nconcurrency_group = {group}\n")


def read(folder: Path, known: dict[str, FileReading] | None = None) -> dict[str, FileReading]:
    return {Path(file.path).stem: file for file in read_paths([folder], known=known).files}


def warnings(files: dict[str, FileReading]) -> dict[str, list[str]]:
    return {name: [item.message for item in file.diagnostics] for name, file in files.items() if file.diagnostics}


def test_the_larger_limit_is_warned_of_with_the_place_of_the_smaller(tmp_path: Path) -> None:
    write(tmp_path, "a", "{ name = 'db', limit = 3 }")
    write(tmp_path, "b", "'db'")
    write(tmp_path, "c", "{ name = 'other', limit = 9 }")
    files = read(tmp_path)
    assert warnings(files) == {
        "a": [f'the group "db" has the limit 3 here, but 1 in the job "b" at {tmp_path}/b.toml:1; the smallest holds']
    }
    (warning,) = files["a"].diagnostics
    assert (warning.severity, warning.line, warning.column) == ("warning", 1, 7)
    assert files["a"].ok, "it is loaded all the same"
    assert [job.definition.name for job in files["a"].jobs] == ["a"]


@pytest.mark.parametrize("groups", [("'db'", "'db'"), ("'db'", "'disk'"), ("'none'", "{ name = 'db', limit = 2 }")])
def test_where_they_agree_nothing_is_said(tmp_path: Path, groups: tuple[str, str]) -> None:
    for name, group in zip("ab", groups, strict=True):
        write(tmp_path, name, group)
    assert warnings(read(tmp_path)) == {}


def test_the_warning_goes_when_the_other_file_is_mended(tmp_path: Path) -> None:
    write(tmp_path, "a", "{ name = 'db', limit = 3 }")
    write(tmp_path, "b", "'db'")
    first = read(tmp_path)
    known = {file.path: file for file in first.values()}
    assert warnings(read(tmp_path, known)) == warnings(first), "not said twice"
    write(tmp_path, "b", "{ name = 'db', limit = 3 }")
    assert warnings(read(tmp_path, known)) == {}
