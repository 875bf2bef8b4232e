"""Where things live: the folders for configuration and data, and the store's address.

With `--home DIR` (or JOBISTEMER_HOME) everything lies in that one folder, else where the platform wants it.
Nothing is ever put into a runtime or temporary folder, because those are emptied at logout.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from jobistemer_tui.errors import HomeNotWritable, UsageError
from jobistemer_tui.settings.quick_dataclass import dataclass

HOME_VARIABLE = "JOBISTEMER_HOME"
STORE_VARIABLE = "JOBISTEMER_STORE"
EMBEDDED = ("sqlite", "lmdb")
"""The kinds of stores that are a file on this machine."""
SERVER = "postgresql"
"""The kind of store that is on a server, which several machines may share."""
_WITH_PASSWORD = re.compile(r"://[^/\s@:]*:[^\s@]+@|[?&](ssl)?password=")
_HOME_HINT = "set HOME, or name a folder with --home DIR or JOBISTEMER_HOME"


@dataclass(frozen=True, slots=True)
class Locations:
    """All paths are absolute. `database` is None for a store that is no file; `label` is how to call the home.

    `attempts_root` holds a folder for each store id; `nodes_dir` holds locks and sockets and lies beside the database.
    Of a store on a server `nodes_dir` is known once it is open: see `with_store`. `store_url` may hold a password.
    """

    config_dir: Path
    jobs_dir: Path
    config_file: Path
    data_dir: Path
    store_url: str
    database: Path | None
    nodes_dir: Path
    attempts_root: Path
    log_file: Path
    label: str

    @property
    def on_server(self) -> bool:
        """Whether the store is on a server."""
        return _scheme(self.store_url) == SERVER

    def with_store(self, store_id: str) -> Locations:
        """The same, now that the store's id is known: two URLs of one store have the same locks and supervisor."""
        return replace(self, nodes_dir=self.nodes_dir / store_id) if self.on_server else self


def find_locations(home: Path | None, store: str | None, environ: Mapping[str, str]) -> Locations:
    """The locations that options, environment and platform give, in this order; nothing is made or read.

    Raises HomeNotWritable where there is no home to put them in, UsageError for a store URL that means nothing.
    """
    named = home if home is not None else _path_of(environ.get(HOME_VARIABLE))
    config_dir, data_dir = _platform_folders(environ) if named is None else (_absolute(named),) * 2
    url = store or environ.get(STORE_VARIABLE) or f"sqlite:{data_dir / 'jobistemer.db'}"
    database = _database(url)
    return Locations(
        config_dir=config_dir,
        jobs_dir=config_dir / "jobs",
        config_file=config_dir / "config.toml",
        data_dir=data_dir,
        store_url=url if database is None else f"{_scheme(url)}:{database}",
        database=database,
        nodes_dir=_nodes_dir(data_dir, url, database),
        attempts_root=data_dir / "attempts",
        log_file=data_dir / "jobistemer.log",
        label=_label(data_dir, environ),
    )


def has_password(text: str) -> bool:
    """Whether a text has an address with a password in it, as a URL of a store on a server may be."""
    return _WITH_PASSWORD.search(text) is not None


def _path_of(text: str | None) -> Path | None:
    return Path(text) if text else None


def _absolute(path: Path) -> Path:
    try:
        return Path(os.path.abspath(path.expanduser()))
    except (RuntimeError, OSError) as error:
        raise HomeNotWritable(f"the folder {path} cannot be found: {error}", hint=_HOME_HINT) from error


def _platform_folders(environ: Mapping[str, str]) -> tuple[Path, Path]:
    """The folders for configuration and for data. A user without a home is told so, not given a guess."""
    needed = [name for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME") if not os.path.isabs(environ.get(name, ""))]
    if needed and not os.path.isabs(environ.get("HOME", "")):
        raise HomeNotWritable("there is no home folder: HOME is not set to an absolute path", hint=_HOME_HINT)
    import platformdirs  # only here: with --home it is not needed

    folders = platformdirs.PlatformDirs("jobistemer", appauthor=False)
    return folders.user_config_path, folders.user_data_path


def _database(url: str) -> Path | None:
    """The database file of a store URL; None for `memory:` and for a server.

    Links are followed: the locks lie beside the file itself, so that two names of one database have the same ones.
    """
    scheme, colon, rest = url.partition(":")
    if (scheme == "memory" and colon and not rest) or (scheme == SERVER and rest.startswith("//")):
        return None
    path = rest.removeprefix("//") if rest.startswith("///") else rest
    if scheme in EMBEDDED and path.strip("/") and not path.startswith("//"):
        return Path(os.path.realpath(_absolute(Path(path))))
    raise UsageError(
        f"the store {_without_secrets(url)!r} is unknown",
        hint="write sqlite:PATH, lmdb:PATH, postgresql://USER@HOST/DATABASE or memory:, as in sqlite:/srv/jobs.db",
    )


def _without_secrets(url: str) -> str:
    """What may be shown of a URL that might hold a password."""
    scheme, colon, _ = url.partition(":")
    return f"{scheme}:…" if colon else url


def _scheme(url: str) -> str:
    return url.partition(":")[0]


def _nodes_dir(data_dir: Path, url: str, database: Path | None) -> Path:
    """Beside the database; a store in memory is this process's own, and so are its locks."""
    if _scheme(url) == SERVER:
        return data_dir / "nodes"
    if database is None:
        return data_dir / f"memory-{os.urandom(6).hex()}.nodes"
    return database.with_name(database.name + ".nodes")


def _label(data_dir: Path, environ: Mapping[str, str]) -> str:
    home = environ.get("HOME", "")
    if os.path.isabs(home) and home != "/" and data_dir.is_relative_to(home):
        return str(Path("~") / data_dir.relative_to(home))
    return str(data_dir)
