"""What the values of a job file may be, as pydantic types whose errors say what to write instead."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date, time
from enum import StrEnum
from typing import Any

from pydantic_core import PydanticCustomError

from jobistemer_tui.domain.durations import PATTERN as DURATION_PATTERN
from jobistemer_tui.domain.durations import parse_duration
from jobistemer_tui.domain.identity import KEY_PATTERN, is_valid_key
from jobistemer_tui.domain.policies import ANY_FAILURE, ANY_NODE, SIGNALS, RetryOn
from jobistemer_tui.domain.sizes import UNITS
from jobistemer_tui.jobfiles.judged import Shape, accepts, or_none
from jobistemer_tui.jobfiles.words import hint_about, shown

MAX_SECONDS = 3650 * 86400.0
MAX_BYTES = 1024**4
NAME_HINT = "1 to 64 letters, digits, . _ or -, beginning with a letter or digit"
_SIZE = re.compile(r"(\d{1,15})\s?([A-Za-z]{1,3})", re.ASCII)

DURATION: Shape = {"type": "string", "pattern": rf"^\s*(?:{DURATION_PATTERN})\s*$"}
SIZE: Shape = {"type": "string", "pattern": rf"^\s*[0-9]{{1,15}}\s?(?:{'|'.join(UNITS)})\s*$"}
KEY: Shape = {"type": "string", "pattern": f"^{KEY_PATTERN.pattern}$"}
RETRY_WORD: Shape = {
    "anyOf": [
        {"type": "integer", "minimum": 1, "maximum": 255},
        {"enum": [*(word.value for word in RetryOn), *SIGNALS]},
    ]
}


def refused(message: str, hint: str = "", *, private: bool = False) -> PydanticCustomError:
    """The error to raise from a validator; `private`: see `source.Problem`."""
    return PydanticCustomError("value", "{message}", {"message": message, "hint": hint, "private": private})


@accepts({"type": "string"})
def text(value: Any) -> str:
    """A text."""
    if isinstance(value, str):
        return value
    hint = f'quote it: "{shown(value)}"' if isinstance(value, bool | int | float) else ""
    raise refused(f"must be a text, not {shown(value)}", hint)


@accepts({"type": "string", "pattern": r"\S"})
def filled_text(value: Any) -> str:
    """A text that is not blank."""
    result = text(value)
    if not result.strip():
        raise refused("must not be empty", "write a text, or remove the key")
    return result


@accepts({"type": "string", "pattern": r"^.+/[^/]+$"})
def keyring_entry(value: Any) -> str:
    """`service/user`, an entry of a keyring; the service may hold a `/` itself."""
    service, slash, user = text(value).rpartition("/")
    if not (service.strip() and slash and user.strip()):
        raise refused("names a service and a user", 'write keyring = "service/user"')
    return f"{service}/{user}"


@accepts({"type": "boolean"})
def flag(value: Any) -> bool:
    """True or false."""
    if isinstance(value, bool):
        return value
    raise refused(f"must be true or false, not {shown(value)}", "without quotes")


def whole(minimum: int, maximum: int, *, none_too: bool = False) -> Callable[[Any], int | None]:
    """A validator of whole numbers within the bounds, or of "none" as well."""
    none = ' or "none"' if none_too else ""

    shape = {"type": "integer", "minimum": minimum, "maximum": maximum}

    @accepts(or_none(shape) if none_too else shape)
    def validate(value: Any) -> int | None:
        if none_too and value == "none":
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            raise refused(f"must be a whole number{none}, not {shown(value)}", _unquote(value))
        if not minimum <= value <= maximum:
            raise refused(f"must be from {minimum} to {maximum}{none}, not {shown(value)}")
        return value

    return validate


@accepts({"type": "number", "minimum": 1, "maximum": 1000})
def factor(value: Any) -> float:
    """A number from 1 to 1000."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise refused(f"must be a number, not {shown(value)}", _unquote(value))
    if not math.isfinite(value) or not 1 <= value <= 1000:
        raise refused(f"must be from 1 to 1000, not {shown(value)}")
    return float(value)


def _unquote(value: object) -> str:
    return "without quotes" if isinstance(value, str) and value.strip().lstrip("-").isdigit() else ""


@accepts(DURATION)
def duration(value: Any) -> float:
    """Seconds of a duration, 0 included."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise refused(f"a bare number {shown(value)} has no unit", f'write "{_whole_seconds(value)}s"')
    if not isinstance(value, str):
        raise refused(f"must be a duration, not {shown(value)}", 'write "30s"')
    try:
        seconds = parse_duration(value)
    except ValueError as error:
        raise refused(f"{shown(value)} is not a duration", _duration_hint(value, str(error))) from error
    if seconds > MAX_SECONDS:
        raise refused(f"{shown(value)} is too long", "at most 3650d")
    return seconds


def _whole_seconds(value: float) -> object:
    return value if math.isfinite(value) and 0 < value < MAX_SECONDS else 30


def _duration_hint(value: str, why: str) -> str:
    if value.strip() == "none":
        return 'this one cannot be switched off; write "0s" or a length'
    if value.strip().isdigit():
        return f'write "{value.strip()}s"'
    return why.rpartition("; ")[2].rpartition(": ")[2] if "; " in why or ": " in why else why


@accepts(DURATION)
def positive_duration(value: Any) -> float:
    """Seconds of a duration longer than 0."""
    if value == "none":
        raise refused("this one cannot be switched off", 'write a length such as "1m"')
    seconds = duration(value)
    if seconds == 0:
        raise refused("must be longer than 0", 'write a length such as "1m"')
    return seconds


@accepts(or_none(DURATION))
def positive_duration_or_none(value: Any) -> float | None:
    """Seconds of a duration longer than 0; None for "none"."""
    if value == "none":
        return None
    seconds = duration(value)
    if seconds == 0:
        raise refused("must be longer than 0", 'to switch it off write "none"')
    return seconds


@accepts(or_none(DURATION))
def duration_or_none(value: Any) -> float | None:
    """Seconds of a duration, 0 included; None for "none"."""
    return None if value == "none" else duration(value)


@accepts(SIZE)
def size(value: Any) -> int:
    """Bytes of a size such as 10MiB (2**20) or 10MB (10**6)."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise refused(f"a bare number {shown(value)} has no unit", 'write "10MiB" or "512KiB"')
    match = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None or match[2] not in UNITS:
        raise refused(f"{shown(value)} is not a size", 'write "10MiB", "512KiB" or "1GB"')
    result = int(match[1]) * UNITS[match[2]]
    if result > MAX_BYTES:
        raise refused(f"{shown(value)} is too large", "at most 1024GiB")
    return result


