"""The secrets that one sending needs: found when they are needed, and taken out of whatever is said about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jobistemer_tui.domain.secret import SecretSource
from jobistemer_tui.engine.secrets import Wanted, resolve
from jobistemer_tui.engine.supervisor.mask import forms_of

MASK = "••••"
SHORTEST = 4
"""Shorter values are not masked: they would be found in every other word."""


class Vault:
    """Secrets of one sending; to be used on the thread that sends."""

    def __init__(self, cwd: str, env: Mapping[str, str]) -> None:
        self._cwd, self._env = cwd, env
        self._found: list[str] = []

    def text(self, value: str | Mapping[str, Any]) -> str:
        """A text as it is, or the secret that a reference leads to. Blocks; raises SecretUnavailable."""
        return value if isinstance(value, str) else self.secret(SecretSource.from_json(value))

    def secret(self, source: SecretSource) -> str:
        """The secret. Blocks; raises SecretUnavailable."""
        value = resolve(Wanted(secrets={"secret": source}, cwd=self._cwd, env=self._env))["secret"]
        self._found.append(value)
        return value

    def variables(
        self, env_files: Sequence[str], secrets: Mapping[str, SecretSource], python: str | None
    ) -> dict[str, str]:
        """The secret variables of a job, for a program of it. Blocks; raises SecretUnavailable."""
        values = resolve(Wanted(tuple(env_files), secrets, self._cwd, self._env, python))
        self._found += values.values()
        return values

    def masked_values(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The same values, their texts masked."""
        return {name: self.masked(value) if isinstance(value, str) else value for name, value in values.items()}

    def masked(self, text: str) -> str:
        """The text without any secret that was found here, in whatever form the log of a task would hide it."""
        forms = (form.decode("utf-8", "surrogateescape") for form in forms_of(self._found))
        for value in sorted({*self._found, *forms}, key=len, reverse=True):
            if len(value) >= SHORTEST:
                text = text.replace(value, MASK)
        return text
