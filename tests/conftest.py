"""What every test gets: a home of its own, one zone, one locale, one look of the terminal; and the campaign option."""

from __future__ import annotations

import gc
import itertools
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.failures_at_once import FailuresAtOnce
from tests.support.postgres_server import drop_schemas
from tests.support.time_limits import TimeLimits

# The same examples on every machine: a failure is a failure of the change, and needs no folder to be repeated.
settings.register_profile("project", deadline=None, derandomize=True, database=None)
settings.load_profile("project")

# Nearly all that a test makes is gone when it ends. By default a sixth of the time goes into looking for more.
gc.set_threshold(100_000, 20, 20)

_LEAKS = ("XDG_", "JOBISTEMER_", "TEXTUAL", "LC_", "NOTIFY_SOCKET", "CREDENTIALS_DIRECTORY")
_DROPPED = ("NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "LINES", "LANGUAGE", "BASH_ENV", "ENV")
_FIXED = {
    "TZ": "UTC",
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "TERM": "xterm-256color",
    "COLORTERM": "truecolor",
    "TEXTUAL_ANIMATIONS": "none",
    "EDITOR": "/bin/false",
    "VISUAL": "/bin/false",
    "PAGER": "/bin/cat",
}
_LONG = tuple(f"tests/{name}" for name in ("stories", "campaigns", "simulation", "engine/test_state", "checker", "tui"))
_NUMBERS = itertools.count()

# A shell without job control lets what it starts in the background ignore ^C, and every child inherits that.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_configure(config: pytest.Config) -> None:
    """No test waits for ever, and no failure of a campaign for its end."""
    config.pluginmanager.register(TimeLimits(config), "time limits")
    if config.getoption("campaign") is not None:
        config.pluginmanager.register(FailuresAtOnce(config), "failures at once")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--campaign`."""
    parser.addoption("--campaign", metavar="NAME", default=None, help="run the long tests of this campaign, alone")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without the option campaigns stay out; with it nothing but the named one runs. What stays out is deselected."""
    wanted: str | None = config.getoption("--campaign")
    chosen = [item for item in items if _campaign(item) == wanted]
    out = [item for item in items if _campaign(item) != wanted]
    if out:
        config.hook.pytest_deselected(items=out)
    items[:] = _dealt(chosen, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))


def _dealt(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """The long tests first, an equal share for each worker: they begin with equal parts of the list, in its order."""
    long = [item for item in items if item.nodeid.startswith(_LONG)]
    short = [item for item in items if not item.nodeid.startswith(_LONG)]
    bounds = [len(short) * worker // workers for worker in range(workers + 1)]
    shares = [long[worker::workers] + short[bounds[worker] : bounds[worker + 1]] for worker in range(workers)]
    return [item for share in shares for item in share]


def _campaign(item: pytest.Item) -> str | None:
    marker = item.get_closest_marker("campaign")
    return None if marker is None else str(marker.args[0])


def pytest_collection_finish() -> None:
    """What was imported and collected stays: it is not looked through again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def server_is_left_clean() -> Iterator[None]:
    """What the tests made in a database server that is not theirs is gone at the end."""
    yield
    drop_schemas()


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the homes of this process's tests."""
    return tmp_path_factory.mktemp("homes")


@pytest.fixture(autouse=True)
def isolated_home(homes: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of the test, empty. Nothing of the machine's own settings reaches the code under test."""
    home = homes / str(next(_NUMBERS))
    home.mkdir(mode=0o700)
    for name in list(os.environ):
        if name.startswith(_LEAKS) or name in _DROPPED:
            monkeypatch.delenv(name)
    for name, value in (_FIXED | {"HOME": str(home)}).items():
        monkeypatch.setenv(name, value)
    time.tzset()
    return home
