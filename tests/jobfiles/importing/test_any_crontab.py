"""Whatever a crontab holds: nothing crashes, no line is lost without a word, and the file is accepted."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from jobistemer_tui.jobfiles.importing.crontab_lines import Entry, read_crontab
from jobistemer_tui.jobfiles.importing.toml_out import toml_text
from jobistemer_tui.jobfiles.parse import parse_jobs
from jobistemer_tui.jobfiles.reading import ConfigLevel
from tests.jobfiles.importing.importing_crontabs import imported

PIECES = st.sampled_from([
    "*", "*/5", "0", "~", "1-5", "@daily", "@reboot", "-", "#", "=", "A", "SHELL=", "CRON_TZ=", "%", "\\%", "'", '"',
    "'''", "\\", "flock", "bash -c", "env", "$(x)", "\t", " ", "  ", "\n", "\r\n", "\x00", "\x1b", "\udc80", "é",
    "\u202e", "root",
])  # fmt: skip
LINES = st.lists(PIECES, max_size=14).map("".join)
ENTRIES = LINES.map(lambda rest: f"0 5 * * * {rest}")


@settings(max_examples=60)
@given(st.lists(st.one_of(LINES, ENTRIES), max_size=6).map("\n".join), st.booleans())
def test_any_text_is_imported_or_reported(content: str, system: bool) -> None:
    made = imported(content, system=system)
    found = [line for line in read_crontab(content, system=system) if isinstance(line, Entry)]
    assert {line.line for line in found} <= {note.line for note in made.notes}
    text = toml_text(made, "any")
    jobs, problems, _ = parse_jobs("/x.toml", "/", text.encode(), ConfigLevel())
    assert [problem.text() for problem in problems if problem.severity == "error"] == []
    assert {job.definition.name: job.definition.tasks[0].run for job in jobs} == {
        job.name: job.table["run"] for job in made.jobs
    }
