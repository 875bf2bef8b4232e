"""Every action of the screen in one table: its id, keys, words, and where it has an effect.

The bindings, the footer, the keys help and the command palette are all made from this table. A key means the
same on every screen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from jobistemer_tui.settings.quick_dataclass import dataclass

if TYPE_CHECKING:  # `check` looks at moved keys without loading a screen
    from textual.binding import Binding, BindingType

JOBS, JOB, OCCURRENCE, RUNS, AGENDA, ACTIVITY, FILES, NODES, INBOX = (
    "jobs",
    "job",
    "occurrence",
    "runs",
    "agenda",
    "activity",
    "files",
    "nodes",
    "inbox",
)
EVERYWHERE: Final = frozenset({JOBS, JOB, OCCURRENCE, RUNS, AGENDA, ACTIVITY, FILES, NODES, INBOX})
LISTS: Final = frozenset({JOBS, RUNS, AGENDA, ACTIVITY, FILES, NODES, INBOX})
"""The views that are one list."""
PAGED: Final = frozenset({AGENDA, ACTIVITY})
_JOB_SCREENS: Final = frozenset({JOBS, JOB, RUNS, OCCURRENCE, AGENDA})
_WITH_RUNS: Final = frozenset({JOBS, JOB, OCCURRENCE, RUNS, AGENDA})
_OF_RUNS: Final = frozenset({RUNS, OCCURRENCE})


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a person can do. `keys` are Textual's key names; `shown` is what the footer calls the first key.

    `roomy`: the screens whose footer leaves it out first where there is no room for all. `acts`: it changes something,
    so a window that only reads does not have it.
    """

    id: str
    keys: tuple[str, ...]
    label: str
    tooltip: str
    where: frozenset[str] = EVERYWHERE
    in_footer: bool = False
    shown: str | None = None
    in_palette: bool = True
    group: str = ""
    roomy: frozenset[str] = frozenset()
    acts: bool = False

    @property
    def binding(self) -> Binding:
        """The Textual binding; its id lets a keymap move it."""
        from textual.binding import Binding

        return Binding(
            ",".join(self.keys),
            self.id,
            self.label,
            show=self.in_footer,
            key_display=self.shown,
            tooltip=self.tooltip,
            id=self.id,
            group=Binding.Group(self.group, compact=True) if self.group else None,
        )


