"""The Plan pages' own HTML."""

from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from kpi_core.charts.palette import MIDDLE
from kpi_core.charts.sparkline import HEIGHT, WIDTH, sparkline
from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from kpi_core.reports.countable import Countable
from kpi_core.web.templates import Templates

TEMPLATES = Templates(Path(__file__).with_name("templates"))
MONTHS_SHOWN = 6


@cache
def style() -> str:
    """The style sheet, sent along with the first piece of HTML."""
    return Path(__file__).with_name("plan.css").read_text(encoding="utf-8")


def countable(found: Countable, words: Words, *, is_chosen: bool = False) -> str:
    """A number of the store: its name, and its newest closed months as a line and in figures."""
    formats = Formats(words.language)
    newest = found.newest(MONTHS_SHOWN)
    months = words("plan_edit.list_comma").join(formats.short(each.value) for each in newest)
    return TEMPLATES.render(
        "countable.html",
        style=style(),
        name=words.localize(found.name),
        line=_line([each.value for each in newest]),
        width=int(WIDTH),
        height=int(HEIGHT),
        months=months,
        is_chosen=is_chosen,
    )


def _line(values: Sequence[float | None]) -> str:
    """The small line as a picture's address: HTML of a page may hold no SVG itself."""
    points = sparkline(values)
    if not points:
        return ""
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {HEIGHT:g}">'
        f'<polyline points="{points}" fill="none" stroke="{MIDDLE}" '
        'stroke-width="2" stroke-linejoin="round" stroke-linecap="round"/></svg>'
    )
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


def sums(parts: Sequence[tuple[str, str]]) -> str:
    """Sums beside each other, each with its name."""
    return TEMPLATES.render("sums.html", style=style(), parts=parts)


def changes(rows: Sequence[tuple[str, str, str]], heads: tuple[str, str, str]) -> str:
    """What is and what would be, side by side."""
    return TEMPLATES.render("changes.html", style=style(), rows=rows, heads=heads)
