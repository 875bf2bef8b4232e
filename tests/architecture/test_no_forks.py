"""A fork without exec inherits every lock, and with it the evidence that its holder lives (hazard 7)."""

from __future__ import annotations

import ast

from tests.architecture.tree import PACKAGE, parsed, python_files, shown

_FORKS = {"fork", "forkpty", "ProcessPoolExecutor", "preexec_fn"}
_MAY_FORK = {"jobistemer_tui/engine/supervisor/main.py": "leaves its parent before it takes its lock"}


def names(node: ast.AST) -> set[str]:
    """What a piece of code calls, imports or passes by name."""
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name) | ast.keyword(arg=str(name)):
            return {name}
        case ast.Import(names=aliases):
            return {alias.name.partition(".")[0] for alias in aliases}
        case ast.ImportFrom(module=str(module), names=aliases):
            return {module.partition(".")[0], *(alias.name for alias in aliases)}
        case _:
            return set()


def test_nothing_forks_but_the_supervisor_before_it_has_its_lock() -> None:
    found = {
        shown(path)
        for path in python_files(PACKAGE)
        for node in ast.walk(parsed(path))
        if names(node) & {*_FORKS, "multiprocessing"}
    }
    assert found == set(_MAY_FORK)
