"""No engine: for a window that never runs one, whoever else does or does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobistemer_tui.operations.job_models import EngineRole

if TYPE_CHECKING:
    from jobistemer_tui.operations.engine_crash import EngineCrash


class EngineClient:
    """An `EngineHandle` that has nothing to start and nothing to stop."""

    role: EngineRole = EngineRole.CLIENT
    crash: EngineCrash | None = None

    def start(self) -> None:
        """Nothing happens."""

    def stop(self, *, how: str) -> None:
        """Nothing happens: what runs belongs to somebody else."""
