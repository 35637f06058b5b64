"""A small page of our own: one card with a heading, without a script or anything from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path

from starlette.responses import HTMLResponse

from kpi_core.charts.palette import PALETTES
from kpi_core.domain.status import Status
from kpi_core.i18n.catalog import Words
from kpi_core.web.templates import Templates

FOLDER = Path(__file__).parent
TEMPLATES = Templates(FOLDER / "templates")


def page(
    words: Words, title: str, template: str, status: int = 200, **values: object
) -> HTMLResponse:
    """The page with a heading, and below it what a template makes of the values."""
    html = TEMPLATES.render(template, words=words, title=title, style=style(), **values)
    return HTMLResponse(
        html,
        status,
        headers={
            "content-security-policy": policy(),
            "cache-control": "no-store",
            "referrer-policy": "same-origin",
        },
    )


@cache
def style() -> str:
    """The style sheet with the board's colours."""
    palette = PALETTES["both"]
    colours = {
        "ground": palette.ground,
        "ink": palette.ink,
        "quiet": palette.quiet,
        "line": palette.line,
        "link": palette.tone(Status.ON_PLAN),
        "on-link": "light-dark(#ffffff, #0b1620)",
        "wrong": palette.tone(Status.CRISIS),
        "field": "light-dark(#ffffff, #1a212b)",
    }
    variables = "".join(f"--{name}:{colour};" for name, colour in colours.items())
    sheet = FOLDER.joinpath("page.css").read_text(encoding="utf-8")
    return f":root{{{variables}}}\n{sheet}"


@cache
def policy() -> str:
    """Nothing but this style, and forms that are sent here."""
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src 'sha256-{digest}'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'self'",
        )
    )
