"""What somebody who wrote an unknown word may have meant."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, known: Iterable[str], *, cutoff: float = 0.6) -> str:
    """The known word that is most like `word`, at least as much as `cutoff` (0 to 1) says; "" where none is."""
    from difflib import get_close_matches  # most that runs meets no mistake

    return next(iter(get_close_matches(word, known, n=1, cutoff=cutoff)), "")


def did_you_mean(near: str, otherwise: str = "") -> str:
    """The hint that names the word that was probably meant; where there is none, what else helps."""
    return f'did you mean "{near}"?' if near else otherwise
