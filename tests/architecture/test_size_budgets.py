"""Functions and files stay small enough to be read."""

from __future__ import annotations

from tests.architecture.tree import PACKAGE, TESTS, functions, python_files, read, shown

FUNCTION_LINES = 60
FILE_LINES = 500
APP_LINES = 150


def test_no_function_is_long() -> None:
    long = [
        f"{shown(path, node.lineno)} {node.name}: {node.end_lineno - node.lineno + 1}"
        for path in python_files(PACKAGE, TESTS)
        for node in functions(path)
        if node.end_lineno is not None and node.end_lineno - node.lineno + 1 > FUNCTION_LINES
    ]
    assert long == []


def test_no_file_is_long() -> None:
    sizes = {shown(path): len(read(path).splitlines()) for path in python_files(PACKAGE, TESTS)}
    assert {name: size for name, size in sizes.items() if size > FILE_LINES} == {}


def test_the_application_class_holds_no_logic() -> None:
    assert len(read(PACKAGE / "tui" / "app.py").splitlines()) <= APP_LINES
