"""The theme and the style sheet: readable in both modes, nothing from elsewhere."""

import re
from pathlib import Path

import pytest

import assets
from app.ui.shell import SHEETS, head, launch_options

FOLDER = Path(assets.__file__).parent
BASE = (FOLDER / "base.css").read_text(encoding="utf-8")
NORMAL_TEXT = 4.5
"""WCAG 2.2, level AA."""
PAIRS = [
    ("ink", "page"), ("ink", "surface"), ("ink", "raised"), ("ink", "wash"),
    ("soft", "page"), ("soft", "surface"), ("soft", "raised"), ("soft", "wash"),
    ("accent", "page"), ("accent", "surface"), ("accent", "wash"), ("on", "accent"),
    ("amber", "page"), ("amber", "surface"), ("amber", "amberwash"),
    ("danger", "page"), ("danger", "surface"), ("on", "danger"),
]  # fmt: skip


def tokens(mode: str) -> dict[str, str]:
    light, dark = BASE.split("@media (prefers-color-scheme: dark)")[:2]
    found = dict(re.findall(r"--(\w+): (#[0-9a-f]{3,6})", light))
    return found | (dict(re.findall(r"--(\w+): (#[0-9a-f]{3,6})", dark)) if mode == "dark" else {})


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize(("ink", "paper"), PAIRS)
def test_text_can_be_read(mode: str, ink: str, paper: str) -> None:
    colours = tokens(mode)
    bright, dark = sorted((luminance(colours[ink]), luminance(colours[paper])), reverse=True)
    assert (bright + 0.05) / (dark + 0.05) >= NORMAL_TEXT


def test_the_style_sheet_fetches_nothing() -> None:
    sheets = "".join((FOLDER / name).read_text(encoding="utf-8") for name in SHEETS)
    assert not re.search(r"@import|@font-face|url\((?!\"data:)", sheets)
    assert not re.search(r"https?://(?!www\.w3\.org)", head())


def test_the_theme_names_no_font_to_fetch() -> None:
    theme = launch_options()["theme"]
    assert not theme._stylesheets
    assert "@font-face" not in theme._get_theme_css()


def test_moving_things_stand_still_where_that_is_wished() -> None:
    assert "@media (prefers-reduced-motion: reduce)" in BASE
