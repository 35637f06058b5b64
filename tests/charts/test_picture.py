"""The board as a picture: 1200 by 630, in both languages and themes, whatever the texts are."""

from io import BytesIO

import pytest
from PIL import Image

from kpi_core.charts import picture as drawing
from kpi_core.charts.palette import PALETTES, Theme
from kpi_core.charts.picture import picture
from kpi_core.charts.spec import Spec
from kpi_core.i18n.catalog import Language, Words
from kpi_core.reports.board import BoardReport, board_report
from tests.charts.conftest import COUNTS, drawn, layers, rows
from tests.reports.conftest import Scene, in_tokyo, mqls, plan_text

LONG = "新規パイプライン創出金額（エンタープライズ・既存顧客のアップセルを除く）" * 3
LOOKS: tuple[tuple[Language, Theme], ...] = ((Language.EN, "light"), (Language.JA, "dark"))


@pytest.fixture
def board(scene: Scene) -> BoardReport:
    """31 of 50 by Saturday the 21st."""
    scene.plan(plan_text())
    scene.leads(mqls(COUNTS), through="2026-11-22")
    return board_report(scene.store, "p", now=in_tokyo("2026-11-22 13:00"))


@pytest.fixture
def specs(monkeypatch: pytest.MonkeyPatch) -> list[Spec]:
    """The documents that pictures are drawn from, which then are not."""
    found: list[Spec] = []

    def keep(spec: Spec, *, scale: float) -> bytes:
        assert scale == 1.5
        found.append(spec)
        return b""

    monkeypatch.setattr(drawing, "png", keep)
    return found


def image_of(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(content))
    image.load()
    return image.convert("RGB")


def rgb(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))


def texts(spec: Spec) -> list[str]:
    return [layer["mark"]["text"] for layer in layers(spec, "text") if layer["mark"].get("limit")]


@pytest.mark.parametrize(("language", "theme"), LOOKS)
def test_it_has_the_themes_ground_and_ink(
    board: BoardReport, language: Language, theme: Theme
) -> None:
    image, palette = image_of(picture(board, Words(language), theme)), PALETTES[theme]
    assert image.size == (1200, 630)
    for corner in ((0, 0), (1199, 0), (0, 629), (1199, 629)):
        assert image.getpixel(corner) == rgb(palette.ground)
    colours = {colour for _, colour in image.getcolors(1 << 24) or ()}
    assert rgb(palette.ink) in colours
    assert rgb(palette.tone(board.kpi.status)) in colours


def test_its_track_is_the_pages(board: BoardReport, specs: list[Spec]) -> None:
    picture(board, Words(Language.EN), "light")
    page, (spec,) = drawn(board.kpi), specs
    for mark in ("line", "area", "point"):
        shown = [rows(layer) for layer in layers(spec, mark)]
        assert shown == [rows(layer) for layer in layers(page, mark)]


def test_it_says_the_number_the_target_the_status_and_how_far_it_is(
    board: BoardReport, specs: list[Spec]
) -> None:
    picture(board, Words(Language.EN), "light")
    picture(board, Words(Language.JA), "dark")
    assert [texts(spec) for spec in specs] == [
        [
            "MQLs", "November 2026", "31", "/ 50",
            "▲ Attention", "62% of target\u30006 short of the plan line.",
            "As of end of Sat, Nov 21\u3000Data through end of Sat, Nov 21",
        ],
        [
            "MQLs", "2026年11月", "31", "/ 50",
            "▲ 注意", "達成率 62%\u3000計画線まであと6です。",
            "基準日 11月21日(土)終了時点\u3000データ：11月21日(土)終了時点まで",
        ],
    ]  # fmt: skip


def test_the_longest_names_and_numbers_stay_within_the_margins(scene: Scene) -> None:
    amount = 'kind = "sum"\nof = "amount"'
    text = plan_text("targets.default = 987654321098").replace('kind = "count"', amount)
    scene.plan(text.replace('"MQLs"', f'"{LONG}"'))
    scene.leads(mqls(COUNTS), through="2026-11-22", amount=19876543210.0)
    board = board_report(scene.store, "p", now=in_tokyo("2026-11-22 13:00"))
    image = image_of(picture(board, Words(Language.JA), "light"))
    margin = round(drawing.MARGIN * drawing.SCALE) - 6
    ground = Image.new("RGB", (margin, 630), PALETTES["light"].ground)
    for left in (0, 1200 - margin):
        assert image.crop((left, 0, left + margin, 630)).tobytes() == ground.tobytes()


def test_a_board_without_data_or_target_can_be_drawn(scene: Scene) -> None:
    scene.plan(plan_text("targets.2026-10 = 5"))
    board = board_report(scene.store, "p", now=in_tokyo("2026-11-20 14:00"))
    assert image_of(picture(board, Words(Language.EN), "light")).size == (1200, 630)


def test_a_text_of_several_lines_is_written_on_one(scene: Scene, specs: list[Spec]) -> None:
    scene.plan(plan_text().replace('"MQLs"', '"Leads\\n\\tthat count\\r\\n"'))
    board = board_report(scene.store, "p", now=in_tokyo("2026-11-20 14:00"))
    picture(board, Words(Language.EN), "light")
    assert texts(specs[0])[0] == "Leads that count"
