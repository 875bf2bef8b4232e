"""Secrets are found when they are needed, from files and programs, and every failure says which and why."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from pathlib import Path

import pytest

from jobistemer_tui.domain.secret import SecretSource
from jobistemer_tui.engine import secrets
from jobistemer_tui.engine.secrets import SecretUnavailable, Wanted, aside, resolve, resolve_aside
from tests.support.wait_until import wait_until, wait_until_async

PATH = {"PATH": os.environ["PATH"]}


def private(path: Path, content: str | bytes) -> str:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    path.chmod(0o600)
    return str(path)


def program(*argv: str) -> Wanted:
    return Wanted(secrets={"TOKEN": SecretSource(command=argv)}, env=PATH)


def test_of_files_and_programs_the_later_win(tmp_path: Path) -> None:
    first, second = private(tmp_path / "a", "A=1\nB=1\nC=1"), private(tmp_path / "b", "B=2\nC=2")
    sources = {
        "C": SecretSource(file=private(tmp_path / "c", " key\nof two lines\r\n\n")),
        "D": SecretSource(None, ("pwd",)),
    }
    found = resolve(Wanted((first, second), sources, str(tmp_path), PATH))
    assert found == {"A": "1", "B": "2", "C": " key\nof two lines", "D": str(tmp_path)}


def test_a_program_has_its_own_environment_and_no_input() -> None:
    assert resolve(
        Wanted((), {"T": SecretSource(None, ("sh", "-c", "cat; env | grep -c ^X="))}, "/", {**PATH, "X": "1"})
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [("", "gives nothing"), ("\n", "gives nothing"), (b"a\0b", "gives a NUL"), ("x" * 65537, "gives more than 64 KiB")],
)
def test_what_cannot_be_a_variable_is_refused(tmp_path: Path, content: str | bytes, message: str) -> None:
    path = private(tmp_path / "t", content)
    with pytest.raises(SecretUnavailable) as caught:
        resolve(Wanted(secrets={"TOKEN": SecretSource(path)}))
    assert caught.value.message == f"secret TOKEN: {path} {message}"


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (("/missing/tool",), "secret TOKEN: cannot execute /missing/tool: No such file or directory"),
        (("sh", "-c", "echo hunter2; echo hunter2 >&2; exit 3"), "secret TOKEN: sh ended with 3"),
        (("yes", "hunter2"), "secret TOKEN: yes gives more than 64 KiB"),
        (("true",), "secret TOKEN: true gives nothing"),
    ],
)
def test_a_program_that_fails_says_so_without_what_it_said(argv: tuple[str, ...], message: str) -> None:
    with pytest.raises(SecretUnavailable) as caught:
        resolve(program(*argv))
    assert caught.value.message == message


def test_a_program_has_its_time_and_takes_its_children_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "COMMAND_SECONDS", 0.2)
    pids = tmp_path / "pids"
    with pytest.raises(SecretUnavailable, match=r"sh took longer than 0\.2 s"):
        resolve(program("sh", "-c", f"sleep 300 & echo $! > {pids}; wait"))
    wait_until(lambda: not _is_alive(int(pids.read_text())), what="the child to end")


def _is_alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = private(tmp_path / "t", "hunter2")
    Path(path).chmod(0o644)
    with pytest.raises(SecretUnavailable) as caught:
        resolve(Wanted(secrets={"TOKEN": SecretSource(path)}))
    assert (caught.value.message, caught.value.hint) == (
        f"secret TOKEN: {path} holds secrets and can be read by others", "chmod 600 it",
    )  # fmt: skip
    with pytest.raises(SecretUnavailable, match=f"env_file {path}: holds secrets"):
        resolve(Wanted((path,)))


def test_a_line_of_an_env_file_is_named(tmp_path: Path) -> None:
    path = private(tmp_path / "e", "A=1\nhunter2")
    with pytest.raises(SecretUnavailable) as caught:
        resolve(Wanted((path,)))
    assert caught.value.message == f"env_file {path}:2: expected NAME=value, without blanks around the ="


async def test_the_loop_goes_on_meanwhile(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    waits = f"touch {tmp_path}/asked; until [ -s {gate} ]; do sleep 0.01; done; cat {gate}"
    waiting = asyncio.ensure_future(resolve_aside(program("sh", "-c", waits), Wanted()))
    await wait_until_async((tmp_path / "asked").exists, what="the program")
    gate.write_text("hunter2\n")
    assert await waiting == [{"TOKEN": "hunter2"}, {}]


async def test_what_hangs_is_given_up() -> None:
    gate = threading.Event()
    with pytest.raises(SecretUnavailable, match=r"within 0\.01 s"):
        await aside(gate.wait, 0.01)
    gate.set()


async def test_a_failure_comes_through() -> None:
    with pytest.raises(SecretUnavailable, match="TOKEN"):
        await resolve_aside(program("false"))


def test_what_a_program_leaves_running_with_its_output_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "COMMAND_SECONDS", 5.0)
    line = f"setsid sleep 30 & echo $! > {tmp_path}/pid; head -c 60000 /dev/zero | tr '\\0' x"
    try:
        assert resolve(program("sh", "-c", line)) == {"TOKEN": "x" * 60_000}
    finally:
        os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)


KEYRING = """
from . import errors
def get_password(service, user):
    kind = {"none": errors.NoKeyringError, "locked": errors.KeyringLocked, "bad": errors.KeyringError}.get(user)
    if kind:
        raise kind("the secret is hunter2")
    return f"{service}|{user}" if user != "nobody" else None
"""
ERRORS = """
class KeyringError(Exception): ...
class NoKeyringError(KeyringError, RuntimeError): ...
class KeyringLocked(KeyringError): ...
"""


def entry(name: str) -> Wanted:
    return Wanted(secrets={"TOKEN": SecretSource(keyring=name)})


def test_an_entry_of_the_keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "keyring").mkdir()
    (tmp_path / "keyring" / "__init__.py").write_text(KEYRING)
    (tmp_path / "keyring" / "errors.py").write_text(ERRORS)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert resolve(entry("https://x.org/api/me")) == {"TOKEN": "https://x.org/api|me"}
    for user, why in (
        ("nobody", "there is no such entry"), ("none", "no keyring that could be asked"), ("locked", "is locked"),
        ("bad", "the keyring refused"),
    ):  # fmt: skip
        with pytest.raises(SecretUnavailable) as caught:
            resolve(entry(f"mail/{user}"))
        assert caught.value.message.startswith(f"secret TOKEN: keyring entry mail/{user}: ")
        assert why in caught.value.message
        assert "hunter2" not in caught.value.message


def test_without_the_package_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "keyring.py").write_text("raise ImportError")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(SecretUnavailable) as caught:
        resolve(entry("mail/me"))
    assert caught.value.message == "secret TOKEN: keyring entry mail/me: the package keyring is not installed"
    assert caught.value.hint == "install jobistemer-tui[keyring]"


def test_a_keyring_that_waits_for_somebody_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "keyring.py").write_text("import signal; signal.pause()")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(secrets, "COMMAND_SECONDS", 0.5)
    with pytest.raises(SecretUnavailable, match=r"the keyring, for mail/me, took longer than 0\.5 s"):
        resolve(entry("mail/me"))
