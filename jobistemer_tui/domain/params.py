"""The parameters that a job declares for its triggers, and what a trigger gives for them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from jobistemer_tui.errors import UsageError
from jobistemer_tui.settings.near_words import did_you_mean, nearest
from jobistemer_tui.settings.quick_dataclass import dataclass

NAME_PATTERN = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter: its value where none is given (None: one must be), and what it may be (empty: any text)."""

    default: str | None = None
    choices: tuple[str, ...] = ()
    description: str = ""

    def to_json(self) -> dict[str, Any]:
        """As it is stored with the job's version."""
        return {"default": self.default, "choices": list(self.choices), "description": self.description}

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> Param:
        """The inverse of `to_json`."""
        return Param(value["default"], tuple(value["choices"]), value["description"])


def is_valid_name(text: str) -> bool:
    """Whether `text` may name a parameter, which becomes a part of the name of a variable."""
    return NAME_PATTERN.fullmatch(text) is not None


def with_defaults(declared: Mapping[str, Param], given: Mapping[str, Any]) -> dict[str, Any]:
    """What is given, and the default of everything else that has one."""
    defaults = {name: param.default for name, param in declared.items() if param.default is not None}
    return {**defaults, **given}


def chosen(job: str, declared: Mapping[str, Param], given: Mapping[str, str]) -> dict[str, str]:
    """The values of a trigger of `job`, defaults filled in.

    Raises UsageError, with the nearest word, for a parameter or a value that the job does not know, for a text that no
    variable can hold, and where one without a default is not given.
    """
    for name, value in given.items():
        if name not in declared:
            raise UsageError(
                f"job {job} has no parameter {name!r}", hint=did_you_mean(nearest(name, declared), _listed(declared))
            )
        if "\0" in value:
            raise UsageError(f"the value of {name} holds the character NUL, which no variable can")
        choices = declared[name].choices
        if choices and value not in choices:
            hint = did_you_mean(nearest(value, choices), "it may be " + ", ".join(choices))
            raise UsageError(f"the parameter {name} of {job} cannot be {value!r}", hint=hint)
    missing = [name for name, param in declared.items() if param.default is None and name not in given]
    if missing:
        raise UsageError(f"job {job} needs a value for {', '.join(missing)}", hint=f"write --param {missing[0]}=VALUE")
    return with_defaults(declared, given)


def _listed(declared: Mapping[str, Param]) -> str:
    return "it has " + ", ".join(declared) if declared else "it declares none; see `params` in the guide on job files"
