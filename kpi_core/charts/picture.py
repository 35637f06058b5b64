"""The board as a picture, for chat and mail: what the wall says, in 1200 by 630."""

import io
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from kpi_core.charts.palette import PALETTES, Palette
from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from kpi_core.reports import narrative
from kpi_core.reports.board import BoardReport
from kpi_core.reports.kpi import KpiReport

WIDTH, HEIGHT = 1200, 630
"""What chat programs show whole."""
FINE = 2
"""Drawn so many times larger, then reduced: edges come out smooth."""
MARGIN = 56
TRACK = (MARGIN, 404, WIDTH - MARGIN, 548)
HEADROOM = 1.06
SMALLEST = 14
CUT = "…"
_SPACES = re.compile(r"[^\S \u3000]+")
"""What breaks a line, or has no picture in a font."""

_REGULAR = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/opentype/ipafont-gothic/ipag.ttf",
    "/usr/share/fonts/opentype/ipaexfont-gothic/ipaexg.ttf",
    "/System/Library/Fonts/ヒラギノ角ゴシック W3.ttc",
    "C:/Windows/Fonts/YuGothM.ttc",
    "C:/Windows/Fonts/meiryo.ttc",
)
_BOLD = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Bold.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Bold.ttc",
    "/System/Library/Fonts/ヒラギノ角ゴシック W6.ttc",
    "C:/Windows/Fonts/YuGothB.ttc",
    "C:/Windows/Fonts/meiryob.ttc",
    *_REGULAR,
)

Point = tuple[float, float]


class NoFont(Exception):
    """The server has no font with every sign that the picture needs, in either language."""


def picture(board: BoardReport, words: Words, *, light: bool = True) -> bytes:
    """The board as PNG. NoFont where nothing can be written on this machine."""
    report = board.kpi
    palette = PALETTES["light" if light else "dark"]
    image = Image.new("RGB", (WIDTH * FINE, HEIGHT * FINE), palette.ground)
    sheet = _Sheet(ImageDraw.Draw(image), palette)
    _head(sheet, report, words)
    _number(sheet, report, words)
    _track(sheet, report)
    as_of, through = narrative.times(report, words)
    said = f"{words('board.as_of')} {as_of}   {narrative.notice(board, words) or through}"
    sheet.write((MARGIN, 572), said, 22, palette.quiet, within=WIDTH - 2 * MARGIN)
    packed = io.BytesIO()
    image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).save(packed, "PNG", optimize=True)
    return packed.getvalue()


