"""What `serve` refuses before it listens."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from jobistemer_tui.cli.main import run


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.7", "::", "8.8.8.8", "::ffff:8.8.8.8"])
def test_an_address_that_others_reach_is_refused_and_explained(
    host: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["--home", str(tmp_path), "serve", "--host", host, "--port", "0"]) == 1
    said = capsys.readouterr().err
    assert "whoever reaches the screen can run programs as you" in said
    assert "ssh -L" in said
    assert not list(tmp_path.iterdir()), "nothing was made"


@pytest.mark.parametrize("host", ["example.org", "127.0.0.1:80", "127.1"])
def test_what_is_no_address_is_a_usage_error(host: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--home", str(tmp_path), "serve", f"--host={host}", "--port", "0"]) == 64
    assert "is not an address to listen at" in capsys.readouterr().err


def test_a_port_that_is_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert run(["--home", str(tmp_path), "serve", "--port", str(port), "--json"]) == 1
    error = json.loads(capsys.readouterr().err)["error"]
    assert "Address already in use" in error["message"]
    assert "--port 0" in error["hint"]


def test_a_store_in_memory_has_no_second_window(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--home", str(tmp_path), "--store", "memory:", "serve", "--port", "0"]) == 64
    assert "a store in memory has no second window" in capsys.readouterr().err


@pytest.mark.parametrize("module", ["textual_serve", "aiohttp"])
def test_without_the_extra_it_says_what_to_install(module: str, tmp_path: Path) -> None:
    code = (
        f"import sys; sys.modules[{module!r}] = None\n"
        "from jobistemer_tui.cli.main import run; sys.exit(run(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "--home", str(tmp_path), "serve", "--port", "0"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 64
    assert f"{module}" in done.stderr
    assert "pip install 'jobistemer-tui[serve]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_window_options_are_for_windows_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for option in ("--read-only", "--attach"):
        assert run(["--home", str(tmp_path), option, "pause", "a"]) == 64
        assert f"{option} is for the screen, not for pause" in capsys.readouterr().err
