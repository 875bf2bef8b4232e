"""What simulated tasks write into their files, well or badly: outputs, and a state that counts who has set it."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jobistemer_tui.engine.given import CONTEXT
from jobistemer_tui.engine.supervisor.attempt_files import OUTPUTS, STATE
from jobistemer_tui.engine.supervisor_client import StartOrder

Values = dict[str, Any]
NONSENSE = b"no key and no value\n"


@dataclass
class SimulatedFolders:
    """The files in the attempts' folders, by folder and name. `often`: how likely a task is to write each of them."""

    chance: random.Random
    often: float
    files: dict[str, dict[str, bytes]] = field(default_factory=dict)

    def make(self, order: StartOrder) -> Values:
        """The files of a try as it starts; gives what it is told: outputs of others, the state and its revision."""
        self.files[str(order.attempt_id)] = {name: text.encode() for name, text in order.files.items()}
        given = json.loads(order.files.get(CONTEXT, "{}"))
        return {"outputs": given.get("outputs", {}), "state": given.get("state", {}), "rev": given.get("state_rev", 0)}

    def write(self, order: StartOrder) -> Values:
        """What the task does before it ends, however it ends; gives what it has written. `state` None: it set none."""
        wrote: Values = {"outputs": {}, "state": None, "nonsense": False}
        files = self.files[str(order.attempt_id)]
        if self.chance.random() < self.often:
            wrote["outputs"] = {"by": str(order.attempt_id)}
            files[OUTPUTS] = f"by={order.attempt_id}\n".encode()
        if self.chance.random() < self.often:
            state = json.loads(files.get(STATE, b"{}"))
            wrote["state"] = {"count": state.get("count", 0) + 1, "by": str(order.attempt_id)}
            files[STATE] = json.dumps(wrote["state"]).encode()
        if self.chance.random() < 0.1 * self.often:
            wrote["nonsense"] = True
            files[OUTPUTS] = NONSENSE
        return wrote

    def content(self, path: Path, limit: int = 0) -> bytes | None:
        """As `handed_on` reads a file of a try."""
        return self.files.get(path.parent.name, {}).get(path.name)
