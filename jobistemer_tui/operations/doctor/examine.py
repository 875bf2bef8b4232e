"""Gathers the facts and lets each check judge its own."""

from __future__ import annotations

import getpass
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from datetime import datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from jobistemer_tui import __version__
from jobistemer_tui.domain.instants import EPOCH
from jobistemer_tui.domain.records import UNSENT_NOTIFICATIONS, NotificationState
from jobistemer_tui.domain.states import AttemptState, OccurrenceState
from jobistemer_tui.engine.disk import MIN_FREE, RESERVE_NAME, free_bytes
from jobistemer_tui.engine.engine_lock import serving_engine
from jobistemer_tui.errors import JobistemerError, StoreError
from jobistemer_tui.jobfiles.folders import files_of
from jobistemer_tui.operations.doctor import home, machine, serving, software
from jobistemer_tui.operations.doctor.finding import Finding, Level, examined, ok, problem
from jobistemer_tui.operations.doctor.serving import Served
from jobistemer_tui.operations.queries_status import file_rows, watched_roots
from jobistemer_tui.operations.read_models import FileRow
from jobistemer_tui.operations.service.programs import ask, has_user_manager, lingers
from jobistemer_tui.schedules.zones import local_zone_name, zone_data_version
from jobistemer_tui.settings.editor import editor_command
from jobistemer_tui.settings.locations import Locations
from jobistemer_tui.settings.system_clock import is_clock_synchronised
from jobistemer_tui.storage.contract import Reader, Store
from jobistemer_tui.storage.examine import network_file_system, schema_standing
from jobistemer_tui.storage.open import open_store
from jobistemer_tui.storage.tables import (
    ATTEMPTS_BY_START,
    NODES,
    NODES_BY_START,
    NOTIFICATIONS_BY_DUE,
    OCCURRENCES_BY_DUE,
    OCCURRENCES_BY_HANDLED,
)

Probe = Callable[[], Finding | None]
EXTRAS = {"notify": "apprise", "keyring": "keyring", "lmdb": "lmdb", "postgres": "psycopg", "serve": "textual_serve"}
"""What can be installed beside the program, by the module that it brings."""
_LOCKS = ("engine.lock", "supervisor.lock")
_READING_S = 20.0


def examine(locations: Locations, environ: Mapping[str, str], encoding: str, now: datetime) -> list[Finding]:
    """Everything that is found, in the order in which a person wants to read it. Writes nothing, raises nothing."""
    probes = {**_software(environ, encoding), **_home(locations), **_machine(locations, environ)}
    found = [examined(what, probe) for what, probe in probes.items()]
    return [finding for finding in (*found, *_store(locations, now)) if finding is not None]


def _software(environ: Mapping[str, str], encoding: str) -> dict[str, Probe]:
    return {
        "python": lambda: software.python(sys.version_info[:3], __version__),
        "sqlite": lambda: software.sqlite(sqlite3.sqlite_version_info),
        "extras": lambda: software.extras({name: find_spec(module) is not None for name, module in EXTRAS.items()}),
        "editor": lambda: _editor(environ),
        "terminal": lambda: software.terminal(environ, encoding),
    }


def _editor(environ: Mapping[str, str]) -> Finding:
    program = editor_command(environ, "file", 1)[0]
    return software.editor(program, shutil.which(program))


def _home(locations: Locations) -> dict[str, Probe]:
    folders = dict.fromkeys((locations.config_dir, locations.jobs_dir, locations.data_dir, locations.nodes_dir))
    return {
        "home": lambda: home.permissions([(folder, _status(folder)) for folder in folders], os.geteuid()),
        "file system": lambda: home.file_system(locations.data_dir, network_file_system(_database_folder(locations))),
        "disk": lambda: _room(locations),
        "locks": lambda: _locks(locations.nodes_dir),
    }


def _database_folder(locations: Locations) -> Path:
    return locations.data_dir if locations.database is None else locations.database.parent


def _room(locations: Locations) -> Finding:
    from jobistemer_tui.jobfiles.config import read_config  # reading files costs pydantic

    wanted = read_config(locations.config_file).min_free
    folder = _database_folder(locations)
    nearest = next(above for above in (folder, *folder.parents) if above.exists())
    return home.room(
        free_bytes(nearest), MIN_FREE if wanted is None else wanted,
        has_reserve=(locations.nodes_dir / RESERVE_NAME).exists(), has_store=locations.nodes_dir.exists(),
    )  # fmt: skip


def _locks(nodes: Path) -> Finding:
    found = [(nodes / name, _status(nodes / name)) for name in _LOCKS]
    return home.locks([(path, status) for path, status in found if status is not None], os.geteuid())


def _status(path: Path) -> os.stat_result | None:
    with suppress(FileNotFoundError):
        return os.stat(path, follow_symlinks=path.name not in _LOCKS)
    return None


def _machine(locations: Locations, environ: Mapping[str, str]) -> dict[str, Probe]:
    user = getpass.getuser()
    return {
        "time zone": lambda: machine.zone(local_zone_name(), environ.get("TZ", "").removeprefix(":")),
        "watches": lambda: machine.watches(machine.most_watches(), _watched(locations.jobs_dir)),
        "service": lambda: machine.service(user, manager=has_user_manager(), lingering=lingers(user)),
        "cron": lambda: machine.cron(ask(["crontab", "-l"]).out),
    }


