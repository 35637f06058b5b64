"""Colours against their ground, by the formula of WCAG 2.2 (relative luminance, contrast ratio)."""

import pytest

from kpi_core.charts.palette import PALETTES, WALLS, Palette
from kpi_core.domain.status import Status

JUDGED = (
    Status.ACHIEVED,
    Status.ON_PLAN,
    Status.ATTENTION,
    Status.WARNING,
    Status.CRISIS,
)
AA = 4.5
"""What text of any size needs (WCAG 1.4.3)."""
ALL = [PALETTES["light"], PALETTES["dark"], *WALLS.values()]
NAMES = ["light", "dark", *(f"wall-{theme}" for theme in WALLS)]


def luminance(colour: str) -> float:
    """0 for black, 1 for white."""
    red, green, blue = (linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_formula_gives_the_ratios_that_the_standard_names() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)  # the known near miss
    assert contrast("#ff0000", "#ffffff") == pytest.approx(4.0, abs=0.01)


@pytest.mark.parametrize("palette", ALL, ids=NAMES)
def test_text_reads_on_the_ground(palette: Palette) -> None:
    assert contrast(palette.ink, palette.ground) >= 7
    assert contrast(palette.quiet, palette.ground) >= AA


@pytest.mark.parametrize("palette", ALL, ids=NAMES)
@pytest.mark.parametrize("status", Status)
def test_a_tone_reads_on_its_ground(palette: Palette, status: Status) -> None:
    assert contrast(palette.tone(status), palette.ground) >= AA


@pytest.mark.parametrize("palette", ALL, ids=NAMES)
@pytest.mark.parametrize("status", Status)
def test_a_badges_text_reads_on_its_fill(palette: Palette, status: Status) -> None:
    fill, text = palette.badge(status)
    assert contrast(text, fill) >= AA


@pytest.mark.parametrize("palette", ALL, ids=NAMES)
def test_what_is_judged_has_a_colour_and_nothing_else_has(palette: Palette) -> None:
    assert set(palette.tones) == set(palette.badges) == set(JUDGED)
    for status in set(Status) - set(JUDGED):
        assert palette.tone(status) == palette.quiet
        assert palette.badge(status) == (palette.quiet, palette.ground)


@pytest.mark.parametrize("palette", ALL, ids=NAMES)
def test_no_two_states_share_a_tone(palette: Palette) -> None:
    assert len(set(palette.tones.values())) == len(JUDGED)


@pytest.mark.parametrize("palette", WALLS.values(), ids=NAMES[2:])
def test_nothing_on_a_wall_is_pure_white(palette: Palette) -> None:
    badges = [colour for badge in palette.badges.values() for colour in badge]
    used = [palette.ground, palette.ink, palette.quiet, *palette.tones.values(), *badges]
    assert "#ffffff" not in used


@pytest.mark.parametrize("palette", WALLS.values(), ids=NAMES[2:])
def test_a_record_reads_on_gold(palette: Palette) -> None:
    """Its ground is the badge of a target reached."""
    fill, text = palette.badge(Status.ACHIEVED)
    assert contrast(text, fill) >= 7
