"""Where a secret is found when it is needed; never the secret itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jobistemer_tui.settings.quick_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class SecretSource:
    """Exactly one is set.

    `file` is an absolute path whose content is the secret, `command` prints it, `keyring` (`service/user`) names an
    entry of the keyring of the desktop or system.
    """

    file: str | None = None
    command: tuple[str, ...] = ()
    keyring: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As it is stored with a job's version."""
        if self.keyring is not None:
            return {"keyring": self.keyring}
        return {"file": self.file} if self.file is not None else {"command": list(self.command)}

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> SecretSource:
        """The inverse of `to_json`."""
        return SecretSource(value.get("file"), tuple(value.get("command", ())), value.get("keyring"))
