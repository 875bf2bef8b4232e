"""Our three themes. Status colours are in `presentation/status_marks.py`; their contrast is tested on these grounds."""

from __future__ import annotations

from typing import Final

from textual.theme import BUILTIN_THEMES, Theme

DARK: Final = Theme(
    name="jobistemer-dark",
    dark=True,
    primary="#56B4E9",
    secondary="#7AA7C7",
    accent="#56B4E9",
    warning="#E69F00",
    error="#FF6B4A",
    success="#4EBF71",
    foreground="#D8DCE0",
    background="#121212",
    surface="#161719",
    panel="#212427",
    variables={
        "block-cursor-background": "#24394A",
        "block-cursor-foreground": "#FFFFFF",
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "#1F2A33",
        "block-cursor-blurred-foreground": "#D8DCE0",
        "footer-background": "#1B1D20",
        "footer-key-foreground": "#56B4E9",
        "footer-description-foreground": "#AEB4BA",
        "input-selection-background": "#56B4E9 35%",
        "border": "#56B4E9",
        "scrollbar": "#2C3035",
        "scrollbar-hover": "#3A4047",
        "scrollbar-background": "#161719",
    },
)

LIGHT: Final = Theme(
    name="jobistemer-light",
    dark=False,
    primary="#0072B2",
    secondary="#3D6A87",
    accent="#0072B2",
    warning="#8A5A00",
    error="#B54000",
    success="#00684C",
    foreground="#1B1E21",
    background="#FFFFFF",
    surface="#FFFFFF",
    panel="#EDF0F3",
    variables={
        "block-cursor-background": "#D5E6F3",
        "block-cursor-foreground": "#000000",
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "#E6EDF3",
        "block-cursor-blurred-foreground": "#1B1E21",
        "footer-background": "#EDF0F3",
        "footer-key-foreground": "#0072B2",
        "footer-description-foreground": "#3D4349",
        "border": "#0072B2",
        "scrollbar": "#C4CBD2",
        "scrollbar-background": "#FFFFFF",
    },
)

HIGH_CONTRAST: Final = Theme(
    name="jobistemer-high-contrast",
    dark=True,
    primary="#FFFFFF",
    secondary="#FFFFFF",
    accent="#FFFF00",
    warning="#FFD75F",
    error="#FF8F73",
    success="#7CFF9B",
    foreground="#FFFFFF",
    background="#000000",
    surface="#000000",
    panel="#000000",
    variables={
        "block-cursor-background": "#00479E",
        "block-cursor-foreground": "#FFFFFF",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#2A2A2A",
        "block-cursor-blurred-foreground": "#FFFFFF",
        "footer-background": "#000000",
        "footer-key-foreground": "#FFFF00",
        "footer-description-foreground": "#FFFFFF",
        "border": "#FFFFFF",
        "scrollbar": "#FFFFFF",
        "scrollbar-background": "#000000",
    },
)

THEMES: Final = (DARK, LIGHT, HIGH_CONTRAST)


def theme_names() -> list[str]:
    """All that can be chosen: ours first, then those of Textual."""
    ours = [theme.name for theme in THEMES]
    return [*ours, *sorted(set(BUILTIN_THEMES) - set(ours))]
