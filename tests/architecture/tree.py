"""The files of the project, as the tests of its shape see them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "jobistemer_tui"
TESTS = ROOT / "tests"
_BINARY = {".db", ".png", ".gz", ".pyc"}


def python_files(*folders: Path) -> list[Path]:
    """All Python files in the folders, sorted."""
    return sorted(path for folder in folders for path in folder.rglob("*.py") if "__pycache__" not in path.parts)


def text_files() -> list[Path]:
    """All files of text that belong to the project."""
    tops = [path for path in ROOT.iterdir() if not path.name.startswith(".") or path.name in (".ci", ".gitignore")]
    files = [path for top in tops for path in ([top] if top.is_file() else top.rglob("*")) if path.is_file()]
    return sorted(path for path in files if "__pycache__" not in path.parts and path.suffix not in _BINARY)


@cache
def read(path: Path) -> str:
    """The text of a file."""
    return path.read_text(encoding="utf-8", errors="replace")


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(read(path), str(path))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """All functions and methods of a file, inner ones as well."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def shown(path: Path, line: int = 0) -> str:
    """A place for a message, relative to the project."""
    return f"{path.relative_to(ROOT)}:{line}" if line else str(path.relative_to(ROOT))
