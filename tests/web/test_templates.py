"""HTML from templates: escaped, complete, and without room for its line breaks."""

import re
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from kpi_core.web.templates import Templates


@pytest.fixture
def templates(tmp_path: Path) -> Templates:
    (tmp_path / "outer.html").write_text(
        '<p title="{{ text }}">\n  {{ inner | safe }}\n  {{ text }}\n</p>\n'
    )
    (tmp_path / "inner.html").write_text("<b>{{ text }}</b>\n")
    return Templates(tmp_path)


def test_values_are_escaped_and_line_breaks_take_no_room(templates: Templates) -> None:
    inner = templates.render("inner.html", text="<i>")
    html = templates.render("outer.html", inner=inner, text="\"'&")
    assert html == '<p title="&#34;&#39;&amp;"><b>&lt;i&gt;</b>&#34;&#39;&amp;</p>'


def test_a_missing_value_is_a_mistake(templates: Templates) -> None:
    with pytest.raises(UndefinedError, match="text"):
        templates.render("inner.html")


def test_only_our_own_files_and_finished_html_go_unescaped(root: Path) -> None:
    found = {
        name
        for folder in ("kpi_core", "pages")
        for template in (root / folder).rglob("*.html")
        for name in re.findall(r"(\w+) *\| *safe", template.read_text(encoding="utf-8"))
    }
    assert found == {"style", "sheet", "script", "view", "inner", "track"}