@accepts(or_none(SIZE))
def size_or_none(value: Any) -> int | None:
    """Bytes of a size; None for "none"."""
    return None if value == "none" else size(value)


def choice(kind: type[StrEnum], *allowed: StrEnum) -> Callable[[Any], str]:
    """A validator of the words of an enumeration."""
    words = [member.value for member in allowed or kind]
    listed = ", ".join(words)

    @accepts({"enum": words})
    def validate(value: Any) -> str:
        if isinstance(value, str) and value in words:
            return value
        raise refused(f"must be one of {listed}, not {shown(value)}", hint_about(str(value), words))

    return validate


def group(value: Any) -> Any:
    """A concurrency group as a table; a text is its name, "none" none."""
    return value if isinstance(value, dict) else {"name": value}


@accepts(KEY)
def group_name(value: Any) -> str | None:
    """The name of a concurrency group; None for "none"."""
    return None if value == "none" else key(value)


@accepts({"anyOf": [KEY, {"type": "array", "items": KEY, "minItems": 1}]})
def labels(value: Any) -> str:
    """Labels of nodes, one or a list; "any" alone stands for every node."""
    if value == ANY_NODE:
        return ANY_NODE
    listed = value if isinstance(value, list) else [value]
    if not listed:
        raise refused("must not be empty", 'write "any" for every node')
    if ANY_NODE in listed:
        raise refused('"any" stands alone', 'write "any", without other labels')
    return ", ".join(dict.fromkeys(key(item) for item in listed))


@accepts({"anyOf": [{"const": ANY_FAILURE}, RETRY_WORD, {"type": "array", "items": RETRY_WORD, "minItems": 1}]})
def retry_on(value: Any) -> str:
    """Which failures are retried: "any", or one or a list of words, exit codes and names of signals."""
    if value == ANY_FAILURE:
        return ANY_FAILURE
    listed = value if isinstance(value, list) else [value]
    if not listed:
        raise refused("must not be empty", 'write "any", or max_retries = 0')
    return ", ".join(dict.fromkeys(_retry_word(item) for item in listed))


def _retry_word(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        if not 1 <= value <= 255:
            raise refused(f"an exit code that is a failure is from 1 to 255, not {value}")
        return str(value)
    words = [*RetryOn, *SIGNALS]
    if isinstance(value, str) and value in words:
        return str(value)
    if isinstance(value, str) and value.isdigit():
        raise refused(f"an exit code is a number, not {shown(value)}", "without quotes")
    if value == ANY_FAILURE:
        raise refused('"any" stands alone', 'write retry_on = "any"')
    listed = ", ".join(RetryOn)
    raise refused(
        f"must be an exit code, a signal such as SIGKILL, or one of {listed}; not {shown(value)}",
        hint_about(str(value), words),
    )


@accepts({"type": "string"})
def variable(value: Any) -> str:
    """The value of an environment variable."""
    if isinstance(value, str):
        return value
    hint = f'quote it: "{shown(value)}"' if isinstance(value, bool | int | float) else "write a text"
    raise refused(f"a variable is a text, not {shown(value)}", hint)


def variables(value: Any) -> Any:
    """A table whose keys may name environment variables; its values are checked by their own type."""
    for name in value if isinstance(value, dict) else ():
        if not name or "=" in name or "\0" in name:
            raise refused(f"{shown(name)} cannot name a variable", 'a name is not empty and has no "="')
    return value


_CALLABLE = re.compile(r"(?:[^\W\d]\w*(?:\.[^\W\d]\w*)*|[^\0:]+\.py):[^\W\d]\w*(?:\.[^\W\d]\w*)*")


@accepts({"type": "string", "pattern": "^[^:].*:[^:]+$"})
def callable_name(value: Any) -> str:
    """A Python callable: `package.module:name` or `path/file.py:name`."""
    result = text(value)
    if not _CALLABLE.fullmatch(result):
        raise refused(f"{shown(result)} names no callable", 'write "module:function" or "file.py:function"')
    return result


@accepts({})
def json_value(value: Any) -> Any:
    """A value that JSON can hold; dates and times become ISO 8601 text."""
    if isinstance(value, float) and not math.isfinite(value):
        raise refused(f"must be a finite number, not {shown(value)}")
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        json_value(item)
    return iso_texts(value)


def iso_texts(value: Any) -> Any:
    """The value with native dates and times as ISO 8601 text."""
    if isinstance(value, dict):
        return {name: iso_texts(item) for name, item in value.items()}
    if isinstance(value, list):
        return [iso_texts(item) for item in value]
    return value.isoformat() if isinstance(value, date | time) else value


@accepts(KEY)
def key(value: Any) -> str:
    """The name of a job or task, or a job's id."""
    result = text(value)
    if not is_valid_key(result):
        raise refused(f"{shown(result)} is not a name", NAME_HINT)
    return result
