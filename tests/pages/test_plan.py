"""The Plan page: read by all, changed by those who may."""

import pytest

from kpi_core.facts.store import Store
from kpi_core.i18n.catalog import Language, Words
from tests.pages.conftest import html, opened

words = Words(Language.EN)


@pytest.mark.parametrize("locale", ["en-US", "ja-JP"])
def test_it_reads_from_the_goal_to_the_definition(demo: Store, locale: str) -> None:
    page = opened(locale, at="plan.py")
    told = Words(Language.of(locale))
    titles = [each.value for each in page.subheader]
    names = ("goal", "number", "targets", "days", "rules", "others", "definition")
    assert titles == [told(f"plan_page.section_{name}") for name in names]
    assert len([each for each in page.button if each.label == told("plan_page.edit")]) == 7
    shown = html(page)
    assert told("status.crisis") or shown