class _Sheet:
    """Somewhere to draw, in pixels of the finished picture."""

    def __init__(self, draw: ImageDraw.ImageDraw, palette: Palette) -> None:
        self._draw = draw
        self.palette = palette

    def write(
        self, at: Point, text: str, size: int, color: str, *,
        bold: bool = False, within: float = WIDTH, anchor: str = "la",
    ) -> float:  # fmt: skip
        """A line of text: smaller where it would be too wide, then cut. Returns its width."""
        text = _SPACES.sub(" ", text)
        least = max(SMALLEST, size // 2)
        font = _font(size, bold=bold)
        while size > least and self._width(text, font) > within:
            size -= 1
            font = _font(size, bold=bold)
        while len(text) > 1 and self._width(text, font) > within:
            text = f"{text.removesuffix(CUT)[:-1]}{CUT}"
        x, y = at
        self._draw.text((x * FINE, y * FINE), text, fill=color, font=font, anchor=anchor)
        return self._width(text, font)

    def _width(self, text: str, font: ImageFont.FreeTypeFont) -> float:
        return float(self._draw.textlength(text, font=font)) / FINE

    def line(self, points: Sequence[Point], color: str, width: float) -> None:
        """A line through points."""
        placed = [(x * FINE, y * FINE) for x, y in points]
        self._draw.line(placed, fill=color, width=round(width * FINE), joint="curve")

    def pill(self, box: tuple[float, float, float, float], fill: str, edge: str) -> None:
        """A box with round ends; unfilled for `transparent`."""
        left, top, right, bottom = (side * FINE for side in box)
        self._draw.rounded_rectangle(
            (left, top, right, bottom),
            radius=(bottom - top) / 2,
            fill=None if fill == "transparent" else fill,
            outline=edge,
            width=FINE,
        )

    def dot(self, at: Point, radius: float, fill: str, edge: str) -> None:
        """A point with an edge."""
        x, y = at
        box = [value * FINE for value in (x - radius, y - radius, x + radius, y + radius)]
        self._draw.ellipse(box, fill=fill, outline=edge, width=3 * FINE)


def _head(sheet: _Sheet, report: KpiReport, words: Words) -> None:
    month = Formats(words.language).month(report.moment.month)
    used = sheet.write(
        (WIDTH - MARGIN, 48), month, 26, sheet.palette.quiet, anchor="ra", within=320
    )
    room = WIDTH - 2 * MARGIN - used - 32
    sheet.write(
        (MARGIN, 42), words.localize(report.name), 34, sheet.palette.ink, bold=True, within=room
    )


def _number(sheet: _Sheet, report: KpiReport, words: Words) -> None:
    palette = sheet.palette
    value = narrative.figure(report.value, report, words)
    used = sheet.write((MARGIN, 278), value, 190, palette.ink, bold=True, within=700, anchor="ls")
    of = narrative.of_target(report, words)
    left = WIDTH - MARGIN - (MARGIN + used + 20)
    sheet.write((MARGIN + used + 20, 278), of, 40, palette.quiet, within=left, anchor="ls")
    fill, text = palette.badge(report.status)
    word = f"{report.status.shape} {words(f'status.{report.status}')}"
    width = sheet.write((-2000, 0), word, 28, text, bold=True)
    box = (MARGIN, 312, MARGIN + width + 44, 362)
    sheet.pill(box, fill, palette.tone(report.status))
    sheet.write((MARGIN + 22, 337), word, 28, text, bold=True, anchor="lm")
    said = []
    said.append(narrative.share_of_target(report, words))
    said.append(narrative.from_plan_line(report, words))
    room = WIDTH - MARGIN - box[2] - 22
    beside = (box[2] + 22, 337)
    sheet.write(beside, "  ".join(filter(None, said)), 28, palette.ink, within=room, anchor="lm")


def _track(sheet: _Sheet, report: KpiReport) -> None:
    left, top, right, bottom = TRACK
    days = report.track
    values = [day.value for day in days if day.value is not None]
    plans = [day.plan for day in days if day.plan is not None]
    highest = max([*values, *plans, report.target or 0.0], default=0.0) * HEADROOM or 1.0

    def at(place: int, value: float) -> Point:
        """The end of the month's day number `place`."""
        x = left + (right - left) * (place + 1) / max(len(days), 1)
        return x, bottom - (bottom - top) * value / highest

    palette = sheet.palette
    sheet.line([(left, bottom), (right, bottom)], palette.line, 1.5)
    begin = [] if report.pace is None else [(left, bottom)]  # what adds up begins at nothing
    for column, width in (("plan", 2.0), ("floor", 1.2)):
        points = [
            at(place, value)
            for place, day in enumerate(days)
            if (value := getattr(day, column)) is not None
        ]
        if points:
            sheet.line([*begin, *points], palette.quiet, width)
    reached = [at(n, day.value) for n, day in enumerate(days) if day.value is not None]
    if reached:
        tone = palette.tone(report.status)
        sheet.line([*begin, *reached], tone, 5)
        sheet.dot(reached[-1], 9, tone, palette.ground)


def _font(size: int, *, bold: bool) -> ImageFont.FreeTypeFont:
    path = _file(bold=bold)
    if path is None:
        raise NoFont
    return _loaded(path, size * FINE)


@cache
def _file(*, bold: bool) -> str | None:
    return next((path for path in (_BOLD if bold else _REGULAR) if Path(path).exists()), None)


@cache
def _loaded(path: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size)
