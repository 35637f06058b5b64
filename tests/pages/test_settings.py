"""The settings page: tokens are made, shown once, and revoked."""

import re
from datetime import datetime

import pytest
from streamlit.testing.v1 import AppTest

from kpi_core.facts.store import Store
from kpi_core.i18n.catalog import Language, Words
from kpi_core.records.errors import StoreError
from kpi_core.records.records import Records
from kpi_core.records.tokens import TokenScope
from pages import _runtime
from tests.pages.conftest import ODD, click, opened

NOW = datetime(2026, 11, 22, 12, 0)  # noqa: DTZ001 - the store's clocks have no zone

words = Words(Language.EN)


def page_of_settings(locale: str = "en-US") -> AppTest:
    return opened(locale, at="settings.py")


def make(page: AppTest, name: str) -> None:
    """Open the dialog, then give a name and confirm."""
    click(page, "Create a token")
    page.text_input[0].set_value(name)
    click(page, "Create a token", "Create")


def texts(page: AppTest) -> list[str]:
    return [text.value for text in page.text]


def captions(page: AppTest) -> str:
    return " / ".join(caption.value for caption in page.caption)


@pytest.mark.parametrize("locale", ["en-US", "ja-JP"])
def test_before_the_first_token_the_page_says_so(store: Store, locale: str) -> None:
    page = page_of_settings(locale)
    told = Words(Language.of(locale))
    assert page.title[0].value == told("settings_page.title")
    assert page.caption[0].value == told("settings_page.none_yet")
    made = [told("settings_page.make"), told("screen.button")]
    assert [button.label for button in page.button] == made


def test_a_token_is_shown_once_with_a_line_to_try_it(store: Store) -> None:
    page = page_of_settings()
    make(page, "CRM")
    text, command = (code.value for code in page.code)
    assert re.fullmatch(r"kpi_[\w-]{40,}", text)
    assert f'"Authorization: Bearer {text}"' in command
    assert "-F file=@leads.csv" in command
    assert command.endswith("/api/imports")
    assert store.records.find_token(text, TokenScope.IMPORTS, NOW) is not None
    # Neither the session nor a later run holds it.
    assert text not in str(page.session_state)
    page.run()
    assert [code.value for code in page.code] == []
    assert texts(page) == ["CRM"]


def test_a_token_for_plans_is_tried_on_the_plans(store: Store) -> None:
    page = page_of_settings()
    click(page, "Create a token")
    scope = next(each for each in page.radio if each.label == words("settings_page.scope"))
    scope.set_value("plans")
    page.text_input[0].set_value("ops")
    click(page, "Create a token", "Create")
    text, command = (code.value for code in page.code)
    assert command.endswith("/api/plans")
    assert store.records.find_token(text, TokenScope.PLANS, NOW) is not None


def test_a_token_needs_a_name(store: Store) -> None:
    page = page_of_settings()
    make(page, "   ")
    assert page.error[0].value == words("settings_page.name_missing")
    assert store.records.tokens() == ()


def test_the_list_says_when_and_by_whom_and_whether_it_is_used(store: Store) -> None:
    store.records.add_token("CRM", TokenScope.IMPORTS, who="sato", now=NOW)
    _, text = store.records.add_token("Shop", TokenScope.IMPORTS, who=_runtime.BY_PAGE, now=NOW)
    store.records.find_token(text, TokenScope.IMPORTS, NOW)
    page = page_of_settings()
    assert texts(page) == ["Shop", "CRM"]
    said = captions(page)
    assert "by sato" in said
    assert "by screen" in said
    assert said.count("Not used yet") == 1
    assert said.count("Last used") == 1


def test_a_token_is_revoked_after_asking(store: Store) -> None:
    _, text = store.records.add_token("CRM", TokenScope.IMPORTS, who="sato", now=NOW)
    page = page_of_settings()
    click(page, "Revoke")
    assert len(page.get("dialog")) == 1
    click(page, "Revoke", "Keep it")
    assert store.records.find_token(text, TokenScope.IMPORTS, NOW) is not None
    click(page, "Revoke")
    click(page, "Revoke", "Revoke the token")
    assert store.records.find_token(text, TokenScope.IMPORTS, NOW) is None
    assert page.expander[0].label == "1 revoked"
    assert "Revoked " in captions(page)
    assert "Revoke" not in [button.label for button in page.button]


def test_a_name_is_shown_as_it_is(store: Store) -> None:
    page = page_of_settings()
    make(page, ODD)
    seen = re.sub(r"\\(.)", r"\1", page.warning[0].value).replace("\u2060", "")
    assert seen.count(ODD) == 1
    assert ODD not in page.warning[0].value
    page.run()
    assert texts(page) == [ODD]  # st.text reads no Markdown


def test_what_the_store_refuses_is_told(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise StoreError("disk_full", path="/data/kpi.duckdb")

    monkeypatch.setattr(Records, "add_token", refuse)
    page = page_of_settings()
    make(page, "CRM")
    assert "full" in page.error[0].value
    assert [code.value for code in page.code] == []