def _watched(jobs_dir: Path) -> int:
    """How many folders hold job files, and are watched for it."""
    return len({os.path.dirname(path) for path in files_of(str(jobs_dir))}) if jobs_dir.is_dir() else 0


def _store(locations: Locations, now: datetime) -> Iterator[Finding | None]:
    """What the database tells; nothing beyond its own standing where this program cannot work with it."""
    if locations.on_server:
        yield from _server(locations, now)
        return
    path = locations.database
    if path is None or not path.exists():
        yield ok("store", "there is none yet; the first start makes it")
        yield machine.zone_data(zone_data_version(), "")
        yield examined("clock", lambda: machine.clock(is_clock_synchronised(), None, now))
        return
    standing = examined("store", lambda: _schema(locations.store_url))
    yield standing
    if standing is None or standing.level is not Level.OK or ";" in standing.text:
        return
    yield examined("integrity", lambda: _integrity(locations.store_url), _READING_S)
    for what, judge in _questions(locations, now).items():
        yield examined(what, partial(_read, locations.store_url, judge))


def _server(locations: Locations, now: datetime) -> Iterator[Finding | None]:
    """What a store on a server tells, over one connection."""
    try:
        store = open_store(locations.store_url)
    except JobistemerError as error:
        yield problem("store", error.message, error.hint)
        return
    with closing(store):
        yield ok("store", f"{store} answers")
        for what, judge in _questions(locations.with_store(str(store.id)), now).items():
            yield examined(what, partial(store.read, judge))


def _read(url: str, judge: Callable[[Reader], Finding]) -> Finding:
    store = open_store(url)
    try:
        return store.read(judge)
    finally:
        store.close()


def _integrity(url: str) -> Finding:
    store: Store = open_store(url)
    try:
        store.check(thorough=False)
        return ok("integrity", "no damage was found")
    except StoreError as error:
        return problem("integrity", error.message, error.hint)
    finally:
        store.close()


def _schema(url: str) -> Finding:
    try:
        return serving.schema(schema_standing(url))
    except StoreError as error:
        return problem("store", error.message, "restore it from a backup, or move it away")


def _questions(locations: Locations, now: datetime) -> dict[str, Callable[[Reader], Finding]]:
    return {
        "engine": lambda reader: serving.engine(_served(reader, locations.nodes_dir), __version__),
        "supervisor": lambda reader: serving.supervisor(_served(reader, locations.nodes_dir)),
        "job files": lambda reader: serving.files(_files(reader, locations.nodes_dir)),
        "zone data": lambda reader: machine.zone_data(zone_data_version(), _planned_with(reader)),
        "clock": lambda reader: machine.clock(is_clock_synchronised(), _newest(reader), now),
        "notifications": _outbox,
        "last success": _last_success,
    }


def _served(reader: Reader, nodes: Path) -> Served:
    owner = serving_engine(nodes)
    newest = next(iter(reader.scan(NODES_BY_START, reverse=True, limit=1)), None)
    node = newest if owner is None else reader.get(NODES, owner.node_id)
    return Served(
        pid=None if owner is None else owner.pid,
        host="" if owner is None else owner.host,
        version="" if node is None else node.program_version,
        supervisor=_supervisor(nodes),
        live=reader.count(ATTEMPTS_BY_START, AttemptState.RUNNING),
        seen=None if newest is None else newest.stopped_at or newest.swept_at,
    )


def _files(reader: Reader, nodes: Path) -> list[FileRow]:
    return [row for row in file_rows(reader, watched_roots(nodes)) if row.watched]


def _supervisor(nodes: Path) -> int | None:
    """Its pid, as its lock file says and its command line proves; asking for the lock could keep it from starting."""
    with suppress(OSError, ValueError):
        pid = int((nodes / "supervisor.lock").read_text())
        if b"supervisor" in Path(f"/proc/{pid}/cmdline").read_bytes():
            return pid
    return None


def _planned_with(reader: Reader) -> str:
    newest = next(iter(reader.scan(NODES_BY_START, reverse=True, limit=1)), None)
    return "" if newest is None else newest.timezone_data


def _newest(reader: Reader) -> datetime | None:
    rows = reader.scan(OCCURRENCES_BY_HANDLED, low=EPOCH, reverse=True, limit=1)
    return rows[0].handled_at if rows else None


def _outbox(reader: Reader) -> Finding:
    given_up = reader.count(NOTIFICATIONS_BY_DUE, NotificationState.GIVEN_UP)
    waiting = [reader.count(NOTIFICATIONS_BY_DUE, state) for state in UNSENT_NOTIFICATIONS]
    return serving.outbox(given_up, sum(waiting))


def _last_success(reader: Reader) -> Finding:
    rows = reader.scan(OCCURRENCES_BY_DUE, OccurrenceState.COMPLETED, reverse=True, limit=1)
    return serving.last_success(rows[0].finished_at if rows else None)
