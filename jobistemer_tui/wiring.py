"""The only place that joins settings, store, operations and engine."""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from jobistemer_tui.domain.clock import Clock, SystemClock
from jobistemer_tui.domain.records import Event
from jobistemer_tui.operations.local import LocalOperations
from jobistemer_tui.settings.folders import prepare
from jobistemer_tui.settings.locations import Locations, find_locations
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.storage.contract import Store
from jobistemer_tui.storage.open import open_store
from jobistemer_tui.storage.read_only import ReadOnlyStore

if TYPE_CHECKING:
    from jobistemer_tui.engine.node import Node
    from jobistemer_tui.operations.commands.copy_storage import StoragePlace
    from jobistemer_tui.operations.recorder import RecordedIn


@dataclass(frozen=True, slots=True)
class Opened:
    """A home with its store open; close it when done."""

    locations: Locations
    store: Store
    operations: LocalOperations
    clock: Clock

    @property
    def attempts_dir(self) -> Path:
        """The folders of this store's attempts."""
        return self.locations.attempts_root / str(self.store.id)

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()


def open_home(
    home: Path | None, store: str | None, environ: Mapping[str, str], *, actor_kind: str, make: bool = True,
    read_only: bool = False, clock: Clock | None = None,
) -> Opened:  # fmt: skip
    """Make and open what options and environment name. `actor_kind` is how the audit calls this program's part.

    `clock` is the machine's if not said. Without `make` nothing is made: where there is no store yet, an empty one in
    memory stands for it; nor is anything with `read_only`, and nothing is written.

    A store on a server is opened in any case.

    Raises HomeNotWritable, UsageError and StoreError.
    """
    locations = find_locations(home, store, environ)
    is_there = (make and not read_only) or (locations.database is not None and locations.database.exists())
    if is_there and not read_only:
        prepare(locations)
    clock = clock or SystemClock()
    opened = open_store(locations.store_url if is_there or locations.on_server else "memory:", as_is=read_only)
    locations = _beside(opened, locations, make=not read_only)
    if read_only:
        opened = ReadOnlyStore(opened)
    operations = LocalOperations(
        opened,
        clock=clock,
        actor=f"{actor_kind} {_user(environ)}",
        nodes_dir=locations.nodes_dir,
        attempts_dir=locations.attempts_root / str(opened.id),
        config_file=locations.config_file,
        jobs_dir=locations.jobs_dir,
    )
    return Opened(locations, opened, operations, clock)


def _beside(store: Store, locations: Locations, *, make: bool) -> Locations:
    """The locations, with the folder for locks of a store on a server, whose id is known only now."""
    if not locations.on_server:
        return locations
    try:
        located = locations.with_store(str(store.id))
        if make:
            prepare(located)
    except BaseException:
        store.close()
        raise
    return located


def _user(environ: Mapping[str, str]) -> str:
    """The name of the person, which a service or a container does not always have in its environment."""
    try:
        return environ.get("USER") or environ.get("LOGNAME") or pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


def make_node(
    opened: Opened, roots: Sequence[Path], *, on_event: Callable[[Event], None] | None = None,
    metrics: str | None = None, only: UUID | None = None,
) -> Node:  # fmt: skip
    """An engine over the job files under `roots`; run it once. `metrics` is the address to serve metrics at.

    `only` is a request: nothing is started but the run that it makes.

    Raises JobFileError for a `config.toml` that cannot be read.
    """
    from jobistemer_tui.engine.node import Node
    from jobistemer_tui.engine.node_options import NodeOptions
    from jobistemer_tui.jobfiles.config import read_config
    from jobistemer_tui.settings.program_log import log_to_file
    from jobistemer_tui.settings.system_clock import awaits_synchronisation

    log_to_file(opened.locations.log_file)
    config = read_config(opened.locations.config_file)
    options = NodeOptions(
        roots=tuple(roots),
        max_concurrent_jobs=config.max_concurrent_jobs,
        config=config,
        metrics=metrics,
        only=only,
        awaits_synchronisation=awaits_synchronisation,
    )
    return Node(
        opened.store,
        nodes_dir=opened.locations.nodes_dir,
        attempts_dir=opened.attempts_dir,
        clock=opened.clock,
        options=options,
        on_event=on_event,
    )


def storage_place(opened: Opened) -> StoragePlace:
    """What copying, comparing and backing up need of a home."""
    from jobistemer_tui.operations.commands.copy_storage import StoragePlace

    locations = opened.locations
    return StoragePlace(opened.store, locations.store_url, locations.nodes_dir, opened.attempts_dir)


def recorded_in(opened: Opened) -> RecordedIn:
    """What `exec` needs of a home, which it closes itself."""
    from jobistemer_tui.operations.recorder import RecordedIn

    return RecordedIn(opened.store, opened.locations.nodes_dir, opened.attempts_dir, opened.close)


def supervisor_argv(opened: Opened) -> list[str]:
    """The command line of a supervisor of this store that stays in the foreground and waits for work for ever."""
    from jobistemer_tui.engine.supervisor_client_launch import supervisor_command

    return supervisor_command(
        opened.locations.nodes_dir, opened.attempts_dir, opened.store.id, idle_seconds=float("inf")
    )


def configured_places(opened: Opened) -> tuple[int, int | None]:
    """Runs at once of an engine of this home, and processes, if a number is set.

    Raises JobFileError for a `config.toml` that cannot be read.
    """
    from jobistemer_tui.engine.node_options import default_slots
    from jobistemer_tui.jobfiles.config import read_config

    config = read_config(opened.locations.config_file)
    return config.max_concurrent_jobs or default_slots(), config.max_attempts_running


def stop_node(node: Node, how: str) -> None:
    """Ask a node to stop: `handover`, `drain` or `cancel`. Thread-safe; asking again skips the waiting."""
    from jobistemer_tui.engine.node_options import StopMode

    node.stop(StopMode(how))
