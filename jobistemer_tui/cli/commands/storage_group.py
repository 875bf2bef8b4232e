"""`jobistemer storage …`"""

from __future__ import annotations

import click

from jobistemer_tui.cli import output
from jobistemer_tui.cli.session import Session, global_options, pass_session
from jobistemer_tui.cli.sizes import size_text


@click.group("storage")
@global_options
def command() -> None:
    """Look after the database and the logs."""


@command.command("prune")
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@global_options
@pass_session
def prune(session: Session, dry_run: bool) -> None:
    """Clear away at once what the jobs' `keep` no longer keeps; an engine does the same by and by.

    Runs that are open or pinned stay. Folders of attempts that no run has any more go too.
    """
    with session.opened() as opened:
        pruned = opened.operations.prune(dry_run=dry_run)
        if session.as_json:
            jobs = [{"job": one.job, "runs": one.runs, "bytes": one.size} for one in pruned.jobs]
            output.as_json({"dry_run": pruned.dry_run, "jobs": jobs, "folders": pruned.folders})
            return
        output.table(("JOB", "RUNS", "LOGS"), [(one.job, str(one.runs), size_text(one.size)) for one in pruned.jobs])
        runs = sum(one.runs for one in pruned.jobs)
        would = "would be" if dry_run else "were"
        output.talk(f"{runs} runs and {pruned.folders} folders without a run {would} cleared away")
