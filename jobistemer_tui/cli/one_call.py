"""What one call of the program was told, and the home it opens. Free of click, which takes longer than all of this."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from jobistemer_tui.errors import NoSuchJob, NotFound, StoreUnavailable, only_error
from jobistemer_tui.settings.locations import Locations, find_locations

if TYPE_CHECKING:
    from jobistemer_tui.wiring import Opened


@dataclass(slots=True)
class Session:
    """One call of the program."""

    home: Path | None = None
    store: str | None = None
    as_json: bool = False
    read_only: bool = False
    attach: bool = False
    theme: str | None = None
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)

    @contextmanager
    def opened(self, *, actor_kind: str = "cli", make: bool = True) -> Iterator[Opened]:
        """The home, with its store open as long as the block runs; not `make`: see `wiring.open_home`."""
        from jobistemer_tui.wiring import open_home

        opened = open_home(
            self.home, self.store, self.environ, actor_kind=actor_kind, make=make, read_only=self.read_only
        )
        try:
            yield opened
        except NoSuchJob as error:
            raise _with_its_file(error, opened) from error
        except StoreUnavailable as error:
            raise self._naming_the_store(error) from error
        except ExceptionGroup as group:
            single = only_error(group)
            if not isinstance(single, StoreUnavailable):
                raise
            raise self._naming_the_store(single) from group
        finally:
            opened.close()

    def _naming_the_store(self, error: StoreUnavailable) -> StoreUnavailable:
        """The error with the file that it is about: what fails in the middle of the work does not say it."""
        database = self.locations().database
        if database is None or str(database) in error.message:
            return error
        return type(error)(f"{database}: {error.message}", hint=error.hint)

    def locations(self) -> Locations:
        """Where everything lies; nothing is made or opened."""
        return find_locations(self.home, self.store, self.environ)


def _with_its_file(error: NoSuchJob, opened: Opened) -> NotFound:
    """The error; where the job is in a file that no engine has read yet, with that file and what to do."""
    from jobistemer_tui.operations.commands.place_of_job import place_of_job  # reading files costs pydantic
    from jobistemer_tui.operations.job_models import EngineRole

    folder = opened.locations.jobs_dir
    if error.near or not folder.is_dir() or opened.operations.engine().role is not EngineRole.NONE:
        return error
    found = place_of_job([folder], error.name, run_code=False)  # a mistyped name is no reason to run anything
    if found is None:
        return error
    hint = f"it stands in {found[0]}:{found[1]}, which no engine has read yet: start the screen or jobistemer run"
    return NotFound(error.message, hint=hint)


def existing(paths: Sequence[Path], *, hint: str = "") -> tuple[Path, ...]:
    """The same paths. Raises NotFound for the first that does not exist."""
    for path in paths:
        if not os.path.lexists(path):
            raise NotFound(f"there is no file or folder {path}", hint=hint)
    return tuple(paths)
