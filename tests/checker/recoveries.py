"""I19: of the instants of a gap those run that the strategy names, one after another, and the others say why not."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.checker.history import Change, History, Row, Violation, setting, short

_WAITING = ("pending", "queued")
_LIVE = ("pending", "running", "canceling")
_IN_TURN = ("recovery", "backfill")


@dataclass(frozen=True, slots=True)
class _Resolved:
    """What one commit did about the gap of a job, in time order.

    `run` and `missed` are the instants that the strategy decided about, `kept` and `given_up` what waited since an
    earlier gap.
    """

    run: Sequence[Row]
    missed: Sequence[Row]
    kept: Sequence[Row]
    given_up: Sequence[Row]


def check(history: History) -> Iterator[Violation]:
    """Commit by commit; a gap at the moment when it is written that it has its fate."""
    jobs: dict[bytes, Row] = {}
    known: defaultdict[bytes, dict[bytes, Row]] = defaultdict(dict)
    fates: defaultdict[bytes, set[int]] = defaultdict(set)
    for commit in history.commits or ():
        before: dict[bytes, Row] = {}
        touched: dict[bytes, Row] = {}
        for change in commit.changes:
            if change.table == "occurrence":
                yield from _check_turn(known[change.row["job_id"]], change.before, change.after)
                _note(known[change.row["job_id"]], change)
                touched[change.row["id"]] = change.row
                if change.before is not None:
                    before.setdefault(change.row["id"], change.before)
            elif _is_resolved(change) and change.row["job_id"] in jobs:
                job = jobs[change.row["job_id"]]
                rows = [row for row in touched.values() if row["job_id"] == job["id"]]
                passed = {instant for instant in fates[job["id"]] if instant <= change.row["end_at"]}
                newest = _newest(rows, before, passed, history.most_rows)
                found = _resolved(newest, before, known[job["id"]])
                for what in _broken(change.row["strategy"], history.versions[job["id"], job["version"]], found):
                    yield Violation("I19", f"commit {commit.number}: {change.row['strategy']} of {job['name']} {what}")
        for row in touched.values():
            _note_fate(fates[row["job_id"]], row)
        jobs |= {change.row["id"]: change.row for change in commit.changes if change.table == "job"}


def _is_resolved(change: Change) -> bool:
    """Whether a strategy has decided about a gap; where all instants were passed over, none has."""
    return bool(
        change.table == "job_gap" and change.after is not None
        and change.after["state"] == "resolved" and change.after["strategy"] is not None
    )  # fmt: skip


def _note(known: dict[bytes, Row], change: Change) -> None:
    known.pop(change.row["id"], None)
    if change.after is not None and change.after["trigger"] in _IN_TURN:
        known[change.row["id"]] = change.after


def _note_fate(fates: set[int], row: Row) -> None:
    """Keep which instants have a fate, be it by a backfill."""
    if row["replay_of"] is None and row["trigger"] != "manual":
        (fates.discard if row["state"] == "planned" else fates.add)(row["scheduled_at"])


def _is_fresh(row: Row, before: dict[bytes, Row]) -> bool:
    """Whether a commit has given a row its fate."""
    return row["state"] != "planned" and (row["id"] not in before or before[row["id"]]["state"] == "planned")


def _newest(touched: Sequence[Row], before: dict[bytes, Row], fates: set[int], most: int) -> list[Row]:
    """What of a commit a strategy has decided about: of a long gap the `most` newest instants, and what is older not.

    Among the newest are those that had their fate already.
    """
    fresh = {row["scheduled_at"] for row in touched if _is_fresh(row, before)}
    newest = sorted(fresh | {instant for instant in fates if fresh and instant > min(fresh)})[-most:]
    return [row for row in touched if not _is_fresh(row, before) or row["scheduled_at"] >= newest[0]]


def _resolved(touched: Sequence[Row], before: dict[bytes, Row], known: dict[bytes, Row]) -> _Resolved:
    """Sort what the commit touched, and what of the job it left waiting."""
    fresh = [row for row in touched if _is_fresh(row, before)]
    earlier = [row for row in touched if row["id"] in before and _waits_recovered(before[row["id"]])]
    ids = {row["id"] for row in fresh}
    return _Resolved(
        run=_in_time(row for row in fresh if row["trigger"] == "recovery" and row["state"] in _WAITING),
        missed=_in_time(row for row in fresh if row["state"] == "missed"),
        kept=_in_time(row for row in known.values() if _waits_recovered(row) and row["id"] not in ids),
        given_up=_in_time(row for row in earlier if row["state"] == "missed"),
    )


def _waits_recovered(row: Row) -> bool:
    return row["trigger"] == "recovery" and row["state"] in _WAITING


def _in_time(rows: Iterator[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: row["scheduled_at"])


def _broken(strategy: str, definition: Row, found: _Resolved) -> Iterator[str]:
    """What is not as the strategy says, in words that follow its name and the job's."""
    instants = _in_time(iter([*found.run, *found.missed]))
    if strategy == "execute-all" and (found.missed or found.given_up):
        yield f"missed {_text(found.missed)} and gave up {_text(found.given_up)}"
    if strategy == "mark-as-missed" and found.run:
        yield f"ran {_text(found.run)}"
    if strategy in ("execute-last", "compressed"):
        if list(found.run) != instants[-1:]:
            yield f"ran {_text(found.run)} of {_text(instants)}"
        if instants and found.kept:
            yield f"left {_text(found.kept)} of an earlier gap waiting"
    if strategy == "compressed":
        yield from _check_window(found)
    if strategy == "bounded-window":
        most = setting(definition, "recovery_window.max_occurrences")
        yield from _check_bounded(found, most, setting(definition, "recovery_window.max_duration"))


def _check_window(found: _Resolved) -> Iterator[str]:
    into = [row for row in (*found.missed, *found.given_up) if row["reason"] != "compressed_into"]
    if into:
        yield f"does not say of {_text(into)} into what it was compressed"
    for row in found.run:
        window = json.loads(row["window"])
        if window.get("count", 0) < len(found.missed) + len(found.given_up) + 1:
            yield f"stands for {window.get('count', 0)} instants, and {len(found.missed)} more were missed"


def _check_bounded(found: _Resolved, most: int | None, longest: float | None) -> Iterator[str]:
    """The newest of all that wait and were missed, as many as may be; a longest time may leave fewer."""
    chosen = _in_time(iter([*found.run, *found.kept]))
    every = _in_time(iter([*chosen, *found.missed, *found.given_up]))
    wanted = every if most is None else every[max(0, len(every) - most) :]
    if longest is None and chosen != wanted:
        yield f"chose {_text(chosen)} of {_text(every)}"
    elif longest is not None and chosen != wanted[len(wanted) - len(chosen) :]:
        yield f"chose {_text(chosen)}, not the newest of {_text(every)}"


def _check_turn(known: dict[bytes, Row], before: Row | None, after: Row | None) -> Iterator[Violation]:
    """Recovered and backfilled occurrences of a job are live one at a time."""
    if after is None or after["trigger"] not in _IN_TURN or after["state"] not in _LIVE:
        return
    if before is not None and before["state"] in _LIVE:
        return
    others = [row for row in known.values() if row["state"] in _LIVE and row["id"] != after["id"]]
    if others:
        yield Violation("I19", f"{short(after['id'])} had its turn while {short(others[0]['id'])} had its own")


def _text(rows: Sequence[Row]) -> str:
    return f"{len(rows)} ({', '.join(short(row['id']) for row in rows[:3])})"
