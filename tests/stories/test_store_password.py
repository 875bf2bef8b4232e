"""A person names the store by a URL with a password; whatever is asked and written, the password never comes out."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from unittest import mock
from urllib.request import urlopen

import click
import pytest

from jobistemer_tui.cli.command_table import COMMANDS
from tests.support.in_process import run_here
from tests.support.postgres_server import schema_url
from tests.support.real_home import RealHome
from tests.support.wait_until import wait_until

PASSWORD = "h1dd3n-w0rd"
GONE = f"postgresql://me:{PASSWORD}@127.0.0.1:1/jobs"
UNREADABLE = f"postgresql://me:{PASSWORD}/@host/jobs"
WORDS: dict[str, str] = {
    "backfill": "night 2026-11-01 2026-11-02", "cancel": "--job night", "check": "{jobs}", "compare": "{run}",
    "completion": "bash", "docs": "index", "doctor": "", "edit": "night", "env": "night --all",
    "exec": "--job other -- true", "import crontab": "{jobs}/none", "import systemd": "{jobs}/none", "jobs": "",
    "logs": "night", "new": "{jobs}/night.toml", "next": "night", "nodes": "", "nodes drain": "none",
    "nodes undrain": "none", "nodes lost": "none --yes", "pause": "night", "pin": "{run}", "plan": "{jobs}",
    "recovery list": "--past", "recovery release": "night", "recovery drop": "--all",
    "recovery trim": "night --newest 1", "recovery change": "night --strategy execute-all", "replay": "{run}",
    "resume": "night", "run": "{jobs}", "runs": "--all", "schema": "", "serve": "--host 10.0.0.1",
    "service install": "--dry-run", "service uninstall": "", "service status": "", "service supervisor": "",
    "show": "night --settings", "simulate": "--for 1d", "skip": "night", "snooze": "night --for 1h", "start": "night",
    "stop": "night", "storage prune": "--dry-run", "storage copy": "{url} sqlite:{copy}", "undo": "night",
    "storage check": "--against sqlite:{copy}", "storage backup": "{copy}.backup", "trigger": "night",
    "why": "night",
}  # fmt: skip
"""Every command with words that let it do its work, or nearly."""
OWN_HOME = "demo"
"""It makes a store of its own, whatever is named."""


def names() -> Iterator[str]:
    for name, (module, _) in COMMANDS.items():
        command = import_module(f"jobistemer_tui.cli.commands.{module}").command
        if not isinstance(command, click.Group) or command.invoke_without_command:
            yield name
        if isinstance(command, click.Group):
            yield from (f"{name} {word}" for word in command.commands)


def test_no_command_is_left_out() -> None:
    assert sorted(WORDS) == sorted(set(names()) - {OWN_HOME})


def say_everything(home: RealHome, url: str, run: str = "00000000") -> str:
    """What every command says about this store, as text and as JSON."""
    said = []
    words_for = {"jobs": home.jobs, "run": run, "url": url, "copy": home.folder / "copy.db"}
    for as_json, named in (([], []), (["--json"], ["--store", url])):
        environ = {"JOBISTEMER_STORE": url, "EDITOR": "true", "DATABASE_URL": url}
        for name, words in WORDS.items():
            call = [*name.split(), *words.format_map(words_for).split()]
            # Behind a `--` stands what is to be run.
            place = call.index("--") if "--" in call else len(call)
            with mock.patch.dict(os.environ, environ), mock.patch("os.execv") as execv:
                done = run_here(["--home", str(home.home), *named, *call[:place], *as_json, *call[place:]])
            said.append(f"{call}: {done.code}\n{done.stdout}{done.stderr}{execv.call_args_list}")
            assert PASSWORD not in "".join(said[-1].split("\n", 1)[1]), said[-1]
            assert "Traceback" not in said[-1], said[-1]
    return "\n".join(said)


@pytest.mark.parametrize("url", [GONE, UNREADABLE])
def test_of_a_store_that_cannot_be_opened(home: RealHome, url: str) -> None:
    said = say_everything(home, url)
    assert said.count("store_unavailable" if url == GONE else "cannot be read") > 30


def test_of_a_store_in_use(tmp_path: Path) -> None:
    url = f"{schema_url(tmp_path)}&password={PASSWORD}"
    home = RealHome(tmp_path, "postgresql", url=url)
    try:
        home.write("night.toml", '[jobs.night]\nschedule = "0 5 * * *"\ntimezone = "UTC"\nrun = "exit 3"\n')
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            metrics = f"127.0.0.1:{free.getsockname()[1]}"
        engine = home.start_engine("--metrics", metrics)
        home.here("trigger", "night")
        wait_until(lambda: [one for one in home.runs("night") if one["status"] == "failed"], what="a failure")
        with urlopen(f"http://{metrics}/metrics", timeout=60) as page:
            text = page.read()
        assert b"scheduler_job_occurrences_total" in text
        assert_clean(text, "the page of metrics")
        said = say_everything(home, url, home.runs("night")[0]["id"])
        assert said.count(": 0\n") > 70, said
        for pid, command_line in home.processes().items():
            assert_clean(command_line.encode(), "a command line")
            if pid != engine.pid:
                assert_clean(Path(f"/proc/{pid}/environ").read_bytes(), "what a task can read")
        assert home.stop_engine() == 0
    finally:
        home.end()
    for path in (path for path in tmp_path.rglob("*") if path.is_file()):
        assert_clean(path.read_bytes(), str(path))


def assert_clean(data: bytes, what: str) -> None:
    assert PASSWORD.encode() not in data, what
