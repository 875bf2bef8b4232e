"""Modules that are imported late: the name that a type checker sees is the one that is imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from jobistemer_tui.settings.deferred import deferred
from tests.architecture.tree import PACKAGE, python_files, shown


def late_names(file: Path) -> Iterator[tuple[str, str]]:
    """Each name that stands for a deferred module, with that module's full name."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        match node:
            case ast.Assign(
                targets=[ast.Name(name)], value=ast.Call(ast.Name("deferred"), [ast.Constant(str(module))])
            ):
                yield name, module
            case _:
                pass


def checked_names(file: Path) -> Iterator[tuple[str, str]]:
    """Each name that is imported for type checking only, with what it would be."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            for statement in node.body:
                if isinstance(statement, ast.Import):
                    yield from ((alias.asname or alias.name, alias.name) for alias in statement.names)
                if isinstance(statement, ast.ImportFrom):
                    package = _package(file, statement.level)
                    home = ".".join(part for part in (package, statement.module) if part)
                    yield from ((alias.asname or alias.name, f"{home}.{alias.name}") for alias in statement.names)


def _package(file: Path, level: int) -> str:
    return ".".join(file.relative_to(PACKAGE.parent).parts[:-level]) if level else ""


def test_every_late_name_is_the_module_that_is_checked() -> None:
    late = {
        (shown(file), name, module)
        for file in python_files(PACKAGE)
        for name, module in late_names(file)
        if (name, module) not in set(checked_names(file)) or find_spec(module) is None
    }
    assert late == set()


def test_there_are_late_names_to_be_looked_at() -> None:
    assert sum(1 for file in python_files(PACKAGE) for _ in late_names(file)) > 20


def test_a_module_is_imported_when_it_is_used() -> None:
    words = deferred("jobistemer_tui.domain.sizes")
    assert words.__name__ == "jobistemer_tui.domain.sizes"
    assert words.size_text is import_module("jobistemer_tui.domain.sizes").size_text
    with pytest.raises(AttributeError):
        _ = words.no_such_name
    with pytest.raises(ModuleNotFoundError):
        _ = deferred("jobistemer_tui.no_such_module").anything
