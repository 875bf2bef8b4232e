"""`jobistemer edit`"""

from __future__ import annotations

from pathlib import Path

import click

from jobistemer_tui.cli.session import Session, global_options, pass_session
from jobistemer_tui.errors import NotFound
from jobistemer_tui.settings.near_words import did_you_mean, nearest


@click.command("edit")
@click.argument("job", metavar="JOB")
@global_options
@pass_session
def command(session: Session, job: str) -> int:
    """Open a job's file at its line in $VISUAL or $EDITOR, then check it and say what it would change.

    JOB may be a file too. The file stays as the editor left it; exit code 1 if it has an error.
    """
    from jobistemer_tui.cli.editing import edit_file

    path, line = _place(session, job)
    return edit_file(session, path, line)


def _place(session: Session, name: str) -> tuple[Path, int]:
    """Of a job that the store knows, of one that only a file has, or of a file."""
    with session.opened(make=False) as opened:
        known = {row.name: row for row in opened.operations.jobs()}
        if name in known:
            return Path(known[name].file), known[name].line
        jobs_dir = opened.locations.jobs_dir
    from jobistemer_tui.operations.commands.place_of_job import place_of_job  # reading files costs pydantic

    found = place_of_job([jobs_dir], name) if jobs_dir.is_dir() else None
    if found is None and Path(name).is_file():
        return Path(name), 1
    if found is None:
        raise NotFound(
            f"there is no job and no file {name!r}",
            hint=did_you_mean(nearest(name, known), f"make one with: jobistemer new {name}"),
        )
    return found
