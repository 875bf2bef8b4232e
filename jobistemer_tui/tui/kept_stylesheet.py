"""A style sheet that is parsed anew only where something has changed."""

from __future__ import annotations

from textual.css.stylesheet import Stylesheet


class KeptStylesheet(Stylesheet):
    """Textual's parses every source again for each screen that is shown first, at the start three times.

    What was parsed holds as long as the variables are the same, and what was added is parsed beside it.
    """

    def __init__(self, variables: dict[str, str]) -> None:
        super().__init__(variables=variables)
        self._given = dict(variables)

    def set_variables(self, variables: dict[str, str]) -> None:
        """Another theme has other variables."""
        if variables != self._given:
            self._given = dict(variables)
            super().set_variables(variables)

    def reparse(self) -> None:
        """Raises StylesheetParseError, with the old rules still in force."""
        self.parse()
