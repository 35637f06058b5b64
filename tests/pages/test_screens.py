"""Screens on walls: a link is made, shown once, listed and switched off."""

import re
from datetime import datetime

import pytest
from streamlit.testing.v1 import AppTest

from kpi_core.facts.store import Store
from kpi_core.i18n.catalog import Language, Words
from tests.pages.conftest import ODD, click, opened

NOW = datetime(2026, 11, 22, 12, 0)  # noqa: DTZ001 - the store's clocks have no zone


def make(page: AppTest, name: str, networks: str = "") -> None:
    """Open the dialog, fill it in and confirm."""
    click(page, "Show on a display")
    page.text_input[0].set_value(name)
    page.text_input[1].set_value(networks)
    click(page, "Create the link")


def code(page: AppTest) -> str:
    return "\n".join(each.value for each in page.code)


@pytest.mark.parametrize("locale", ["en-US", "ja-JP"])
def test_before_the_first_screen_the_settings_say_so(store: Store, locale: str) -> None:
    page = opened(locale, at="settings.py")
    told = Words(Language.of(locale))
    assert told("screen.none_yet") in [caption.value for caption in page.caption]


def test_a_link_of_the_board_shows_its_plan(demo: Store) -> None:
    page = opened("en-US")
    make(page, "3F entrance", "192.168.0.0/24, 10.0.0.0/8")
    found = re.search(r"/wall/saas\?key=([\w-]{32})&lang=en", code(page))
    assert found
    assert "chromium --kiosk" in code(page)
    assert f"[Desktop Entry]\nType=Application\nName={Words(Language.EN)('frame.title')}" in code(
        page
    )
    [display] = demo.records.displays()
    assert demo.records.find_display(found[1]) == display
    assert display.networks == ("192.168.0.0/24", "10.0.0.0/8")
    # A board that draws itself anew keeps it open; once closed, it is gone.
    page.run()
    assert found[1] in code(page)
    click(page, "Done")
    assert found[1] not in code(page)
    page.run()
    assert found[1] not in code(page)
    assert len(demo.records.displays()) == 1


@pytest.mark.parametrize(
    ("name", "networks", "said"), [("  ", "", "Give the display a name"), ("hall", "office", "/24")]
)
def test_what_cannot_be_made_says_why(demo: Store, name: str, networks: str, said: str) -> None:
    page = opened("en-US")
    make(page, name, networks)
    assert said in page.error[0].value
    assert demo.records.displays() == ()


def test_a_screen_is_switched_off_after_a_question(store: Store) -> None:
    display, key = store.records.add_display(ODD, networks=["10.0.0.0/8"], who="t", now=NOW)
    store.records.display_seen(display, "10.1.2.3", now=NOW)
    page = opened("en-US", at="settings.py")
    assert ODD in [text.value for text in page.text]
    captions = " / ".join(caption.value for caption in page.caption)
    assert "Only from 10.0.0.0/8" in captions
    assert "from 10.1.2.3" in captions
    click(page, "Switch off")
    click(page, "Switch off", "Switch off this display")
    found = store.records.find_display(key)
    assert found is not None
    assert not found.is_current
    page = opened("en-US", at="settings.py")
    assert [expander.label for expander in page.expander] == ["1 switched off"]
    assert "Switch off" not in [button.label for button in page.button]
