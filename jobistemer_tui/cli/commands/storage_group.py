"""`jobistemer storage …`"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jobistemer_tui.cli import output, storage_output
from jobistemer_tui.cli.session import Session, global_options, pass_session
from jobistemer_tui.domain.sizes import size_text
from jobistemer_tui.errors import NotFound

if TYPE_CHECKING:
    from jobistemer_tui.wiring import Opened

_ROWS_A_LINE = 10_000


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


@command.command("copy")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@click.option("--update", is_flag=True, help="Also bring up to date what differs; only if no engine has worked in TO.")
@global_options
@pass_session
def copy(session: Session, source: str, target: str, update: bool) -> int:
    """Copy everything in the store FROM that the store TO lacks, with its output; both are URLs.

    Nothing that is there is changed, so it can be repeated, and histories merged. What runs, and while an engine serves
    FROM what waits, stays behind and is counted. Ends with 1 if anything stayed behind or differs.
    """
    from jobistemer_tui.operations.commands.copy_storage import copy_storage
    from jobistemer_tui.wiring import storage_place

    stores = _with_store(session, source), _with_store(session, target)
    with _opened(stores[0], make=False) as here, _opened(stores[1], make=True) as there:
        done = copy_storage(
            storage_place(here), storage_place(there), there.clock, actor=there.operations.actor, update=update,
            progress=_Progress().seen,
        )  # fmt: skip
    return storage_output.show_copied(done, as_json=session.as_json)


@command.command("check")
@click.option("--against", metavar="URL", help="Compare with that store, row by row.")
@global_options
@pass_session
def check(session: Session, against: str | None) -> int:
    """Read the whole store for damage; or say whether another store has all that is in it.

    Ends with 1 if anything is only here or differs.
    """
    from jobistemer_tui.operations.commands.copy_storage import check_storage, compare_storage
    from jobistemer_tui.wiring import storage_place

    with _opened(session, make=False) as here:
        check_storage(storage_place(here))
        if against is None:
            return storage_output.show_sound(as_json=session.as_json)
        with _opened(_with_store(session, against), make=False) as there:
            compared = compare_storage(storage_place(here), storage_place(there))
    return storage_output.show_compared(compared, as_json=session.as_json)


@command.command("backup")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@global_options
@pass_session
def backup(session: Session, file: Path) -> None:
    """Write the store as it is at one moment into the new FILE, while engines work with it.

    To go back, stop the engine, move the store away and put FILE in its place. Outputs of attempts are not in it.
    """
    from jobistemer_tui.operations.commands.copy_storage import backup_storage
    from jobistemer_tui.wiring import storage_place

    with _opened(session, make=False) as opened:
        size = backup_storage(storage_place(opened), file.absolute())
    if session.as_json:
        output.as_json({"file": str(file.absolute()), "bytes": size})
    else:
        output.talk(f"{file.absolute()} has {size_text(size)}")


def _with_store(session: Session, url: str) -> Session:
    """Another store in the same home."""
    return dataclasses.replace(session, store=url)


@contextmanager
def _opened(session: Session, *, make: bool) -> Iterator[Opened]:
    """The store. Raises NotFound where there is none to read, rather than find nothing wrong with it."""
    database = session.locations().database
    if not make and database is not None and not database.exists():
        raise NotFound(f"there is no store at {database}", hint="look at the path")
    with session.opened(make=make) as opened:
        yield opened


class _Progress:
    """Says on standard error how far a copy has come, now and then."""

    def __init__(self) -> None:
        self._told = 0

    def seen(self, rows: int) -> None:
        """So many rows have been looked at."""
        if rows - self._told >= _ROWS_A_LINE:
            self._told = rows
            output.talk(f"{rows:,} rows")
