"""The table of nodes: columns by width, cells, marks; and the pane of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.text import Text

from jobistemer_tui.operations.node_words import WARN_OFFSET_MS, node_notes, skew_words
from jobistemer_tui.operations.nodes import NodeRow, NodeStanding, node_json

from .fitting import cleaned
from .job_detail import labelled
from .job_rows import Viewpoint
from .listing import Listing, Sort
from .moments import ago_text, with_distance
from .rows import Column, TableRow, cell, flexible
from .status_marks import COMPLETED, FAILED, MISSED, OFF, STALE, WITH_ERRORS, Mark
from .wrapping import wrapped

_WORDS: Final = {
    NodeStanding.ALIVE: "alive: its lock is held",
    NodeStanding.STOPPED: "stopped by itself",
    NodeStanding.SILENT: "silent: its lock is free, and it did not say goodbye",
    NodeStanding.LOST: "declared lost",
}


def node_mark(row: NodeRow) -> Mark:
    """The one mark of a node."""
    match row.standing:
        case NodeStanding.ALIVE:
            if row.trouble is not None and row.drain is None:
                return FAILED
            return WITH_ERRORS if node_notes(row) else COMPLETED
        case NodeStanding.STOPPED:
            return OFF
        case NodeStanding.SILENT | NodeStanding.LOST:
            return STALE


def node_columns(width: int) -> tuple[Column, ...]:
    """The columns that fit a table of `width` cells."""
    columns = [Column("mark", "S", 1), Column("name", "Node", 10), Column("slots", "Running", 8)]
    if width >= 44:
        columns.append(Column("seen", "Seen", 8))
    if width >= 60:
        columns.append(Column("skew", "Clock", 9))
    if width >= 76:
        columns += [Column("version", "Version", 9), Column("notes", "Notes", 18)]
    if width >= 110:
        columns += [Column("labels", "Labels", 14), Column("groups", "Groups", 14)]
    return flexible(columns, width - 2, flex="notes" if width >= 76 else "name", least=8)


def node_table_row(row: NodeRow, columns: Sequence[Column], view: Viewpoint) -> TableRow:
    """One node as cells."""
    return TableRow(row.name, tuple(_node_cell(row, column, view) for column in columns))


def _node_cell(row: NodeRow, column: Column, view: Viewpoint) -> Text:
    width, mark = column.width, node_mark(row)
    style = mark.style(dark=view.dark) if mark is not COMPLETED else ""
    match column.key:
        case "mark":
            return mark.text(dark=view.dark)
        case "name":
            return cell(f"{cleaned(row.name)}{' *' if row.here else ''}", width, style or "bold")
        case "slots":
            return cell(slots_text(row), width)
        case "seen":
            return cell(ago_text(row.seen_at, view.now, view.style), width, "dim")
        case "skew":
            return _skew_cell(row, width, view)
        case "version":
            return cell(f"v{cleaned(row.version)}", width, "dim" if not row.version_differs else "")
        case "labels":
            return cell(cleaned(", ".join(row.labels)) or "–", width, "dim")
        case "groups":
            return cell(cleaned(", ".join(row.groups)) or "–", width, "dim")
        case _:
            return cell(cleaned("; ".join(node_notes(row))) or "–", width, style or "dim")


def slots_text(row: NodeRow) -> str:
    """What it runs, of what it may run: `►3/8`."""
    return f"►{row.running}/{row.slots or '?'}"


def _skew_cell(row: NodeRow, width: int, view: Viewpoint) -> Text:
    off = row.clock_offset_ms is not None and abs(row.clock_offset_ms) >= WARN_OFFSET_MS
    words = f"{skew_words(row.clock_offset_ms)}{' △' if off else ''}"
    return cell(words.strip() or "–", width, MISSED.style(dark=view.dark) if off else "dim")


def node_lines(row: NodeRow, view: Viewpoint, width: int) -> list[Text]:
    """How a node stands, what it has in hand, and what is not as it should be."""
    mark = node_mark(row)
    lines = wrapped(Text(f" {mark.glyph} {_WORDS[row.standing]}", mark.style(dark=view.dark)), width)
    for note in node_notes(row):
        lines += wrapped(Text(f" △ {cleaned(note)}", MISSED.style(dark=view.dark)), width)
    clock = "the store's" if row.clock_offset_ms is None else f"{skew_words(row.clock_offset_ms)} from the store's"
    facts = {
        "Seen": with_distance(row.seen_at, view.now, view.style),
        "Since": with_distance(row.started_at, view.now, view.style),
        "Host": f"{row.host}, process {row.pid}",
        "Runs": f"{row.running} of {row.slots or '?'} at once",
        "Group": ", ".join(row.groups) or "none in use",
        "Label": ", ".join(row.labels) or "none: it runs jobs that ask for none",
        "Prog": row.version,
        "Zones": row.zone_data or "unknown",
        "Clock": clock,
        "Id": str(row.id),
    }
    if row.drain is not None:
        facts["Drain"] = f"by {row.drain.actor} {with_distance(row.drain.at, view.now, view.style)}"
    for name, words in facts.items():
        lines += labelled(name, [Text(cleaned(words))], width)
    return lines


def nodes_summary(rows: Sequence[NodeRow]) -> Text:
    """How many there are, and what they run: `3 nodes · 2 alive · 4 of 16 running`."""
    alive = [row for row in rows if row.standing is NodeStanding.ALIVE]
    running, slots = sum(row.running for row in alive), sum(row.slots for row in alive)
    noun = "node" if len(rows) == 1 else "nodes"
    words = f" {len(rows)} {noun} · {len(alive)} alive · {running} of {slots} running"
    return Text(words, "dim", no_wrap=True, end="")


NODE_LISTING: Final = Listing[NodeRow](
    noun="node",
    key=lambda row: row.name,
    texts=lambda row: (row.name, row.host, *row.labels, *row.groups, *node_notes(row)),
    columns=node_columns,
    cells=node_table_row,
    record=node_json,
    fields={
        "status": lambda row, part: row.standing.value.startswith(part),
        "label": lambda row, part: any(label.lower().startswith(part) for label in row.labels),
    },
    is_problem=lambda row: row.has_problem,
    sorts=(
        Sort("Node"),
        Sort("Running", lambda row: -row.running),
        Sort("Seen", lambda row: -row.seen_at.timestamp()),
        Sort("Clock", lambda row: -abs(row.clock_offset_ms or 0)),
    ),
)
