"""Nothing is left for another day: no stubs, no skipped tests, no traces of the machine it was made on."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.architecture.tree import PACKAGE, ROOT, TESTS, functions, parsed, python_files, read, shown, text_files

# Written in pieces, so that this file is not found by its own search.
UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK|T" r"BD)\b|NotImplemented" r"Error")
SKIPPED = re.compile(r"pytest\.(?:sk" r"ip|xf" r"ail|import" r"orskip)|mark\.(?:sk" r"ip|xf" r"ail)|unittest\.sk" r"ip")
MACHINE = re.compile(r"(?<![\w.~$}/-])/(?:ro" r"ot|wo" r"rk|Us" r"ers)/\w")
TOP_LEVEL = {"pyproject.toml", "README.md", "LICENSE", "jobistemer_tui", "tests", "screenshots", "examples"}


def found(pattern: re.Pattern[str], files: list[Path]) -> list[str]:
    """The places where the pattern stands."""
    return [
        f"{shown(path, number)} {match[0]}"
        for path in files
        for number, line in enumerate(read(path).splitlines(), start=1)
        for match in [pattern.search(line)]
        if match
    ]


def test_no_words_that_put_work_off() -> None:
    assert found(UNFINISHED, text_files()) == []


def test_no_test_is_skipped() -> None:
    assert found(SKIPPED, python_files(TESTS)) == []


def test_no_path_of_the_machine_it_was_made_on() -> None:
    assert found(MACHINE, text_files()) == []
    assert [shown(path) for path in text_files() if str(ROOT) in read(path)] == []


def test_no_function_without_a_body() -> None:
    empty: list[str] = []
    for path in python_files(PACKAGE):
        promised = promises(path)
        silent = [node for node in functions(path) if all(map(says_nothing, node.body))]
        empty.extend(f"{shown(path, node.lineno)} {node.name}" for node in silent if node not in promised)
    assert empty == []


def says_nothing(statement: ast.stmt) -> bool:
    """`pass` or `...`; a docstring says something."""
    dots = isinstance(statement, ast.Expr) and getattr(statement.value, "value", None) is ...
    return dots or isinstance(statement, ast.Pass)


def promises(path: Path) -> list[ast.stmt]:
    """The methods of the protocols of a file: they promise and do nothing."""
    classes = [node for node in ast.walk(parsed(path)) if isinstance(node, ast.ClassDef)]
    protocols = [node for node in classes if any("Protocol" in ast.unparse(base) for base in node.bases)]
    return [statement for protocol in protocols for statement in protocol.body]


def test_every_module_says_what_it_is() -> None:
    written = [path for path in python_files(PACKAGE) if parsed(path).body]
    assert [shown(path) for path in written if ast.get_docstring(parsed(path)) is None] == []


def test_nothing_lies_about_at_the_top() -> None:
    names = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert names - TOP_LEVEL == set()
    assert names >= TOP_LEVEL
