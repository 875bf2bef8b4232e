"""What a supervisor is started with."""

from __future__ import annotations

from jobistemer_tui.engine.supervisor_client_launch import without_the_store


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
