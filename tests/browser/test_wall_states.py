"""The wall in every state: known at a glance by its mass of colour, and nothing cut or crowded."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from kpi_core.domain.status import Status
from kpi_core.i18n.catalog import Language, Words
from kpi_core.reports.board import BoardReport
from kpi_core.web.wall.view import wall_view
from tests.browser.conftest import OpenPage
from tests.browser.wall_shown import PROBE
from tests.browser.wall_states import STATES, board_in
from tests.browser.wall_still import Still, page_of

SIZES = [(1280, 720), (1920, 1080), (3840, 2160), (1080, 1920)]
PANEL, BAND = 0.25, 0.04
"""Shares of a screen that carry the status's colour: where it must be seen, and always."""
NUMBER_VMIN, TRACK_SHARE = 36, 0.3
FILL = "() => getComputedStyle(document.querySelector('.face')).borderLeftColor"
TRACK = """() => {
  const month = document.querySelector(".month"), style = getComputedStyle(month);
  const height = month.clientHeight + parseFloat(style.marginTop) + parseFloat(style.marginBottom);
  return month.querySelector("svg") ? height / innerHeight : null;
}"""
SIZE = """() => parseFloat(getComputedStyle(document.querySelector(".value")).fontSize)
  / Math.min(innerWidth, innerHeight) * 100"""


@pytest.fixture(scope="module")
def boards(tmp_path_factory: pytest.TempPathFactory) -> dict[str, BoardReport]:
    folder: Path = tmp_path_factory.mktemp("states")
    return {name: board_in(name, folder) for name in STATES}


def hang(page: Page, board: BoardReport, lang: str) -> None:
    Still(page).open(page_of(wall_view(board, Words(Language(lang))), lang=lang))


def share_of(page: Page, colour: str) -> float:
    """The share of a screenshot's pixels that have a colour, to a shade."""
    wanted = tuple(json.loads(f"[{colour[4:-1]}]"))
    with Image.open(io.BytesIO(page.screenshot())) as shot:
        shades = np.asarray(shot.convert("RGB").resize((480, 480)), dtype=int)
    return float((np.abs(shades - wanted).sum(axis=2) < 40).mean())


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_in_no_state_is_anything_cut_small_or_crowded(
    boards: dict[str, BoardReport], open_page: OpenPage, size: tuple[int, int], lang: str
) -> None:
    page = open_page(viewport={"width": size[0], "height": size[1]})
    for name, board in boards.items():
        hang(page, board, lang)
        assert page.evaluate(PROBE) == [], name
        track = page.evaluate(TRACK)
        assert track is None or track >= TRACK_SHARE - 0.001, name
        value = page.inner_text(".value")
        if len(value) <= 3 and value.isdigit():
            assert page.evaluate(SIZE) >= NUMBER_VMIN - 0.1, name


@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1920)], ids=str)
def test_the_state_is_known_by_a_mass_of_its_colour(
    boards: dict[str, BoardReport], open_page: OpenPage, size: tuple[int, int]
) -> None:
    page = open_page(viewport={"width": size[0], "height": size[1]})
    for name, board in boards.items():
        hang(page, board, "ja")
        is_filled = page.locator(".face.filled").count() == 1
        assert share_of(page, page.evaluate(FILL)) >= (PANEL if is_filled else BAND) - 0.002, name
        awaits = board.kpi.moment.awaits_month
        loud = board.kpi.status in (Status.CRISIS, Status.ACHIEVED) and not awaits
        assert is_filled == loud, name
