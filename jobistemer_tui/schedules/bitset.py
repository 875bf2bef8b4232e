"""Small sets of small numbers, kept as the bits of an integer: bit 5 is set when 5 belongs to the set."""

from __future__ import annotations

from collections.abc import Iterable


def bits(values: Iterable[int]) -> int:
    """The set of `values`."""
    mask = 0
    for value in values:
        mask |= 1 << value
    return mask


def members(mask: int) -> list[int]:
    """The numbers of the set, ascending."""
    return [value for value in range(mask.bit_length()) if mask >> value & 1]


def first_from(mask: int, value: int) -> int:
    """The smallest number of the set that is at least `value`; -1 when there is none."""
    rest = mask >> value
    return value + (rest & -rest).bit_length() - 1 if rest else -1
