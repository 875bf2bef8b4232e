"""Pure: the difference of two texts by lines.

Lines that stand once in both are anchors (the idea of patience diff, Bram Cohen): the longest run of them that is in
order on both sides is kept, and what lies between is compared the same way. So long logs cost little, and what is
shown as the same is what a person would call the same.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from enum import StrEnum

from jobistemer_tui.settings.quick_dataclass import dataclass

_SMALL = 40_000
"""Pairs of lines up to which a stretch without anchors is compared in every detail."""

Range = tuple[int, int, int, int]


class Kind(StrEnum):
    """What became of a line."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a difference: its numbers from 0 on the sides that have it."""

    kind: Kind
    before: int | None
    after: int | None


def difference(before: Sequence[str], after: Sequence[str]) -> list[Step]:
    """Every line of both sides in order; what was removed stands before what was added in its place."""
    steps: list[Step] = []
    left = right = 0
    for here, there in [*matches(before, after), (len(before), len(after))]:
        steps += (Step(Kind.REMOVED, number, None) for number in range(left, here))
        steps += (Step(Kind.ADDED, None, number) for number in range(right, there))
        if here < len(before):
            steps.append(Step(Kind.SAME, here, there))
        left, right = here + 1, there + 1
    return steps


def hunks(steps: Sequence[Step], context: int) -> Iterator[list[Step]]:
    """The stretches with a change, each with `context` lines that are the same around it."""
    changes = [index for index, step in enumerate(steps) if step.kind is not Kind.SAME]
    while changes:
        start = end = changes[0]
        count = 0
        for index in changes:
            if index - end > 2 * context + 1:
                break
            end, count = index, count + 1
        changes = changes[count:]
        yield list(steps[max(0, start - context) : end + context + 1])


def matches(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int]]:
    """The pairs of lines that are the same, rising on both sides."""
    pairs: list[tuple[int, int]] = []
    todo: list[Range] = [(0, len(before), 0, len(after))]
    while todo:
        stretch = _without_ends(before, after, todo.pop(), pairs)
        low, high, first, last = stretch
        if low == high or first == last:
            continue
        small = (high - low) * (last - first) <= _SMALL
        anchors = _anchors(before, after, stretch) or ([] if small else _numbered_anchors(before, after, stretch))
        if anchors:
            ends = [*anchors, (high, last)]
            begins = [(low, first), *((one + 1, other + 1) for one, other in anchors)]
            pairs += anchors
            todo += [(b, e, d, f) for (b, d), (e, f) in zip(begins, ends, strict=True)]
        elif small:
            pairs += _in_detail(before, after, stretch)
    return sorted(pairs)


def _without_ends(before: Sequence[str], after: Sequence[str], stretch: Range, pairs: list[tuple[int, int]]) -> Range:
    """The stretch without what is the same at its begin and its end, which goes to `pairs`."""
    low, high, first, last = stretch
    while low < high and first < last and before[low] == after[first]:
        pairs.append((low, first))
        low, first = low + 1, first + 1
    while low < high and first < last and before[high - 1] == after[last - 1]:
        high, last = high - 1, last - 1
        pairs.append((high, last))
    return low, high, first, last


def _anchors(before: Sequence[str], after: Sequence[str], stretch: Range) -> list[tuple[int, int]]:
    low, high, first, last = stretch
    once = Counter(before[low:high])
    there = {line: number for number, line in enumerate(after[first:last], first)}
    counts = Counter(after[first:last])
    common = [
        (number, there[line])
        for number, line in enumerate(before[low:high], low)
        if once[line] == 1 and counts.get(line) == 1
    ]
    return _longest_rising(common)


def _numbered_anchors(before: Sequence[str], after: Sequence[str], stretch: Range) -> list[tuple[int, int]]:
    """Of a long stretch where no line stands once: the nth time that a line stands here and the nth time there."""
    low, high, first, last = stretch
    there = {line: number for number, line in enumerate(_numbered(after[first:last]), first)}
    numbered = enumerate(_numbered(before[low:high]), low)
    return _longest_rising([(number, there[line]) for number, line in numbered if line in there])


def _numbered(lines: Sequence[str]) -> Iterator[tuple[str, int]]:
    seen: Counter[str] = Counter()
    for line in lines:
        seen[line] += 1
        yield line, seen[line]


def _longest_rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest part whose second numbers rise (the first ones do already), by patience sorting."""
    tops: list[int] = []
    top_pairs: list[int] = []
    back: list[int] = []
    for index, (_, number) in enumerate(pairs):
        place = bisect_left(tops, number)
        back.append(top_pairs[place - 1] if place else -1)
        if place == len(tops):
            tops.append(number)
            top_pairs.append(index)
        else:
            tops[place], top_pairs[place] = number, index
    chain: list[tuple[int, int]] = []
    index = top_pairs[-1] if top_pairs else -1
    while index >= 0:
        chain.append(pairs[index])
        index = back[index]
    return chain[::-1]


def _in_detail(before: Sequence[str], after: Sequence[str], stretch: Range) -> Iterator[tuple[int, int]]:
    low, high, first, last = stretch
    matcher = SequenceMatcher(None, before[low:high], after[first:last], autojunk=False)
    for block in matcher.get_matching_blocks():
        for number in range(block.size):
            yield low + block.a + number, first + block.b + number
