"""The palette: text can be read by people with weak sight, in light and in dark (WCAG 2.2, AA)."""

from pathlib import Path

import pytest
import re2

from handoff.templating import template_folder

LEAST = 4.5
PAIRS = {
    "ink": ("paper", "surface", "sunken", "accent-soft", "mark"),
    "soft": ("paper", "surface", "sunken", "accent-soft", "mark"),
    "accent": ("paper", "surface", "accent-soft", "mark"),
    "on-accent": ("accent", "accent-over"),
    "good": ("good-soft", "surface"),
    "warn": ("warn-soft", "surface", "paper"),
    "bad": ("bad-soft", "surface"),
}
"""A colour of text to the grounds it stands on."""


def palettes() -> dict[str, dict[str, str]]:
    """Return the colours of the light and of the dark page."""
    css = Path(template_folder(), "static", "base.css").read_text(encoding="utf-8")
    light, _, rest = css.partition("@media (prefers-color-scheme: dark)")
    dark = rest.partition("*, *::before")[0]
    found = [dict(re2.findall(r"--([a-z-]+): (#[0-9a-f]{6})", part)) for part in (light, dark)]
    return {"light": found[0], "dark": {**found[0], **found[1]}}


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(scheme: str) -> None:
    """At least 4.5 to 1, for each pair that occurs."""
    palette = palettes()[scheme]

    for text, grounds in PAIRS.items():
        for ground in grounds:
            dark, light = sorted((luminance(palette[text]), luminance(palette[ground])))
            assert (light + 0.05) / (dark + 0.05) >= LEAST, (text, ground)
