"""The board as a picture: 1200 by 630, in both languages and themes, whatever the texts are."""

from io import BytesIO

import pytest
from PIL import Image

from kpi_core.charts import picture as drawing
from kpi_core.charts.palette import PALETTES
from kpi_core.charts.picture import NoFont, picture
from kpi_core.i18n.catalog import Language, Words
from kpi_core.reports.board import BoardReport, board_report
from tests.reports.conftest import Scene, in_tokyo, plan_text

LONG = "新規パイプライン創出金額（エンタープライズ・既存顧客のアップセルを除く）" * 3


@pytest.fixture
def board(scene: Scene) -> BoardReport:
    scene.plan(plan_text("targets.default = 5"))
    told = [(str(each), "marketing_qualified", "2026-11-19") for each in range(3)]
    scene.leads(told, through="2026-11-20 12:00")
    return board_report(scene.store, "p", now=in_tokyo("2026-11-20 14:00"))


def drawn(
    board: BoardReport, language: Language = Language.EN, *, light: bool = True
) -> Image.Image:
    image = Image.open(BytesIO(picture(board, Words(language), light=light)))
    image.load()
    return image


def rgb(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_has_the_themes_ground_and_ink(
    board: BoardReport, theme: str, language: Language
) -> None:
    image = drawn(board, language, light=theme == "light")
    palette = PALETTES["light" if theme == "light" else "dark"]
    assert (image.size, image.format) == ((1200, 630), "PNG")
    for corner in ((0, 0), (1199, 0), (0, 629), (1199, 629)):
        assert image.getpixel(corner) == rgb(palette.ground)
    colours = {colour for _, colour in image.getcolors(1 << 24) or ()}
    assert rgb(palette.ink) in colours
    assert rgb(palette.tone(board.kpi.status)) in colours


def test_the_longest_names_stay_within_the_margins(scene: Scene) -> None:
    scene.plan(plan_text("targets.default = 5").replace('"MQLs"', f'"{LONG}"'))
    board = board_report(scene.store, "p", now=in_tokyo("2026-11-20 14:00"))
    image = drawn(board, Language.JA)
    ground = rgb(PALETTES["light"].ground)
    edge = drawing.MARGIN - 4
    for x in (*range(edge), *range(1200 - edge, 1200)):
        assert all(image.getpixel((x, y)) == ground for y in range(630)), x


def test_a_board_without_data_or_target_can_be_drawn(scene: Scene) -> None:
    scene.plan(plan_text("targets.2026-10 = 5"))
    board = board_report(scene.store, "p", now=in_tokyo("2026-11-20 14:00"))
    assert drawn(board).size == (1200, 630)


@pytest.mark.parametrize("language", Language)
def test_without_a_font_it_says_so_in_both_languages(
    board: BoardReport, language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What Pillow brings has neither ★ nor ¥ nor é: it would draw boxes."""
    monkeypatch.setattr(drawing, "_file", lambda *, bold: None)
    with pytest.raises(NoFont):
        picture(board, Words(language))


def test_a_text_of_several_lines_is_written_on_one(scene: Scene) -> None:
    def named(name: str) -> bytes:
        scene.plan(plan_text("targets.default = 5").replace('"MQLs"', f'"{name}"'))
        board = board_report(scene.store, "p", now=in_tokyo("2026-11-20 14:00"))
        return picture(board, Words(Language.EN))

    assert named("Leads\\n\\tthat count\\r\\n") == named("Leads that count ")
