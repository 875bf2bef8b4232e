"""What `storage copy` and `storage check` say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from jobistemer_tui.cli import output
from jobistemer_tui.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from jobistemer_tui.operations.commands.copy_storage import ComparedStorage, CopiedStorage

_SHOWN = 20


def show_copied(done: CopiedStorage, *, as_json: bool) -> int:
    """Rows by table, what differs, and whether the target has everything now."""
    copied = done.copied
    columns = {"made": copied.made, "there": copied.there, "updated": copied.updated}
    if as_json:
        conflicts = [{"table": one.table, "key": key_texts(one.key), "why": one.why} for one in copied.conflicts]
        output.as_json(
            {
                "whole": copied.is_whole, **{name: dict(counts) for name, counts in columns.items()},
                "outputs": done.outputs, "moving": copied.moving, "differing": copied.differing, "conflicts": conflicts,
            }
        )  # fmt: skip
        return ExitCode.DONE if copied.is_whole else ExitCode.FAILED
    _table(columns)
    for one in copied.conflicts[:_SHOWN]:
        output.line(f"{one.table} {' '.join(key_texts(one.key))}: {one.why}")
    output.talk(f"{copied.made.total():,} rows and the output of {done.outputs:,} attempts were copied")
    if copied.differing:
        output.talk(f"{copied.differing:,} rows differ and were left as they are there")
    if copied.moving:
        output.talk(
            f"{copied.moving:,} runs or messages are under way or wait, and stayed behind: stop the engine, repeat"
        )
    return ExitCode.DONE if copied.is_whole else ExitCode.FAILED


def show_sound(*, as_json: bool) -> int:
    """No damage was found."""
    if as_json:
        output.as_json({"sound": True})
    else:
        output.talk("no damage was found")
    return ExitCode.DONE


def show_compared(compared: ComparedStorage, *, as_json: bool) -> int:
    """Rows by table, and the words equal, contained or different."""
    columns = {
        "same": compared.same, "only here": compared.only_here, "only there": compared.only_there,
        "different": compared.differing,
    }  # fmt: skip
    code = ExitCode.DONE if compared.contained else ExitCode.FAILED
    if as_json:
        named = [{"table": table, "key": key_texts(key)} for table, key in compared.named]
        counts = {name.replace(" ", "_"): dict(one) for name, one in columns.items()}
        output.as_json({"equal": compared.equal, "contained": compared.contained, **counts, "named": named})
        return code
    _table(columns)
    for table, key in compared.named[:_SHOWN]:
        output.line(f"{table} {' '.join(key_texts(key))}")
    if compared.equal:
        output.talk("equal: each store has all that the other one has")
    elif compared.contained:
        output.talk(f"all that is here is there too; {compared.only_there.total():,} rows are only there")
    else:
        missing = compared.only_here.total()
        output.talk(
            f"different: {missing:,} rows are only here, {compared.differing.total():,} have other contents there"
        )
    return code


def _table(columns: dict[str, Counter[str]]) -> None:
    names = sorted({name for counts in columns.values() for name in counts if counts[name]})
    rows = [(name, *(f"{counts[name]:,}" for counts in columns.values())) for name in names]
    output.table(("TABLE", *(title.upper() for title in columns)), rows)


def key_texts(key: Sequence[Any]) -> list[str]:
    """A row's key as words."""
    return [str(value) if isinstance(value, UUID) else f"{value}" for value in key]
