"""Files and folders: what is read, in which order, what is kept, and who has a name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from jobistemer_tui.jobfiles import ConfigLevel, Diagnostic, FileReading, Reading, parse, read_paths

JOB = "[jobs.{}]\nrun = 'x'\n"


def write(folder: Path, **jobs: str) -> None:
    """Files named by the keys, each with the jobs named in the value."""
    for name, names in jobs.items():
        (folder / f"{name}.toml").write_text("".join(JOB.format(job) for job in names.split()))


def loaded(reading: Reading) -> dict[str, list[str]]:
    return {os.path.basename(file.path): [job.definition.key for job in file.jobs] for file in reading.files}


def known(reading: Reading) -> dict[str, FileReading]:
    return {file.path: file for file in reading.files}


def test_a_folder_is_read_whole_and_sorted(tmp_path: Path) -> None:
    (tmp_path / "sub" / "deep").mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    for name in ("b.toml", "sub/deep/a.yml", "a.yaml", "sub/c.toml"):
        (tmp_path / name).write_text("")
    for name in (
        ".hidden.toml",
        ".git/x.toml",
        "a.toml~",
        ".a.toml.swp",
        "a.toml.tmp",
        "4913",
        "#a.toml#",
        "x.txt",
        "x",
    ):
        (tmp_path / name).write_text("nonsense")
    reading = read_paths([tmp_path])
    assert [os.path.relpath(file.path, tmp_path) for file in reading.files] == [
        "a.yaml", "b.toml", "sub/c.toml", "sub/deep/a.yml",
    ]  # fmt: skip
    assert all(file.ok and file.root == str(tmp_path) for file in reading.files)


def test_a_file_under_two_paths_is_read_once(tmp_path: Path) -> None:
    write(tmp_path, a="x", b="y")
    reading = read_paths([tmp_path / "b.toml", tmp_path, tmp_path])
    assert reading.roots == (str(tmp_path / "b.toml"), str(tmp_path))
    assert [(file.path, file.root) for file in reading.files] == [
        (str(tmp_path / "b.toml"), str(tmp_path / "b.toml")),
        (str(tmp_path / "a.toml"), str(tmp_path)),
    ]


def test_a_path_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, a="x")
    there, missing = read_paths([tmp_path, tmp_path / "nothing"]).files
    assert there.ok
    assert (missing.path, missing.ok, missing.jobs) == (str(tmp_path / "nothing"), False, ())
    (problem,) = missing.diagnostics
    assert (problem.message, problem.code) == ("does not exist", "missing")


def test_a_folder_that_cannot_be_listed_is_an_error_even_deep_inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sub").mkdir()
    listed = os.scandir

    def refuse(folder: str) -> object:
        if folder == str(tmp_path / "sub"):
            raise PermissionError(13, "Permission denied")
        return listed(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    write(tmp_path, a="x")
    there, refused = read_paths([tmp_path]).files
    assert there.ok
    (problem,) = refused.diagnostics
    assert (refused.path, problem.code) == (str(tmp_path / "sub"), "unreadable")
    assert problem.message == "cannot be read: Permission denied"
    assert problem.hint == f"chmod u+rx {tmp_path / 'sub'}"


def test_folders_that_vanish_meanwhile_are_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sub").mkdir()
    listed = os.scandir
    vanishing = str(tmp_path / "sub")

    def vanish(folder: str) -> object:
        if folder == vanishing:
            raise FileNotFoundError(2, "No such file or directory")
        return listed(folder)

    monkeypatch.setattr(os, "scandir", vanish)
    assert read_paths([tmp_path]).files == ()
    vanishing = str(tmp_path)
    (missing,) = read_paths([tmp_path]).files
    assert missing.diagnostics[0].message == "does not exist"


def test_files_that_vanish_meanwhile_are_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, a="x", b="y")
    opened = os.open

    def vanish(path: str, flags: int) -> int:
        if path == str(tmp_path / "a.toml"):
            (tmp_path / "a.toml").unlink()
        return opened(path, flags)

    monkeypatch.setattr(os, "open", vanish)
    assert [file.path for file in read_paths([tmp_path]).files] == [str(tmp_path / "b.toml")]


def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs" / "loop").symlink_to(tmp_path / "jobs")
    write(tmp_path / "jobs", a="x")
    assert loaded(read_paths([tmp_path / "jobs"])) == {"a.toml": ["x"]}


def test_a_file_of_no_known_kind_is_refused_where_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "crontab").write_text("x")
    (file,) = read_paths([tmp_path / "crontab"]).files
    assert [found.message for found in file.diagnostics] == ["is of no known kind"]


def test_a_name_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.toml")).write_text(JOB.format("a"))
    (file,) = read_paths([tmp_path]).files
    assert [found.message for found in file.diagnostics] == ["its name is not UTF-8"]
    assert file.path.encode()


def test_a_broken_file_has_no_jobs_and_the_others_are_not_affected(tmp_path: Path) -> None:
    write(tmp_path, a="x", b="y z")
    with (tmp_path / "b.toml").open("a") as file:
        file.write("nope = 1\n")
    assert loaded(read_paths([tmp_path])) == {"a.toml": ["x"], "b.toml": []}


class Parsings:
    """Counts the files that are parsed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.paths: list[str] = []
        self._parse = parse.parse_jobs
        monkeypatch.setattr(parse, "parse_jobs", self._count)

    def _count(self, path: str, *rest: Any) -> object:
        self.paths.append(os.path.basename(path))
        return self._parse(path, *rest)


@pytest.fixture
def parsings(monkeypatch: pytest.MonkeyPatch) -> Parsings:
    return Parsings(monkeypatch)


