"""What every list does with its rows: filter, problems only, order, figures, and the file it is written to."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from jobistemer_tui.errors import Refused
from jobistemer_tui.tui.export import default_name, export_text, write_export
from jobistemer_tui.tui.presentation.file_rows import FILE_LISTING
from jobistemer_tui.tui.presentation.job_listing import JOB_LISTING
from jobistemer_tui.tui.presentation.job_rows import Viewpoint
from jobistemer_tui.tui.presentation.listing import Arrangement, arranged, count_words, figures
from jobistemer_tui.tui.presentation.moments import TimeStyle
from tests.support.sample_jobs import (
    DENIED_FILE,
    GOOD_FILE,
    NOW,
    OTHER_FILE,
    REFUSED_FILE,
    WARNED_FILE,
    hostile_rows,
    sample_rows,
)

VIEW = Viewpoint(NOW, TimeStyle.UTC, True)
ALL = [row.name for row in sample_rows()]


def names(query: str) -> list[str]:
    return [row.name for row in arranged(sample_rows(), JOB_LISTING, Arrangement(query))]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ALL),
        ("BACKUP-h", ["backup-home"]),
        ("customer", ["backup-db"]),
        ("tag:rem", ["backup-offsite"]),
        ("tag:remote,report", ["backup-offsite", "report-sales"]),
        ("status:fail,miss", ["backup-offsite", "backup-vm"]),
        ("status:failed", ["backup-offsite"]),
        ("status:", ALL),
        ("backup status:ok", ["backup-home"]),
        ("tag:backup !status:ok !tag:io", ["backup-offsite"]),
        ("backup-h !", ["backup-home"]),
        ("nofield:ok", []),
        ("@daily", ["report-sales"]),
        ("[/oops]", []),
        ("  ", ALL),
    ],
)
def test_filter(query: str, expected: list[str]) -> None:
    assert names(query) == expected


def test_filter_takes_hostile_names() -> None:
    rows = hostile_rows()
    assert arranged(rows, JOB_LISTING, Arrangement("[/oops]"))[0].name == rows[0].name


def test_files_by_standing_and_by_job() -> None:
    files = [GOOD_FILE, OTHER_FILE, WARNED_FILE, REFUSED_FILE, DENIED_FILE]

    def found(chosen: Arrangement) -> list[str]:
        return [row.path.rpartition("/")[2] for row in arranged(files, FILE_LISTING, chosen)]

    assert found(Arrangement("status:refused,not")) == ["reports.yaml", "sync.toml", "shared.toml"]
    assert found(Arrangement("job:sort")) == ["photos.toml"]
    assert found(Arrangement(problems_only=True)) == ["photos.toml", "sync.toml", "shared.toml"]
    assert found(Arrangement("exiftran")) == ["photos.toml"]


def test_problems_only() -> None:
    found = arranged(sample_rows(), JOB_LISTING, Arrangement(problems_only=True))
    assert [row.name for row in found] == ["backup-offsite", "backup-vm", "report-sales"]


def test_every_order_and_its_reverse_hold_the_same_rows() -> None:
    for index, sort in enumerate(JOB_LISTING.sorts):
        rows = arranged(sample_rows(), JOB_LISTING, Arrangement(sort=index))
        turned = arranged(sample_rows(), JOB_LISTING, Arrangement(sort=index, turned=True))
        assert sorted(row.name for row in turned) == sorted(row.name for row in rows) == sorted(ALL)
        if sort.key is not None:
            keys = [sort.key(row) for row in rows]
            assert keys == sorted(keys)
            assert [sort.key(row) for row in turned] == keys[::-1]
    by_next = arranged(sample_rows(), JOB_LISTING, Arrangement(sort=1))
    assert [row.name for row in by_next[:2]] == ["sync-mail", "backup-vm"]
    assert names("")[::-1] == [row.name for row in arranged(sample_rows(), JOB_LISTING, Arrangement(turned=True))]


def test_counts() -> None:
    assert count_words(1, 1, "job") == "1 job"
    assert count_words(11, 11, "job") == "11 jobs"
    assert count_words(5, 42, "job") == "5 of 42 jobs"
    assert count_words(10_000, 10_000, "job") == "10 000 jobs"


def test_every_toggle_shows_its_state() -> None:
    chosen = Arrangement(problems_only=True, hidden_shown=True, sort=1, turned=True)
    assert figures(3, 11, JOB_LISTING, chosen) == "3 of 11 jobs · problems only · hidden shown · sort Next ▼"
    assert figures(11, 11, JOB_LISTING, Arrangement(sort=2)) == "11 jobs · sort Last ▲"
    assert figures(11, 11, JOB_LISTING, Arrangement()) == "11 jobs"


def test_export_as_csv_and_json_has_every_value() -> None:
    rows = [*sample_rows(), *hostile_rows()]
    told = list(csv.DictReader(export_text(".csv", rows, JOB_LISTING, VIEW).splitlines(keepends=True)))
    read = json.loads(export_text(".json", rows, JOB_LISTING, VIEW))
    assert [row["name"] for row in read] == [row.name for row in rows]
    assert [row["file"].replace("\r", "") for row in told] == [row.file.replace("\r", "") for row in rows]
    assert told[0]["next"] == read[0]["next"] == "2026-11-25T01:00:07Z"
    assert json.loads(told[0]["last"])["status"] == "running"
    assert (told[0]["error"], told[0]["enabled"]) == ("", "true")
    assert export_text(".csv", [], JOB_LISTING, VIEW) == ""


def test_export_as_text_is_the_table() -> None:
    lines = export_text(".txt", [*sample_rows(), *hostile_rows()], JOB_LISTING, VIEW).splitlines()
    assert lines[0].split()[:3] == ["S", "Job", "Tags"]
    assert "backup-db" in lines[1]
    assert len(lines) == 1 + len(ALL) + len(hostile_rows())
    assert not any("\x1b" in line for line in lines)


def test_export_never_writes_over_a_file(tmp_path: Path) -> None:
    path = tmp_path / default_name("jobs", VIEW)
    assert path.name == "jobs-20261124-133207.csv"
    write_export(path, sample_rows(), JOB_LISTING, VIEW)
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(Refused, match="is there already"):
        write_export(path, [], JOB_LISTING, VIEW)
    assert path.read_text().startswith("id,name,file")
