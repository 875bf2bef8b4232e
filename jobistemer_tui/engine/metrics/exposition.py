"""Pure: metrics as text, in the format of Prometheus (version 0.0.4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})


@dataclass(slots=True)
class Family:
    """All samples of one name; `add` and `add_histogram` collect them."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    help: str
    lines: list[str] = field(default_factory=list)

    def add(self, value: float, **labels: str) -> None:
        """A sample of a counter or a gauge."""
        self.lines.append(_line(self.name, labels, value))

    def add_histogram(self, histogram: Mapping[str, Any], bounds: Sequence[float], **labels: str) -> None:
        """The samples of a histogram of `domain.histogram`."""
        below, count = 0, histogram.get("count", 0)
        for bound, number in zip(bounds, histogram.get("le") or [0] * len(bounds), strict=True):
            below += number
            self.lines.append(_line(f"{self.name}_bucket", {**labels, "le": _number(bound)}, below))
        self.lines.append(_line(f"{self.name}_bucket", {**labels, "le": "+Inf"}, count))
        self.lines.append(_line(f"{self.name}_count", labels, count))
        self.lines.append(_line(f"{self.name}_sum", labels, histogram.get("sum", 0.0)))


def exposition(families: Iterable[Family]) -> str:
    """The families as one text; one without samples is left out."""
    return "".join(line + "\n" for family in families if family.lines for line in _text(family))


def _text(family: Family) -> Iterator[str]:
    yield f"# HELP {family.name} {family.help}"
    yield f"# TYPE {family.name} {family.kind}"
    yield from family.lines


def _line(name: str, labels: Mapping[str, str], value: float) -> str:
    inner = ",".join(f'{label}="{text.translate(_ESCAPES)}"' for label, text in labels.items())
    return f"{name}{{{inner}}} {_number(value)}" if inner else f"{name} {_number(value)}"


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))
