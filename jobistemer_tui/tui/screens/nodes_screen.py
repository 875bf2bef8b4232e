"""The machines whose engines work with the store: what each runs, and how sure it is that it lives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType

from jobistemer_tui.operations.nodes import NodeRow, NodeStanding
from jobistemer_tui.operations.read_models import RunRow
from jobistemer_tui.tui.actions import NODES, bindings_of
from jobistemer_tui.tui.dialogs.choice_dialog import confirm_dialog
from jobistemer_tui.tui.dialogs.name_dialog import NameDialog
from jobistemer_tui.tui.feed_worker import Read
from jobistemer_tui.tui.presentation.fitting import cleaned
from jobistemer_tui.tui.presentation.node_rows import NODE_LISTING, node_lines, nodes_summary
from jobistemer_tui.tui.presentation.run_rows import run_list_lines
from jobistemer_tui.tui.presentation.wrapping import lines_text
from jobistemer_tui.tui.read_values import NodeRunsRead, NodesRead, ReadValue
from jobistemer_tui.tui.shell import Shell

from .list_screen import ListScreen
from .reads import NodeRunsQuestion, read_nodes
from .runs_screen import RunsScreen


class NodeRunsScreen(RunsScreen):
    """The runs of one node."""

    def __init__(self, shell: Shell, name: str) -> None:
        super().__init__(shell)
        self._node_name = name

    @property
    def all_rows(self) -> Sequence[RunRow] | None:
        """What that node runs, then what ended there last."""
        rows = super().all_rows
        return None if rows is None else [run for run in rows if run.row.node == self._node_name]

    @property
    def crumbs(self) -> tuple[str, ...]:
        """Below the nodes."""
        return ("Nodes", self._node_name, "Runs")


class NodesScreen(ListScreen[NodeRow]):
    """The nodes."""

    CSS_PATH = "nodes_screen.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(NODES)]
    NAME = NODES
    SIDE_WIDTH = 75

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._rows: tuple[NodeRow, ...] | None = None
        self._runs: NodeRunsRead | None = None

    listing = NODE_LISTING

    @property
    def all_rows(self) -> Sequence[NodeRow] | None:
        """All nodes, by name."""
        return self._rows

    @property
    def crumbs(self) -> tuple[str, ...]:
        """The root of this view."""
        return ("Nodes",)

    def questions(self) -> Mapping[str, Read]:
        """The nodes, and where there is room the runs of the selected one."""
        return {"nodes": read_nodes, **self.pane_asked}

    def take(self, value: ReadValue) -> None:
        """Keep the answer."""
        if isinstance(value, NodesRead):
            self._rows = value.rows
            self.rearrange()
        elif isinstance(value, NodeRunsRead):
            self._runs = value

    def pane_questions(self, row: NodeRow) -> Mapping[str, Read]:
        """Its runs where there is room for them."""
        return {"runs": NodeRunsQuestion(row.name)} if self.is_wide else {}

    def summary(self) -> Text:
        """How much there is."""
        return nodes_summary(self._rows or ())

    def none_text(self, width: int) -> Text:
        """No engine has ever worked here."""
        return Text(
            "No engine has worked with this store yet.\n\n"
            "jobistemer run starts one. On PostgreSQL every machine may have one: jobistemer docs many_machines."
        )

    def pane_title(self, row: NodeRow) -> str:
        """The node."""
        return row.name

    def pane_text(self, row: NodeRow, width: int) -> Text:
        """How the node stands; where there is room, what it runs and has run."""
        view = self.shell.view
        lines = node_lines(row, view, width)
        if len(self._rows or ()) == 1 and row.here:
            lines += [Text(""), Text(" One node: this one. To add another: jobistemer docs many_machines", "dim")]
        if self.is_wide and self._runs is not None and self._runs.node == row.name:
            lines += run_list_lines(self._runs.rows, view, width, self.size.height - len(lines) - 5)
        return lines_text(lines)

    def copied(self, row: NodeRow) -> tuple[str, str]:
        """The id."""
        return str(row.id), "node id"

    def action_open_row(self) -> None:
        """Show what this node runs and has run."""
        if row := self.selected_row:
            self.app.push_screen(NodeRunsScreen(self.shell, row.name))

    def action_drain_node(self) -> None:
        """Drain the node, or let it begin runs again."""
        if row := self.selected_row:
            self.act(self._drain(row))

    def action_declare_lost(self) -> None:
        """Declare the node dead."""
        if row := self.selected_row:
            self.act(self._declare_lost(row))

    async def _drain(self, row: NodeRow) -> None:
        operations, name = self.shell.operations, row.name
        if row.drain is not None:
            if await self.change(lambda: operations.undrain_node(name)) is not None:
                self.tell(f"{name} begins runs again")
            return
        lines = [
            name,
            f"It runs {row.running}; those go on to their end.",
            "It begins nothing new, also after a restart, until D is pressed again.",
        ]
        if not await self.app.push_screen_wait(confirm_dialog("Drain this node?", lines)):
            return
        if await self.change(lambda: operations.drain_node(name)) is not None:
            self.tell(f"{name} begins nothing new")

    async def _declare_lost(self, row: NodeRow) -> None:
        name = row.name
        if row.standing is not NodeStanding.SILENT:
            self.tell(f"{name} is {row.standing}: only a node that is silent can be declared lost")
            return
        lines = [
            f"{row.running} of its runs {'is' if row.running == 1 else 'are'} taken by others at once.",
            "If the machine still runs them, they may run twice. It must be off, or cut off and stopped.",
            f"Type its name to declare it lost: {cleaned(name)}",
        ]
        typed = await self.app.push_screen_wait(NameDialog("Declare this node lost?", lines))
        if typed != name:
            self.tell("nothing was done")
        elif await self.change(lambda: self.shell.operations.declare_node_lost(name)) is not None:
            self.tell(f"{name} is lost")