ACTIONS: Final = (
    Action("open_row", ("enter", "l", "right"), "open", "Go into the selected row", in_footer=True, shown="enter"),
    Action("mark", ("space",), "mark", "Mark the row: keys then act on all marked rows; esc clears",
           frozenset({JOBS, JOB, RUNS, AGENDA, INBOX})),
    Action("run_now", ("r",), "run now", "Run the job now; asks for its parameters", _JOB_SCREENS,
           in_footer=True, roomy=frozenset({OCCURRENCE}), acts=True),
    Action("retry", ("R",), "retry", "Run again what has ended: all, what failed, or from a task on", _WITH_RUNS,
           in_footer=True, roomy=frozenset({JOBS, JOB, AGENDA}), acts=True),
    Action("toggle_pause", ("p",), "pause", "Pause the job, with a reason or for some time; or resume it",
           _JOB_SCREENS, in_footer=True, roomy=_OF_RUNS, acts=True),
    Action("skip_next", ("S",), "skip", "Skip the next run, or take that back", _JOB_SCREENS,
           in_footer=True, roomy=_JOB_SCREENS - {AGENDA}, acts=True),
    Action("undo_last", ("u",), "undo", "Take back the last act on a schedule, in Activity the selected one",
           _JOB_SCREENS | {ACTIVITY},
           in_footer=True, roomy=EVERYWHERE, acts=True),
    Action("snooze", ("Z",), "snooze", "Put the next run off, or take that back", _JOB_SCREENS, acts=True),
    Action("toggle_stop", ("X",), "stop", "Stop the schedule, or start it again", _JOB_SCREENS, acts=True),
    Action("pause_all", ("P",), "pause all", "Pause all jobs, or resume them", _JOB_SCREENS, acts=True),
    Action("cancel_run", ("c",), "cancel", "Cancel what runs or waits; asks first", _WITH_RUNS,
           in_footer=True, roomy=frozenset({AGENDA}), acts=True),
    Action("release_gap", ("a",), "apply now", "Let the strategy apply to the gap now", frozenset({INBOX}),
           in_footer=True, acts=True),
    Action("change_gap", ("m",), "method", "Let another strategy decide about this gap", frozenset({INBOX}),
           in_footer=True, acts=True),
    Action("trim_gap", ("f",), "fewer", "Leave the strategy only the newest times of the gap", frozenset({INBOX}),
           in_footer=True, acts=True),
    Action("drop_gap", ("x",), "drop", "Run nothing of the gap; it is recorded as skipped", frozenset({INBOX}),
           in_footer=True, acts=True),
    Action("edit_file", ("e",), "edit", "Open the file at the job's line, or its first problem, in $EDITOR",
           frozenset({JOBS, JOB, RUNS, OCCURRENCE, AGENDA, FILES}), in_footer=True, roomy=_OF_RUNS | {JOB, AGENDA},
           acts=True),
    Action("drain_node", ("D",), "drain", "Let the node begin nothing new, or take that back", frozenset({NODES}),
           in_footer=True, acts=True),
    Action("declare_lost", ("K",), "lost", "Declare a silent node dead, so that others take what it had",
           frozenset({NODES}), in_footer=True, acts=True),
    Action("previous_sibling", ("left_square_bracket",), "previous", "The occurrence or job before this one",
           frozenset({JOB, OCCURRENCE}), in_footer=True, shown="[", group="sibling"),
    Action("next_sibling", ("right_square_bracket",), "next", "The occurrence or job after this one",
           frozenset({JOB, OCCURRENCE}), in_footer=True, shown="]", group="sibling"),
    Action("filter", ("slash",), "filter", "Narrow the list: words, status:fail,miss, tag:io, !not",
           LISTS, in_footer=True, shown="/"),
    Action("problems_only", ("exclamation_mark",), "problems", "Only what needs a look, or all", LISTS),
    Action("sort_column", ("o",), "sort", "Order the list by the next column", LISTS),
    Action("sort_direction", ("O",), "turn order", "Turn the order of the list round", LISTS),
    Action("window_back", ("less_than_sign",), "window back", "The window or page before this one", PAGED),
    Action("window_on", ("greater_than_sign",), "window on", "The window or page after this one", PAGED),
    Action("export", ("s",), "save", "Write the list to a file: CSV, JSON or text", LISTS),
    Action("hold", ("H",), "hold", "Hold what is shown as it is, or let it go on"),
    Action("inbox", ("I",), "recovery", "What was missed while nothing was awake, and what becomes of it",
           EVERYWHERE - {INBOX}),
    Action("show_crash", ("E",), "engine error", "Where the engine was when it crashed last"),
    Action("other_layout", ("v",), "view", "The next tab, or the other form",
           frozenset({JOB, OCCURRENCE, AGENDA}), in_footer=True),
    Action("previous_layout", ("V",), "view before", "The tab before", frozenset({JOB})),
    Action("show_hidden", ("full_stop",), "hidden", "Show what is hidden, or hide it again", frozenset({JOB, AGENDA})),
    Action("why", ("W",), "why", "Why it ran, or did not; at any time too",
           EVERYWHERE - {NODES}, in_footer=True, roomy=EVERYWHERE - _OF_RUNS),
    Action("compare", ("equals_sign",), "compare", "Beside the last good run before it; two marked runs side by side",
           frozenset({JOBS, JOB, OCCURRENCE, RUNS})),
    Action("zoom_in", ("plus",), "zoom in", "Show a shorter time, wider", frozenset({OCCURRENCE})),
    Action("zoom_out", ("minus",), "zoom out", "Show a longer time", frozenset({OCCURRENCE})),
    Action("zoom_fit", ("0",), "fit", "Show the whole run", frozenset({OCCURRENCE})),
    Action("time_style", ("t",), "time", "Write times relative, local or in UTC"),
    Action("toggle_detail", ("d",), "detail", "Show or hide the pane beside the table"),
    Action("zoom", ("z",), "zoom", "What has the keys alone, or with what stands beside it"),
    Action("copy_id", ("y",), "copy id", "Copy the name or id of the selected row"),
    Action("next_pane", ("tab",), "next pane", "The keys go to the next pane", in_palette=False),
    Action("previous_pane", ("shift+tab",), "pane before", "The keys go to the pane before", in_palette=False),
    Action("row_down", ("down", "j"), "down", "One row down", in_palette=False),
    Action("row_up", ("up", "k"), "up", "One row up", in_palette=False),
    Action("half_page_down", ("ctrl+d",), "half page down", "Half a page down", in_palette=False),
    Action("half_page_up", ("ctrl+u",), "half page up", "Half a page up", in_palette=False),
    Action("page_down", ("pagedown",), "page down", "One page down", in_palette=False),
    Action("page_up", ("pageup",), "page up", "One page up", in_palette=False),
    Action("first_row", ("home", "g"), "top", "The first row", in_palette=False),
    Action("last_row", ("end", "G"), "bottom", "The last row", in_palette=False),
    Action("leave", ("escape", "h", "left"), "back", "Clear the filter, then go back", in_palette=False),
    Action("palette", ("colon", "ctrl+p"), "cmd", "All commands, by name", in_footer=True, shown=":",
           in_palette=False),
    Action("keys_help", ("question_mark", "f1"), "keys", "All keys of this screen; Enter does the action",
           in_footer=True, shown="?", in_palette=False),
    Action("out", ("q",), "out / quit", "Go back; on the first screen, leave the program"),
)  # fmt: skip

