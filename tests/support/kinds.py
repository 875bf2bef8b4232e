"""Distributions that bring kinds of schedules, made in a folder that is put on the path."""

from __future__ import annotations

from pathlib import Path


def bring_kind(site: Path, kind: str, code: str, *, target: str = "make", distribution: str = "") -> None:
    """Lay out, as an installer does, a distribution whose module holds `code` and whose entry point is `target`."""
    name = distribution or f"kind_{kind.replace('-', '_')}"
    module = f"{name}_module"
    (site / f"{module}.py").write_text(code)
    info = site / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[jobistemer.schedules]\n{kind} = {module}:{target}\n")
