"""What comparing two tries gives, as values; `before` is the first one named, `after` the second."""

from __future__ import annotations

from jobistemer_tui.domain.definition_diff import Difference
from jobistemer_tui.operations.compare.line_diff import Kind
from jobistemer_tui.operations.environment import Variable
from jobistemer_tui.operations.log_folder import LogState
from jobistemer_tui.operations.read_models import AttemptRow, OccurrenceRow
from jobistemer_tui.settings.quick_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two tries, and the run that it belongs to; `tries` is how many its task had."""

    attempt: AttemptRow
    task: str
    tries: int
    occurrence: OccurrenceRow


@dataclass(frozen=True, slots=True)
class FactPair:
    """One thing that is known of both, in words; `counts` is false for what differs between any two runs."""

    name: str
    before: str
    after: str
    counts: bool = True

    @property
    def differs(self) -> bool:
        """Whether this is a difference worth a look."""
        return self.counts and self.before != self.after


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of the difference of the logs with its number on the sides that have it, from 0 (None: no line)."""

    kind: Kind
    before: int | None
    after: int | None
    text: str


@dataclass(frozen=True, slots=True)
class LogDifference:
    """How the logs differ once what differs in every run has been left out.

    `hunks` are the changed stretches with lines around them. `before_left_out` and `after_left_out` lines of a very
    long log, in its middle, were not compared. The states say whether there is a log at all.
    """

    before_state: LogState
    after_state: LogState
    before_lines: int
    after_lines: int
    before_left_out: int
    after_left_out: int
    removed: int
    added: int
    same: int
    hunks: tuple[tuple[DiffLine, ...], ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two tries side by side. `why` says how they were chosen, empty where both were named.

    `environment` holds the variables that differ or that are secret (without values); `definition` what changed
    between the versions that they ran as, but for those variables; `notes` say what could not be compared.
    """

    before: Side
    after: Side
    why: str
    facts: tuple[FactPair, ...]
    environment: tuple[Variable, ...]
    definition: tuple[Difference, ...]
    log: LogDifference
    notes: tuple[str, ...]
