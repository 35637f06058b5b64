"""The wall's document: complete without a script, and nothing in it from elsewhere."""

import base64
import hashlib
import json
from collections.abc import Sequence
from functools import cache
from html import escape
from importlib.resources import files

from kpi_core.i18n.catalog import Words
from kpi_core.web.wall.face import WIDEST, Face
from kpi_core.web.wall.screen import Screen

LARGEST_VMIN = 26.0
ROOM_VMIN = 52.0
"""The number's size times its digits, on a screen of 16:9; upright, where it has the width."""
ROOM_UPRIGHT_VMIN = 130.0


@cache
def style() -> str:
    """The style sheet, with the number's size for every width it may have."""
    sizes = []
    for digits in range(1, WIDEST + 1):
        wide = min(LARGEST_VMIN, ROOM_VMIN * 2.6 / digits)
        upright = min(LARGEST_VMIN * 1.2, ROOM_UPRIGHT_VMIN / digits)
        sizes.append(f".n{digits} .value{{font-size:{wide:.1f}vmin}}")
        sizes.append(
            f"@media (max-aspect-ratio:1/1){{.n{digits} .value{{font-size:{upright:.1f}vmin}}}}"
        )
    return _text("wall.css") + "".join(sizes)


@cache
def script() -> str:
    """The script that keeps the wall true."""
    return _text("wall.js")


@cache
def build() -> str:
    """Which style and script a screen runs on: one that hears of another loads itself anew."""
    return hashlib.sha256((style() + script()).encode()).hexdigest()[:12]


def document(
    screen: Screen,
    faces: Sequence[Face],
    words: Words,
    *,
    live: str,
    least: float,
    asleep: bool,
) -> tuple[str, str]:
    """The page, and the Content-Security-Policy it is sent with.

    `live` is the path of the WebSocket; `least` the smallest text in vmin.
    """
    sheet = f":root{{--least:{least:.2f}vmin}}{style()}"
    shown = "".join(
        face.html if place == 0 else face.html.replace("<article", "<article hidden", 1)
        for place, face in enumerate(faces)
    )
    said = json.dumps(
        {
            "checked": words("wall.checked", time="{time}"),
            "lost": words("wall.lost", time="{time}"),
        },
        ensure_ascii=False,
    ).replace("<", "\\u003c")
    classes = " ".join(["light"] * screen.light + ["asleep"] * asleep)
    every = screen.every if len(faces) > 1 else 0
    title = faces[0].title if faces else words("frame.title")
    page = (
        f'<!doctype html><html lang="{screen.language.value}" class="{classes}"'
        f' data-build="{build()}" data-live="{escape(live, quote=True)}" data-every="{every}"'
        f"{' data-sound' if screen.sound else ''}>"
        '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        '<meta name="referrer" content="no-referrer"><link rel="icon" href="data:,">'
        f"<title>{escape(title)}</title><style>{sheet}</style></head>"
        f'<body><main aria-live="polite">{shown}</main><p id="said"></p>'
        f'<script type="application/json" id="words">{said}</script>'
        f"<script>{script()}</script></body></html>"
    )
    return page, policy(sheet)


def notice(words: Words, sentence: str, *, light: bool = False) -> tuple[str, str]:
    """A page with one sentence and nothing else, and its Content-Security-Policy."""
    page = (
        f'<!doctype html><html lang="{words.language.value}"{" class=light" * light}>'
        '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(words('frame.title'))}</title><style>{style()}</style></head>"
        f'<body><p class="off">{escape(sentence)}</p></body></html>'
    )
    return page, policy(style())


def policy(sheet: str) -> str:
    """Nothing but this style, this script, and this server."""
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src '{_hash(sheet)}'",
            f"script-src '{_hash(script())}'",
            "connect-src 'self'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'self'",
        )
    )


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _text(name: str) -> str:
    return files("kpi_core.web.wall").joinpath(name).read_text(encoding="utf-8")
