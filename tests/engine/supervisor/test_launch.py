"""What a supervisor is started with."""

from __future__ import annotations

import pwd
from pathlib import Path

import pytest

from jobistemer_tui.engine import supervisor_client_launch as launching
from jobistemer_tui.engine.supervisor_client_launch import without_the_store
from jobistemer_tui.settings import logout


def test_tasks_cannot_read_the_password_of_the_store_from_their_supervisor() -> None:
    """Regression: it had the engine's whole environment, which any task finds under /proc."""
    secret = {
        "JOBISTEMER_STORE": "postgresql://me:pw@host/jobs",
        "PGPASSWORD": "pw",
        "PGPASSFILE": "/f",
        "PGUSER": "me",
    }
    assert without_the_store(secret | {"HOME": "/h", "JOBISTEMER_HOME": "/j"}) == {
        "HOME": "/h",
        "JOBISTEMER_HOME": "/j",
    }


@pytest.mark.parametrize(
    ("lingers", "answer", "ran"),
    [
        pytest.param(True, 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"', "scope task", id="a scope"),
        pytest.param(True, "exit 1", "scope task", id="refused"),
        pytest.param(False, "exit 1", "task", id="without lingering"),
    ],
)
def test_with_lingering_it_lies_in_a_scope_of_its_own_where_the_user_manager_makes_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lingers: bool, answer: str, ran: str
) -> None:
    """Hazard 18: what a login started ends with it; without lingering a scope would end with the login, too."""
    ledger, program = tmp_path / "ledger", tmp_path / "systemd-run"
    program.write_text(f'#!/bin/sh\nprintf "scope " >> {ledger}\n{answer}\n')
    program.chmod(0o700)
    (tmp_path / "systemd").mkdir()
    (tmp_path / "systemd" / "private").touch()
    monkeypatch.setattr(logout, "LINGERING", tmp_path if lingers else tmp_path / "nobody")
    monkeypatch.setattr(pwd, "getpwuid", lambda _: type("Entry", (), {"pw_name": "systemd"}))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    launching._run_detaching(["sh", "-c", f"printf task >> {ledger}"], tmp_path / "log")
    assert ledger.read_text() == ran
