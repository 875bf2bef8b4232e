"""The lines for a job file that give a job what a shell has, in the file's own format."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from jobistemer_tui.operations.environment import Variable

_BARE = re.compile(r"[A-Za-z0-9_-]+")
Line = tuple[str, str]


def lines_for(form: str, job: str, path: str | None, variables: Sequence[Variable], notes: Sequence[Line]) -> str:
    """Text that sets `path` and `variables` for a job; secrets, and `notes` (key and value), as comments to decide on.

    `form` is toml, yaml or py. Empty where there is nothing to set. A value that is no Unicode is left out.
    """
    env = [one for one in variables if not one.secret and one.here is not None and _is_text(one.here)]
    secrets = [one for one in variables if one.secret]
    if path is None and not env and not secrets:
        return ""
    write = {"toml": _toml, "yaml": _yaml, "py": _python}[form]
    return "\n".join(write(job, path, env, secrets, notes)) + "\n"


def absolute_path(path: str) -> str:
    """The folders of a PATH that mean the same wherever a job runs, each once."""
    return ":".join(dict.fromkeys(folder for folder in path.split(":") if folder.startswith("/") and _is_text(folder)))


def _toml(
    job: str, path: str | None, env: list[Variable], secrets: list[Variable], notes: Sequence[Line]
) -> Iterator[str]:
    table = f"jobs.{_key(job)}"
    yield f"[{table}]"
    if path is not None:
        yield f"path = {_quoted(path)}"
    yield from (f"# {name} = {_quoted(value)}" for name, value in notes)
    if env:
        yield ""
        yield f"[{table}.env]"
        yield from (f"{one.name} = {_quoted(one.here or '')}" for one in env)
    if secrets:
        yield ""
        yield f"# [{table}.secrets]"
        yield from (f"# {one.name} = {{ file = {_quoted(_home_of(one))} }}" for one in secrets)


def _yaml(
    job: str, path: str | None, env: list[Variable], secrets: list[Variable], notes: Sequence[Line]
) -> Iterator[str]:
    yield "jobs:"
    yield f"  {_quoted(job)}:"
    if path is not None:
        yield f"    path: {_quoted(path)}"
    yield from (f"    # {name}: {_quoted(value)}" for name, value in notes)
    if env:
        yield "    env:"
        yield from (f"      {one.name}: {_quoted(one.here or '')}" for one in env)
    if secrets:
        yield "    # secrets:"
        yield from (f"    #   {one.name}: {{ file: {_quoted(_home_of(one))} }}" for one in secrets)


def _python(
    job: str, path: str | None, env: list[Variable], secrets: list[Variable], notes: Sequence[Line]
) -> Iterator[str]:
    """Arguments for the job's decorator."""
    if path is not None:
        yield f"path={path!r},"
    yield from (f"# {name}={value!r}," for name, value in notes)
    if env:
        yield "env={"
        yield from (f"    {one.name!r}: {one.here!r}," for one in env)
        yield "},"
    if secrets:
        yield "# secrets={"
        yield from (f'#     {one.name!r}: {{"file": {_home_of(one)!r}}},' for one in secrets)
        yield "# },"


def _home_of(secret: Variable) -> str:
    """Where a secret might be kept."""
    return f"~/.secrets/{secret.name}"


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _quoted(name)


def _quoted(text: str) -> str:
    """A string as JSON, TOML and YAML alike read it."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f").replace("\x85", "\\u0085")


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in value
