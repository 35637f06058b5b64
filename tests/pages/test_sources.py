"""A source that is behind: the board names it, and the page of imports takes the word on it."""

from datetime import UTC, datetime, timedelta

import pytest

from kpi_core.facts.store import Store
from kpi_core.plans.revisions import load_plan
from tests.batches import NOW, batch
from tests.batches import Event as Fact
from tests.pages.conftest import click, html, opened
from tests.pages.imports_page import page_of_imports, words
from tests.reports.conftest import plan_text

pytestmark = pytest.mark.usefixtures("patient")

TOLD = " crm, known to "


@pytest.fixture
def behind(store: Store) -> Store:
    """Two sources that came every week; one of them has not for four weeks."""
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    load_plan(store, plan_text(), who="t", why="", effective_from=None, now=now)
    for source, weeks in (("crm", (6, 5, 4)), ("web", (6, 5, 4, 3, 2, 1, 0))):
        for ago in weeks:
            moment = now - timedelta(weeks=ago)
            fact = Fact(f"{source}{ago}", "marketing_qualified", moment)
            said = batch(fact, source=source, data_through=moment)
            store.commit(said, who="t", now=moment)
    return store


def test_the_board_names_the_source_that_is_behind(behind: Store) -> None:
    (told,) = opened("en-US").info
    assert TOLD in told.value


def test_the_source_that_holds_the_number_back_stands_beside_how_far_data_reach(
    behind: Store,
) -> None:
    assert "(source: crm)" in html(opened("en-US"))
    behind.records.end_source("web", who="t", now=NOW)
    behind.catch_up()
    assert "source:" not in html(opened("en-US"))


def test_that_a_source_has_ended_is_said_on_the_page_of_imports(behind: Store) -> None:
    page = page_of_imports()
    click(page, words("imports.end_source"))
    assert behind.records.ended_sources() == {"crm"}
    assert [each for each in opened("en-US").info if TOLD in each.value] == []
    click(page, words("imports.resume_source"))
    assert behind.records.ended_sources() == frozenset()
