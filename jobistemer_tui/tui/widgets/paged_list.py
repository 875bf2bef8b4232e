"""Textual's list of options, for windows of any size."""

from __future__ import annotations

from typing import Literal

from textual.widgets import OptionList


class PagedList(OptionList):
    """A page of a list for which there is no room is nothing; Textual's ends the program with a KeyError."""

    def _move_page(self, direction: Literal[-1, 1]) -> None:
        if self.scrollable_content_region:
            super()._move_page(direction)
