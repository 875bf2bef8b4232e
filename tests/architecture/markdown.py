"""Reading the project's pages."""

from __future__ import annotations

import re
from pathlib import Path

from tests.architecture.tree import PACKAGE, ROOT, read, text_files

GUIDE = PACKAGE / "docs" / "guide"


def pages() -> list[Path]:
    """All pages of Markdown."""
    return [path for path in text_files() if path.suffix == ".md"]


def blocks(path: Path, language: str) -> list[str]:
    """The blocks of code in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", read(path), re.MULTILINE | re.DOTALL)


def marked_command(path: Path, mark: str) -> list[str]:
    """The blocks of code right after `<!-- mark -->`."""
    return re.findall(rf"^<!-- {mark} -->\n```sh\n(.*?)\n```$", read(path), re.MULTILINE | re.DOTALL)


def links(path: Path) -> list[str]:
    """The targets of links and images that are not on the web."""
    found = re.findall(r"\]\(([^)\s]+)\)", read(path))
    return [target for target in found if "://" not in target]


def table_rows(path: Path) -> list[list[str]]:
    """The cells of all tables, headings and rules included."""
    rows = [line.strip().strip("|").split(" | ") for line in read(path).splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row] for row in rows]


def shown(path: Path) -> str:
    """A page's name for a message."""
    return str(path.relative_to(ROOT))
