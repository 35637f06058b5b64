"""The wall on a television of 2021, whose browser is Chromium 76."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kpi_core.facts.store import Store
from tests.browser.conftest import OpenPage
from tests.browser.wall_shown import PROBE
from tests.browser.wall_still import Still, demo_store, face_of, page_of

NEWER = (
    r"(?<![\w-])(max|min|clamp)(?=\()",  # 79
    "(?<=: )anywhere",  # 80
    "(?<=: )auto-phrase",  # 119
    "text-wrap(?=:)",  # 114
    r"(?<![\w-])(row-|column-)?gap(?=:)",  # between flex items: 84
    "(?<![a-z-])inset(?=:)",  # 87
)
"""What that browser does not know."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with demo_store(tmp_path_factory.mktemp("tv")) as store:
        yield store


def as_the_television_reads(html: str) -> str:
    """The document with every part of its style renamed that the television has never heard of."""
    begin, style, end = re.split("<style>|</style>", html)
    for name in NEWER:
        style = re.sub(name, "unheard-of", style)
    return f"{begin}<style>{style}</style>{end}"


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1920)], ids=str)
def test_an_old_television_shows_texts_as_large(
    store: Store, open_page: OpenPage, size: tuple[int, int], lang: str
) -> None:
    page = open_page(viewport={"width": size[0], "height": size[1]})
    html, _ = page_of(face_of(store, "saas", lang), lang=lang)
    read = as_the_television_reads(html)
    assert "unheard-of" in read  # anywhere and auto-phrase are in the sheet
    Still(page).open((read, None))
    assert page.evaluate(PROBE) == []


def test_a_long_word_is_broken_where_only_older_ways_are_known(
    tmp_path: Path, store: Store, open_page: OpenPage
) -> None:
    page = open_page(viewport={"width": 1080, "height": 1920})
    shown = face_of(store, "saas", "en")
    html, _ = page_of(shown)
    html = html.replace("<h1>MQLs", f"<h1>{'MQL' * 40}")
    Still(page).open((as_the_television_reads(html), None))
    assert page.evaluate(PROBE) == []
