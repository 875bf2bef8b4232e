"""`simulate` on the command line: text, JSON and the words of its options."""

from __future__ import annotations

import pytest

from tests.cli.home import Home
from tests.support.factories import add_job, make_definition

FROM = ["--from", "2026-12-01T00:00:00Z", "--for", "1d"]


@pytest.fixture
def filled(home: Home) -> Home:
    home.fill(lambda store: add_job(store, make_definition("backup", schedule="0 */6 * * *", timezone="UTC")))
    return home


def test_text(filled: Home) -> None:
    done = filled.run("simulate", *FROM, "--duration", "backup=7h", "--slots", "2", "--down", "02:00", "13:00")
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0] == "2026-12-01 00:00:00 UTC to 2026-12-02 00:00:00 UTC, 2 at once"
    assert lines[1] == "down from 2026-12-01 02:00:00 UTC to 2026-12-01 13:00:00 UTC"
    row = next(line for line in lines if line.startswith("backup"))
    assert "1 missed (downtime)" in row
    assert "given" in row
    assert any("|" in line and "#" in line for line in lines)


def test_json(filled: Home) -> None:
    found = filled.run("simulate", "backup", *FROM, "--json").json
    (job,) = found["jobs"]
    assert (job["job"], job["runs"], job["duration_from"]) == ("backup", 3, {"dump": "assumed"})
    assert len(found["load"]) == 48
    assert (found["start"], found["step_s"], found["down"]) == ("2026-12-01T00:00:00Z", 1800.0, [])


def test_a_home_without_jobs(home: Home) -> None:
    done = home.run("simulate")
    assert (done.code, done.out) == (0, "")
    assert done.err == "there are no jobs\n"


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--for", "0s"], "--for is a time of some length"),
        (["--down", "noon", "13:00"], "--down: 'noon' is not a time"),
        (["--down", "2026-12-01T05:00:00Z", "2026-12-01T04:00:00Z"], "is out of order"),
        (["--down", "2026-11-01T05:00:00Z", "13:00"], "is out of order"),
        (["--duration", "backup"], "is not JOB=D"),
        (["--duration", "backup=soon"], "--duration: 'soon' is not a duration"),
        (["--duration", "other=5m"], "is called 'other'"),
    ],
)
def test_words_that_are_off(filled: Home, words: list[str], text: str) -> None:
    done = filled.run("simulate", *FROM, *words)
    assert done.code == 64
    assert text in done.err


def test_an_unknown_job(filled: Home) -> None:
    assert filled.run("simulate", "bakcup").code == 66
