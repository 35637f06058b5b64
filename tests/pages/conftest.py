"""Pages over a store of their own."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from kpi_core.demo.load import load_demo
from kpi_core.demo.season import CALENDAR
from kpi_core.facts.store import Store, open_store
from pages import _live, _runtime
from pages._imports import chosen_file

ODD = "*a* [x](http://y) $5 and $6 :red[b] _c_ `d` ~~e~~ &lt;.csv"
"""A name that Markdown would read as much else."""
LONG = 60


@pytest.fixture(autouse=True)
def _no_cookies(monkeypatch: pytest.MonkeyPatch) -> None:
    """AppTest has no cookies of its own: a visitor whose browser sends none."""
    monkeypatch.setattr(type(st.context), "cookies", {})


@pytest.fixture
def data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_store: Path
) -> Iterator[Path]:
    """A store of one's own for the page's process."""
    path = tmp_path / "data"
    shutil.copytree(empty_store, path)
    monkeypatch.setenv("KPI_DATA", str(path))
    monkeypatch.setenv("KPI_DEMO", "0")
    monkeypatch.setenv("KPI_INBOX", "off")
    st.cache_resource.clear()
    yield path
    _runtime.close_app()
    _live.followers.cache_clear()
    st.cache_resource.clear()


@pytest.fixture
def store(data_folder: Path) -> Store:
    """The store behind the page."""
    return _runtime.store()


@pytest.fixture(scope="session")
def demo_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[date], Path]:
    """A store that holds the demo as of a day, to be copied."""

    @cache
    def made(day: date) -> Path:
        path = tmp_path_factory.mktemp("demo") / f"{day}"
        store = open_store(path)
        load_demo(store, now=datetime.now(UTC))
        store.close()
        return path

    return made


@pytest.fixture
def demo(data_folder: Path, demo_of: Callable[[date], Path]) -> Store:
    shutil.copytree(
        demo_of(CALENDAR.local(datetime.now(UTC)).date()), data_folder, dirs_exist_ok=True
    )
    return _runtime.store()


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing stays under way when a run of the imports page ends."""
    monkeypatch.setattr(chosen_file, "SOON", LONG)


def opened(locale: str, *, at: str | None = None, **query: str) -> AppTest:
    """A page as a visitor with this browser finds it; without a name, the first one."""
    page = AppTest.from_file(str(_runtime.SHELL), default_timeout=30)
    page.context = {"locale": locale}
    for name, value in query.items():
        page.query_params[name] = value
    if at is not None:
        page.switch_page(at)
    run(page)
    return page


def run(page: AppTest) -> None:
    """Run the page once."""
    page.run()
    assert not page.exception, page.exception


def click(page: AppTest, *labels: str) -> None:
    """Click the first button of each label, in one run.

    A click in a dialog reruns the dialog alone in a browser; AppTest always runs the whole page,
    so the button that opens the dialog is clicked along with the one in it.
    """
    for label in labels:
        next(button for button in page.button if button.label == label).click()
    run(page)


def html(page: AppTest) -> str:
    return "\n".join(element.proto.body for element in page.get("html"))