VIEW_KEYS: Final = {JOBS: "1", RUNS: "2", AGENDA: "3", ACTIVITY: "4", FILES: "5", NODES: "6"}
"""The views by number."""
APP_KEYS: Final = {
    "quit": ("ctrl+q",),
    "interrupt": ("ctrl+c",),
    "suspend": ("ctrl+z",),
    **{f"view_{mode}": (key,) for mode, key in VIEW_KEYS.items()},
}
"""The keys that work everywhere, by the id of their binding."""
BY_ID: Final = {action.id: action for action in ACTIONS}
MOVES: Final = tuple(
    BY_ID[id]
    for id in ("row_down", "row_up", "half_page_down", "half_page_up", "page_down", "page_up", "first_row", "last_row")
)
"""What moves the cursor of the list that has the keys, and does nothing else."""


def actions_of(screen: str, *, read_only: bool = False) -> tuple[Action, ...]:
    """The actions that have an effect on a screen, in the order of the footer; `read_only`: that change nothing."""
    return tuple(action for action in ACTIONS if screen in action.where and not (read_only and action.acts))


def bindings_of(screen: str) -> list[Binding]:
    """The bindings of a screen."""
    return [action.binding for action in actions_of(screen)]


def roomy_on(screen: str, actions: Sequence[Action] = ACTIONS) -> frozenset[str]:
    """What the footer of a screen leaves out first."""
    return frozenset(action.id for action in actions if screen in action.roomy)


SECTIONS: Final = ("Act", "This list", "Look", "Move", "Views and program")


def section_of(action: Action) -> str:
    """Under which heading the keys help lists an action."""
    if action.acts or action.id in ("mark", "inbox"):
        return SECTIONS[0]
    if action.where == LISTS:
        return SECTIONS[1]
    if action.id in ("palette", "keys_help", "out", "show_crash") or action.id.startswith("app."):
        return SECTIONS[4]
    return SECTIONS[2] if action.in_palette and action.id != "open_row" else SECTIONS[3]


def program_actions(bindings: Sequence[BindingType]) -> list[Action]:
    """The bindings of the program itself, as the keys help lists them."""
    from textual.binding import Binding

    found: dict[str, Action] = {}
    for one in bindings:
        if isinstance(one, Binding):
            before = found.get(one.action)
            keys = (*(before.keys if before else ()), *one.key.split(","))
            found[one.action] = Action(f"app.{one.action}", keys, one.description, one.tooltip)
    return list(found.values())


KEY_NAMES: Final = {
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "question_mark": "?",
    "slash": "/",
    "colon": ":",
    "exclamation_mark": "!",
    "equals_sign": "=",
    "plus": "+",
    "minus": "-",
    "full_stop": ".",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "escape": "esc",
    "pagedown": "pgdn",
    "pageup": "pgup",
    "right_curly_bracket": "}",
    "left_curly_bracket": "{",
    "ampersand": "&",
    "at": "@",
    "apostrophe": "'",
    "quotation_mark": '"',
    "number_sign": "#",
}


def key_name(key: str) -> str:
    """A key as a person writes it."""
    return KEY_NAMES.get(key, key)


def keys_text(action: Action) -> str:
    """The keys of an action as a person writes them: `enter l right`."""
    return " ".join(map(key_name, action.keys))
