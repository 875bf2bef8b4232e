"""Somebody looks at the demo: every state within seconds, and nothing of it stays behind."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobistemer_tui.settings.shipped import DEMO
from tests.support.real_home import COMMAND, RealHome
from tests.support.terminal import Terminal
from tests.support.wait_until import wait_until

WANTED = {
    ("completed", None), ("failed", "task_failed"), ("completed_with_errors", "task_failed"), ("skipped", "overlap"),
    ("skipped", "paused"), ("missed", "downtime"), ("running", None), ("queued", "overlap"),
}  # fmt: skip


@pytest.fixture
def environ(home: RealHome) -> Iterator[dict[str, str]]:
    """A temporary folder, and a person whose own home must stay as it is."""
    person = home.folder / "person"
    person.mkdir()
    yield {**home.environ, "TMPDIR": str(home.folder), "HOME": str(person), "JOBISTEMER_HOME": str(person / "own")}
    assert list(person.iterdir()) == []


def demo_folders(home: RealHome) -> list[Path]:
    return list(home.folder.glob("jobistemer-demo-*"))


def test_every_state_within_seconds_and_nothing_stays(home: RealHome, environ: dict[str, str]) -> None:
    said = home.folder / "said"
    with said.open("wb") as file:
        demo = subprocess.Popen([*COMMAND, "demo", "--headless"], env=environ, stdout=file, stderr=file)
    home.engines.append(demo)
    wait_until(lambda: b"serving" in said.read_bytes() or demo.poll() is not None, what="the demo")
    assert demo.poll() is None, said.read_text()
    (folder,) = demo_folders(home)
    home.home = folder
    seen: set[tuple[str, str | None]] = set()

    def everything_was_seen() -> bool:
        seen.update((run["status"], run["reason"]) for run in home.ask("runs", "--all"))
        return seen >= WANTED

    wait_until(everything_was_seen, seconds=120, what="every state")
    wait_until(lambda: "the token is ****" in home.here("logs", "secret", code=None).stdout, what="the secret, masked")
    demo.send_signal(signal.SIGTERM)
    assert demo.wait(60) == 0
    assert demo_folders(home) == []
    wait_until(lambda: home.processes() == {}, what="the end of all processes")


def test_the_screen_opens_on_it_and_a_kept_home_can_be_looked_into(home: RealHome, environ: dict[str, str]) -> None:
    with Terminal([*COMMAND, "demo", "--keep"], environ) as screen:
        screen.wait_for("live", "heartbeat", "missed")
        wait_until(lambda: leaving(screen), what="the screen to be left")
    (folder,) = demo_folders(home)
    with sqlite3.connect(f"file:{folder}/jobistemer.db?mode=ro", uri=True) as database:
        (jobs,) = database.execute("SELECT count(*) FROM job").fetchone()
    database.close()
    shipped = [tomllib.loads(path.read_text())["jobs"] for path in DEMO.glob("*.toml")]
    assert jobs == sum(map(len, shipped))
    assert home.processes() == {}, "what was handed over has been cancelled, and its supervisor ended"


def leaving(screen: Terminal) -> bool:
    """Press what leaves, whether or not something runs just now, until it has."""
    if "Leave Jobistemer?" in screen.text:
        screen.press("b")
    elif screen.process.poll() is None:
        screen.press("q")
    return screen.process.poll() is not None


def test_words_that_do_not_go_together(home: RealHome) -> None:
    assert "own" in home.call("demo", code=64).stderr
    for words in (["demo"], ["demo", "--for", "1s"]):
        done = subprocess.run([*COMMAND, *words], env=home.environ, capture_output=True, text=True, check=False)
        assert (done.returncode, "--headless" in done.stderr) == (64, True), done
