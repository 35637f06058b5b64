"""The wall's document: complete without a script, and nothing in it from elsewhere."""

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from functools import cache

from kpi_core.charts.palette import WALLS, Palette
from kpi_core.domain.status import Status
from kpi_core.i18n.catalog import Language, Words
from kpi_core.plans.wall_screen import Wall
from kpi_core.web.wall import FOLDER, TEMPLATES
from kpi_core.web.wall.screen import Screen, least_vmin
from kpi_core.web.wall.view import WIDEST, WIDEST_NAME, View

LARGEST_VMIN = 36.0
ROOM_VMIN = 108.0
"""The number's size times its digits, on a screen of 16:9; upright, where it has the width."""
ROOM_UPRIGHT_VMIN = 130.0
LESS_VMIN = {"mid": 28.0, "less": 20.0, "least": 14.0}
"""The number's size at most where there is little room, and where there is less."""
TEXTS_VMIN = {
    "title": 4.4,
    "of": 7.0,
    "badge-size": 4.6,
    "fact": 3.6,
    "landing": 8.4,
    "sentence": 4.6,
    "rule": 3.7,
    "thanks": 4.4,
    "off": 8.0,
}
"""What is not the smallest text, by the name of its variable in the style sheet."""
DEFAULT_LEAST = least_vmin(Wall().distance_m, Wall().screen_inches)
RETRY_SECONDS = 120
"""How soon a notice reloads, where no script runs."""
_HOST = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:[0-9]{1,5})?")


@cache
def style() -> str:
    """The style sheet, with the colours, and the number's size for every width it may have."""
    return "".join((*_colours(), _text("wall.css"), *_digits(), *_names()))


def sizes(least: float) -> str:
    """The sizes of all texts, none below the least, in vmin.

    Worked out here: televisions of 2021 have no `max()`.
    """
    found = {"least": least} | {name: max(size, least) for name, size in TEXTS_VMIN.items()}
    return f":root{{{';'.join(f'--{name}:{size:.2f}vmin' for name, size in found.items())}}}"


@cache
def script() -> str:
    """The script that keeps the wall true."""
    return _text("wall.js")


@cache
def build() -> str:
    """The mark of style, script and words: a screen whose document has another one reloads."""
    screens = (Screen((), language, light=False, every=0, sound=False) for language in Language)
    empty = (
        _page(screen, (), Words(screen.language), "", live="", least=0, asleep=False)
        + _notice("", Words(screen.language), "", light=False)
        for screen in screens
    )
    return hashlib.sha256("".join(empty).encode()).hexdigest()[:12]


def document(
    screen: Screen,
    views: Sequence[View],
    words: Words,
    *,
    live: str,
    least: float,
    asleep: bool,
    host: str = "",
) -> tuple[str, str]:
    """The page, and the Content-Security-Policy it is sent with.

    `live` is the path of the WebSocket; `least` the smallest text in vmin; `host` the server's
    name and port as the screen asked for them.
    """
    page = _page(screen, views, words, build(), live=live, least=least, asleep=asleep)
    return page, policy(_sheet(least), host)


def notice(words: Words, sentence: str, *, light: bool = False) -> tuple[str, str]:
    """A page with one sentence and nothing else, and its Content-Security-Policy.

    It reloads by itself, for its cause may be gone by then.
    """
    return _notice(build(), words, sentence, light=light), policy(_sheet(DEFAULT_LEAST))


def policy(sheet: str, host: str = "") -> str:
    """Nothing but this style, this script, and this server.

    The host is named where it can be: to some browsers 'self' is no WebSocket.
    """
    lines = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src '{_hash(sheet)}'",
            f"script-src '{_hash(script())}'",
            f"connect-src 'self'{lines}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _page(
    screen: Screen,
    views: Sequence[View],
    words: Words,
    mark: str,
    *,
    live: str,
    least: float,
    asleep: bool,
) -> str:
    return TEMPLATES.render(
        "document.html",
        screen=screen,
        views=[
            view.html if place == 0 else view.html.replace("<article", "<article hidden", 1)
            for place, view in enumerate(views)
        ],
        classes=" ".join(["light"] * screen.light + ["asleep"] * asleep),
        build=mark,
        live=live,
        least=least,
        every=screen.every if len(views) > 1 else 0,
        title=views[0].title if views else words("frame.title"),
        spoken=views[0].spoken if views else "",
        sentences={
            "checked": words("wall.checked", time="{time}"),
            "lost": words("wall.lost", time="{time}"),
        },
        sheet=_sheet(least),
        script=script(),
    )


def _notice(mark: str, words: Words, sentence: str, *, light: bool) -> str:
    return TEMPLATES.render(
        "notice.html",
        words=words,
        sentence=sentence,
        light=light,
        build=mark,
        title=words("frame.title"),
        sheet=_sheet(DEFAULT_LEAST),
        script=script(),
        retry_seconds=RETRY_SECONDS,
    )


def _sheet(least: float) -> str:
    return sizes(least) + style()


def _colours() -> Iterator[str]:
    """A theme's own, and each status's: as variables. A light screen sleeps dark, too."""
    for theme, html, within in (("dark", "html", ""), ("light", "html.light", ".light ")):
        palette = WALLS[theme]
        yield f"\n{html} {{ {_room(palette)} }}"
        for status in Status:
            yield f"\n{within}.s-{status.value} {{ {_status(palette, status)} }}"
    yield "\n:root { --band: calc(4vw + 8px); }"
    yield f"\nhtml.light.asleep {{ {_room(WALLS['dark'])} }}\n"


def _room(palette: Palette) -> str:
    return (
        f"--ground: {palette.ground}; --ink: {palette.ink};"
        f" --quiet: {palette.quiet}; --line: {palette.line};"
    )


def _status(palette: Palette, status: Status) -> str:
    fill, text = palette.badge(status)
    return f"--tone: {palette.tone(status)}; --badge: {fill}; --on-badge: {text};"


def _names() -> Iterator[str]:
    """The room at the track's right end for the longest name of a line."""
    for width in range(1, WIDEST_NAME + 1):
        yield f".names{width}{{margin-right:calc(var(--least) * {width})}}"


def _digits() -> Iterator[str]:
    for digits in range(1, WIDEST + 1):
        wide = min(LARGEST_VMIN, ROOM_VMIN / digits)
        upright = min(LARGEST_VMIN, ROOM_UPRIGHT_VMIN / digits)
        yield f".n{digits} .value{{font-size:{wide:.1f}vmin}}"
        yield f"@media (max-aspect-ratio:1/1){{.n{digits} .value{{font-size:{upright:.1f}vmin}}}}"
        for name, size in LESS_VMIN.items():
            yield f".{name} .n{digits} .value{{font-size:{min(wide, size):.1f}vmin}}"


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _text(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")
