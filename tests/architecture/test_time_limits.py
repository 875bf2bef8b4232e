"""A test that hangs fails by itself and says where; a run that is ended says which tests were running."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from tests.support.child_process import ending
from tests.support.wait_until import wait_until

_CONFTEST = """
from tests.support import time_limits
from tests.support.time_limits import TimeLimits

time_limits.AGAIN_S, time_limits.LAST_S = 1.0, 2.0


def pytest_configure(config):
    config.pluginmanager.register(TimeLimits(config))
"""
_TESTS = """
import asyncio
import signal
import threading

import pytest


def wait_in_a_thread() -> None:
    threading.Event().wait()


def test_waits() -> None:
    threading.Thread(target=wait_in_a_thread, name="another", daemon=True).start()
    threading.Event().wait()


async def inner() -> None:
    await asyncio.Event().wait()


async def test_waits_on_the_loop() -> None:
    await inner()


def test_swallows_it_once() -> None:
    try:
        threading.Event().wait()
    except BaseException:
        threading.Event().wait()


@pytest.fixture
def never_undone():
    yield
    threading.Event().wait()


def test_fails(never_undone) -> None:
    assert False


def test_hears_no_signal() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    threading.Event().wait()
"""


def command(folder: Path, *options: str) -> list[str]:
    """Pytest over the sample tests, with the project's limits."""
    (folder / "conftest.py").write_text(_CONFTEST, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n")
    (folder / "test_sample.py").write_text(_TESTS, encoding="utf-8")
    plugins = [f"-p{name}" for name in ("no:cacheprovider", "pytest_timeout", "pytest_asyncio.plugin", "xdist.plugin")]
    return [sys.executable, "-m", "pytest", *plugins, *options, "test_sample.py"]


def environ() -> dict[str, str]:
    """Nothing but the plugins that are named, which takes a third of the time."""
    return {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": os.getcwd()}


def test_each_that_hangs_fails_and_says_where(tmp_path: Path) -> None:
    """The last one cannot be interrupted, so that its process ends."""
    words = command(tmp_path, "-n1", "-rfE", "--timeout=0.5")
    done = subprocess.run(words, cwd=tmp_path, env=environ(), capture_output=True, text=True, check=False, timeout=100)
    failed = set(re.findall(r"^(FAILED|ERROR) test_sample\.py::(\w+)", done.stdout, re.MULTILINE))
    names = ("test_waits", "test_waits_on_the_loop", "test_swallows_it_once", "test_fails", "test_hears_no_signal")
    assert failed == {*(("FAILED", name) for name in names), ("ERROR", "test_fails")}, done.stdout
    for place in ("in wait_in_a_thread", "in inner", "def never_undone()"):
        assert place in done.stdout
    assert "crashed while running 'test_sample.py::test_hears_no_signal'" in done.stdout
    assert "in test_hears_no_signal" in done.stderr


def test_a_run_that_is_ended_names_what_was_running(tmp_path: Path) -> None:
    words, said = command(tmp_path, "-n1", "-v", "-k", "on_the_loop"), tmp_path / "said"
    with (
        said.open("wb") as out,
        ending(subprocess.Popen(words, cwd=tmp_path, env=environ(), stdout=out, stderr=subprocess.PIPE)) as run,
    ):
        wait_until(lambda: "::test_waits_on_the_loop" in said.read_text(), what="the test to be told of")
        run.send_signal(signal.SIGTERM)
        _, err = run.communicate(timeout=100)
    assert run.returncode == -signal.SIGTERM, said.read_text()
    assert b"test_sample.py::test_waits_on_the_loop for " in err