def test_unchanged_files_are_not_parsed_again(tmp_path: Path, parsings: Parsings) -> None:
    write(tmp_path, a="x", b="y", c="z")
    (tmp_path / "c.toml").write_text("broken")
    first = read_paths([tmp_path])
    assert parsings.paths == ["a.toml", "b.toml", "c.toml"]
    write(tmp_path, b="w")
    os.utime(tmp_path / "a.toml")
    second = read_paths([tmp_path], known=known(first))
    assert parsings.paths[3:] == ["b.toml"]
    assert second.files[0] is first.files[0]
    assert second.files[2] is first.files[2]
    assert loaded(second) == {"a.toml": ["x"], "b.toml": ["w"], "c.toml": []}


def test_thousands_of_unchanged_files_are_only_hashed(tmp_path: Path, parsings: Parsings) -> None:
    content = JOB.format("a")
    reading = read_paths([_one(tmp_path, "first.toml", content)]).files[0]
    many: dict[str, FileReading] = {}
    for number in range(2000):
        path = str(_one(tmp_path, f"{number}.toml", content))
        many[path] = FileReading(path, str(tmp_path), reading.content_hash, (), ())
    assert len(read_paths([tmp_path], known=many).files) == 2001
    assert parsings.paths == ["first.toml", "first.toml"]


def _one(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text)
    return folder / name


def test_another_configuration_makes_other_definitions(tmp_path: Path) -> None:
    write(tmp_path, a="x")
    first = read_paths([tmp_path])
    config = ConfigLevel({"kill_grace": 1.0})
    (job,) = read_paths([tmp_path], known=known(first), config=config).files[0].jobs
    assert job.definition.config_settings == {"kill_grace": 1.0}


def test_a_known_reading_belongs_to_the_path_it_is_read_under(tmp_path: Path, parsings: Parsings) -> None:
    write(tmp_path, a="x")
    first = read_paths([tmp_path])
    second = read_paths([tmp_path / "a.toml"], known=known(first)).files[0]
    assert (second.root, second.jobs[0].root) == (str(tmp_path / "a.toml"),) * 2
    assert parsings.paths == ["a.toml"]


def test_of_two_files_with_one_job_the_first_has_it(tmp_path: Path) -> None:
    write(tmp_path, a="x", b="y x", c="y")
    reading = read_paths([tmp_path])
    assert loaded(reading) == {"a.toml": ["x"], "b.toml": [], "c.toml": ["y"]}
    assert reading.files[1].diagnostics == (
        Diagnostic(
            str(tmp_path / "b.toml"), 3, 7, f'the job "x" is already defined in {tmp_path}/a.toml:1',
            "rename one of the two, or give it an id of its own", code="taken", source_line="[jobs.x]",
        ),
    )  # fmt: skip


def test_the_file_that_runs_the_job_keeps_it(tmp_path: Path) -> None:
    write(tmp_path, a="x", b="x")
    owners = {"x": str(tmp_path / "b.toml")}
    assert loaded(read_paths([tmp_path], owners=owners)) == {"a.toml": [], "b.toml": ["x"]}


def test_a_broken_save_of_the_file_that_runs_it_does_not_give_the_job_away(tmp_path: Path) -> None:
    write(tmp_path, a="x")
    (tmp_path / "b.toml").write_text("broken")
    reading = read_paths([tmp_path], owners={"x": str(tmp_path / "b.toml")})
    assert loaded(reading) == {"a.toml": [], "b.toml": []}
    assert f"already defined in {tmp_path}/b.toml" in reading.files[0].diagnostics[0].message


@pytest.mark.parametrize("owner_file", ["b.toml", "gone.toml"])
def test_a_job_that_has_moved_to_another_file_is_accepted_there(owner_file: str, tmp_path: Path) -> None:
    write(tmp_path, a="x", b="y")
    assert loaded(read_paths([tmp_path], owners={"x": str(tmp_path / owner_file)})) == {
        "a.toml": ["x"],
        "b.toml": ["y"],
    }


def test_a_refused_newcomer_is_accepted_once_the_name_is_free(tmp_path: Path) -> None:
    write(tmp_path, a="x", b="x")
    first = read_paths([tmp_path])
    write(tmp_path, a="z")
    assert loaded(read_paths([tmp_path], known=known(first))) == {"a.toml": ["z"], "b.toml": ["x"]}


def test_an_id_counts_as_the_name(tmp_path: Path) -> None:
    write(tmp_path, a="x")
    (tmp_path / "b.toml").write_text("[jobs.other]\nid = 'x'\nrun = 'x'\n")
    (tmp_path / "c.toml").write_text("[jobs.x]\nid = 'own'\nrun = 'x'\n")
    assert loaded(read_paths([tmp_path])) == {"a.toml": ["x"], "b.toml": [], "c.toml": ["own"]}


def test_two_thousand_jobs_in_one_file(tmp_path: Path) -> None:
    job = "[jobs.t{}]\nschedule = '{} 5 * * *'\nkill_grace = '3s'\n[[jobs.t{}.tasks]]\nname = 't'\nrun = 'x'\n"
    (tmp_path / "many.toml").write_text("".join(job.format(n, n % 60, n) for n in range(2000)))
    (tmp_path / "many.yaml").write_text(
        "jobs:\n"
        + "".join(f"  y{n}:\n    schedule: {n % 60} 5 * * *\n    tasks: [{{name: t, run: x}}]\n" for n in range(2000))
    )
    reading = read_paths([tmp_path])
    assert [len(file.jobs) for file in reading.files] == [2000, 2000]


def test_diagnostics_survive_the_store(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("x = 1")
    (found,) = read_paths([tmp_path]).files[0].diagnostics
    assert Diagnostic.from_json(found.to_json()) == found
    assert set(found.to_json()) == {"file", "line", "column", "message", "hint", "severity", "code", "source_line"}
