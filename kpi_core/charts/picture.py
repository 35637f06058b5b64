"""The board as a picture for chat and mail: the page's track under the number and its status."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import altair as alt

from kpi_core.charts.palette import PALETTES, Palette, Theme
from kpi_core.charts.png import FONT, png
from kpi_core.charts.spec import spec_of
from kpi_core.charts.track import FONT_SIZE, NAME_GAP, layered, track_layers
from kpi_core.charts.track_geometry import track_geometry
from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from kpi_core.reports import narrative
from kpi_core.reports.board import BoardReport
from kpi_core.reports.kpi import KpiReport

SCALE = 1.5
"""Drawn so many times larger than on the page: 1200 by 630, which chat programs show whole."""
WIDTH, HEIGHT = 800, 420
MARGIN = 36
TOP, CHECKPOINTS, BOTTOM = 208, 44, 66
"""Above and below the track's lines, where texts, checkpoints' labels and days stand."""
INNER = WIDTH - 2 * MARGIN
NUMBER, NUMBER_WIDTH = 88.0, 440
AXIS_GAP = 10
BADGE_TOP, BADGE_HEIGHT = 152, 32

_SPACES = re.compile(r"[^\S \u3000]+")
"""What breaks a line, or has no picture in a font."""
_WIDTHS = dict.fromkeys(",.:ijl '", 0.28) | dict.fromkeys("%MW", 0.9)
_FULL_WIDTH = 0x2000
"""Signs from here on are as wide as the font is large."""

Align = Literal["left", "center", "right"]
Pair = tuple[str, str]


def picture(board: BoardReport, words: Words, theme: Theme) -> bytes:
    """The board as PNG, in the light or the dark theme. NoFont without a font for Japanese."""
    report, palette = board.kpi, PALETTES[theme]
    track = track_geometry(report, words)
    top = TOP + CHECKPOINTS * bool(track.checkpoints)
    height = HEIGHT - top - BOTTOM
    left = MARGIN + _widest([name for _, name in track.value_ticks]) + AXIS_GAP
    right = MARGIN + _widest([label.text for label in track.end_labels]) + NAME_GAP
    sheet = _Sheet(palette, left, top)
    layers = [
        *track_layers(track, palette, palette.tone(report.status), height=height),
        *_head(sheet, report, words),
        *_status(sheet, report, words),
        _foot(sheet, board, words),
    ]
    chart = layered(layers, palette, FONT).properties(
        width=WIDTH - left - right,
        height=height,
        padding={"left": left, "top": top, "right": right, "bottom": BOTTOM},
        autosize="none",
        background=palette.ground,
    )
    return png(spec_of(chart), scale=SCALE)


@dataclass(frozen=True)
class _Sheet:
    """Somewhere to write, in pixels of the picture; at `left` and `top` the track's lines begin."""

    palette: Palette
    left: float
    top: float

    def text(
        self, text: str, x: float, y: float, size: float, color: str, *,
        within: float, bold: bool = False, align: Align = "left",
    ) -> alt.Chart:  # fmt: skip
        """A line of text, cut where it is too wide. The font has no bold: an edge stands for it."""
        chart: alt.Chart = _mark().mark_text(
            text=_SPACES.sub(" ", text),
            x=x - self.left,
            y=y - self.top,
            align=align,
            baseline="alphabetic",
            fontSize=size,
            color=color,
            limit=within,
            stroke=color if bold else None,
            strokeWidth=size / 34 if bold else 0,
            strokeJoin="round",
        )
        return chart

    def pill(self, x: float, y: float, width: float, height: float, colors: Pair) -> alt.Chart:
        """A box with round ends; its fill and its edge."""
        fill, edge = colors
        left, top = x - self.left, y - self.top
        chart: alt.Chart = _mark().mark_rect(
            x=left, x2=left + width, y=top, y2=top + height,
            cornerRadius=height / 2, fill=fill, stroke=edge, opacity=1,
        )  # fmt: skip
        return chart


def _mark() -> alt.Chart:
    return alt.Chart(alt.InlineData(values=[{}]))


def _head(sheet: _Sheet, report: KpiReport, words: Words) -> list[alt.Chart]:
    """The name and the month; the number, as large as it fits, and its target."""
    ink, quiet = sheet.palette.ink, sheet.palette.quiet
    name, value = words.localize(report.name), narrative.figure(report.value, report, words)
    month = Formats(words.language).month(report.moment.month)
    size = min(NUMBER, NUMBER_WIDTH / _width(value))
    beside = MARGIN + _width(value) * size + 14
    of = narrative.of_target(report, words)
    return [
        sheet.text(name, MARGIN, 50, 24, ink, bold=True, within=INNER - 190),
        sheet.text(month, WIDTH - MARGIN, 50, 18, quiet, align="right", within=170),
        sheet.text(value, MARGIN, 136, size, ink, bold=True, within=INNER),
        sheet.text(of, beside, 136, 28, quiet, within=WIDTH - MARGIN - beside),
    ]


def _status(sheet: _Sheet, report: KpiReport, words: Words) -> list[alt.Chart]:
    """The status on its badge, and beside it how far the KPI is."""
    palette, status = sheet.palette, report.status
    fill, ink = palette.badge(status)
    word = f"{status.shape} {words(f'status.{status}')}"
    width = _width(word) * 18 + 28
    y, beside = BADGE_TOP + BADGE_HEIGHT / 2 + 6.5, MARGIN + width + 16
    parts = (narrative.share_of_target(report, words), narrative.from_plan_line(report, words))
    said, room = "\u3000".join(filter(None, parts)), WIDTH - MARGIN - beside
    return [
        sheet.pill(MARGIN, BADGE_TOP, width, BADGE_HEIGHT, (fill, palette.tone(status))),
        sheet.text(word, MARGIN + width / 2, y, 18, ink, align="center", bold=True, within=width),
        sheet.text(said, beside, y, 18, palette.ink, within=room),
    ]


def _foot(sheet: _Sheet, board: BoardReport, words: Words) -> alt.Chart:
    """As of when, and how far the data reach."""
    as_of, through = narrative.times(board.kpi, words)
    said = f"{words('board.as_of')} {as_of}\u3000{narrative.notice(board, words) or through}"
    return sheet.text(said, MARGIN, HEIGHT - 22, 14, sheet.palette.quiet, within=INNER)


def _width(text: str) -> float:
    """About how wide a text is, in sizes of its font."""
    return sum(1.0 if ord(sign) >= _FULL_WIDTH else _WIDTHS.get(sign, 0.57) for sign in text)


def _widest(texts: Sequence[str]) -> float:
    """About the widest of a chart's labels, in pixels."""
    return FONT_SIZE * max(map(_width, texts), default=0.0)
