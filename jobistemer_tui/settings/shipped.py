"""Files that come with the program: the guide and the examples."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parents[1]
GUIDE = _PACKAGE / "docs" / "guide"
DEMO = _PACKAGE / "docs" / "demo"
EXAMPLES = _PACKAGE / "examples" if (_PACKAGE / "examples").is_dir() else _PACKAGE.parent / "examples"
"""In the package where it is installed, beside it in a clone."""


def example_files() -> dict[str, Path]:
    """The examples' job files by the name of the file without its suffix."""
    kinds = (".toml", ".yaml", ".py")
    return {path.stem: path for path in sorted(EXAMPLES.iterdir()) if path.is_file() and path.suffix in kinds}
