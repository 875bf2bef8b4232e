"""Jobs that follow others are judged over all files: a circle is refused and shown, an unknown job is warned of."""

from __future__ import annotations

from pathlib import Path

from jobistemer_tui.jobfiles.read import read_paths
from jobistemer_tui.jobfiles.reading import FileReading

JOB = '[jobs.{0}]\nrun = "true"\n'
AFTER = JOB + "schedule = {{ after = {1} }}\n"


def read(folder: Path, **texts: str) -> dict[str, FileReading]:
    for name, text in texts.items():
        (folder / f"{name}.toml").write_text(text)
    known = {file.path: file for file in read_paths([folder]).files}
    again = read_paths([folder], known=known).files
    assert [file.diagnostics for file in again] == [file.diagnostics for file in known.values()]
    return {Path(file.path).stem: file for file in again}


def test_a_job_may_follow_one_of_another_file(tmp_path: Path) -> None:
    files = read(
        tmp_path, one=JOB.format("one"), two=AFTER.format("two", '"one"') + AFTER.format("three", '["one", "two"]')
    )
    assert [len(file.jobs) for file in files.values()] == [1, 2]
    assert not any(file.diagnostics for file in files.values())


def test_an_unknown_job_is_warned_of_with_the_nearest_name(tmp_path: Path) -> None:
    files = read(tmp_path, one=JOB.format("nightly"), two=AFTER.format("two", '["nightyl", "xyz"]'))
    near, far = files["two"].diagnostics
    assert (near.severity, near.code, near.line) == ("warning", "after_unknown", 1)
    assert 'run after "nightyl"' in near.message
    assert near.hint == 'did you mean "nightly"?'
    assert "until a file holds such a job" in far.hint
    assert len(files["two"].jobs) == 1


def test_every_file_of_a_circle_is_refused_and_shows_it(tmp_path: Path) -> None:
    files = read(
        tmp_path,
        a=AFTER.format("a", '"c"'),
        b=JOB.format("free") + AFTER.format("b", '"a"'),
        c=AFTER.format("c", '"b"'),
        d=AFTER.format("d", '"c"') + AFTER.format("e", '"f"') + AFTER.format("f", '"e"'),
        g=AFTER.format("g", '"free"'),
    )
    assert {name: len(file.jobs) for name, file in files.items()} == {"a": 0, "b": 0, "c": 0, "d": 0, "g": 1}
    (found,) = files["b"].diagnostics
    assert (found.severity, found.code, found.line) == ("error", "after_cycle", 3)
    assert "in a circle: b after a after c after b (b at " in found.message
    assert f"c at {tmp_path}/c.toml:1)" in found.message
    assert [one.line for one in files["d"].diagnostics] == [4, 7]


def test_a_job_does_not_follow_itself(tmp_path: Path) -> None:
    files = read(tmp_path, a=AFTER.format("a", '"a"'))
    assert [("a after a" in one.message, one.severity) for one in files["a"].diagnostics] == [(True, "error")]


def test_a_job_that_is_switched_off_follows_nothing(tmp_path: Path) -> None:
    """So it is in the store, which stands for files that are as they were."""
    off = AFTER.format("a", '["b", "nobody"]') + "enabled = false\n"
    files = read(tmp_path, a=off, b=AFTER.format("b", '"a"'))
    assert {name: (len(file.jobs), file.diagnostics) for name, file in files.items()} == {"a": (1, ()), "b": (1, ())}
