"""`schema`: for editors, so it needs no home and no store."""

from __future__ import annotations

from jobistemer_tui.jobfiles.json_schema import job_file_schema
from tests.cli.home import Home


def test_the_schema_is_printed_and_no_home_is_made(home: Home) -> None:
    done = home.run("schema")
    assert (done.code, done.err) == (0, "")
    assert done.json == job_file_schema()
    assert not home.folder.exists()
