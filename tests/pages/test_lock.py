"""What the office password keeps on the pages, also from a page that was drawn before."""

import ast
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import streamlit as st
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.testing.v1 import AppTest

from kpi_core.facts.store import Store
from kpi_core.i18n.catalog import Language, Words
from kpi_core.ingest.import_file import import_file
from kpi_core.mapping.document import Mapping
from kpi_core.mapping.parse import read_mapping
from kpi_core.records.tokens import TokenScope
from kpi_core.web.unlock import COOKIE, ticket
from pages import _lock, _runtime
from pages._imports import chosen_files
from tests.batches import NOW
from tests.pages.conftest import click, html, opened, run
from tests.pages.imports_page import MAPPING, TEMPLATE, labels, upload, uploads, words

pytestmark = pytest.mark.usefixtures("patient")

TEXT = "correct horse"
cookies: dict[str, str] = {}


@pytest.fixture(autouse=True)
def browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser whose cookies a test may set."""
    cookies.clear()
    monkeypatch.setattr(type(st.context), "cookies", cookies)


def lock(store: Store) -> None:
    """Set a password, also in the place of another: no browser is unlocked any more."""
    store.records.set_office_password(TEXT, who="t", now=NOW)


def unlock(store: Store, now: datetime | None = None) -> None:
    password = store.records.office_password()
    assert password is not None
    cookies[COOKIE] = ticket(password, now or datetime.now(UTC))


def imported(store: Store) -> None:
    mapping = read_mapping(MAPPING)
    assert isinstance(mapping, Mapping)
    import_file(store, TEMPLATE, "leads.csv", mapping, who="t", now=NOW)
    store.records.save_mapping("mine", MAPPING, "f", who="t", now=NOW)
    store.records.add_token("crm", TokenScope.READ, who="t", now=NOW)
    store.records.add_display("hall", who="t", now=NOW)


def is_locked(page: AppTest) -> bool:
    return "/unlock?next=" in html(page)


@pytest.mark.parametrize("locale", ["en-US", "ja-JP"])
@pytest.mark.parametrize("name", ["imports", "settings"])
def test_a_locked_page_shows_nothing_but_the_way_in(store: Store, name: str, locale: str) -> None:
    imported(store)
    lock(store)
    page = opened(locale, at=f"{name}.py")
    told = Words(Language.of(locale))
    assert told("unlock.link") in html(page)
    assert f'href="/unlock?next=/{name}&amp;lang={told.language}"' in html(page)
    assert page.button == []
    assert page.get("file_uploader") == []
    assert page.text == []
    assert "leads.csv" not in html(page)


@pytest.mark.parametrize("name", ["imports", "settings"])
def test_an_unlocked_browser_sees_it_all_for_twelve_hours(store: Store, name: str) -> None:
    imported(store)
    lock(store)
    unlock(store)
    assert opened("en-US", at=f"{name}.py").button
    unlock(store, datetime.now(UTC) - timedelta(hours=12))
    assert is_locked(opened("en-US", at=f"{name}.py"))


def test_the_board_stays_open_to_read(demo: Store) -> None:
    lock(demo)
    page = opened("en-US")
    assert "kb-value" in html(page)
    assert not is_locked(page)
    click(page, words("screen.button"))
    assert is_locked(page)
    assert page.text_input == []


def test_an_empty_board_offers_nothing_that_is_kept(store: Store) -> None:
    lock(store)
    page = opened("en-US")
    assert is_locked(page)
    assert page.button == []


def ledger(store: Store) -> object:
    """All that the ledger has, that can change by what is clicked."""
    records = store.records
    return (
        [(each.import_id, each.undone_at, each.data_through) for each in store.imports()],
        records.saved_mappings(),
        records.tokens(),
        records.displays(),
        records.plan_ids(),
        records.office_password(),
    )


@pytest.mark.parametrize(
    ("at", "clicks"),
    [
        ("imports.py", ["imports.undo", "imports.undo_confirm"]),
        ("imports.py", ["imports.delete", "imports.delete_confirm"]),
        ("imports.py", ["imports.through_set"]),
        ("settings.py", ["settings_page.revoke", "settings_page.revoke_confirm"]),
        ("settings.py", ["screen.switch_off", "screen.off_confirm"]),
    ],
)
def test_a_page_drawn_before_changes_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch, at: str, clicks: list[str]
) -> None:
    """Its dialogs and fragments run by themselves: the page's own check is not asked again."""
    imported(store)
    page = opened("en-US", at=at)
    if at == "imports.py":
        page.session_state["imports_open"] = {1}
        page.session_state["imports_saved"] = True
        run(page)
    if len(clicks) > 1:
        click(page, words(clicks[0]))
    lock(store)
    before = ledger(store)
    # As in a fragment: nothing but what is clicked asks.
    monkeypatch.setattr(_lock, "shows_notice", lambda *_: False)
    if clicks == ["imports.through_set"]:
        page.date_input[0].set_value(date(2026, 4, 1))
    for label in clicks:
        next(each for each in page.button if each.label == words(label)).click()
    page.run()
    assert ledger(store) == before
    assert page.exception  # Locked; the server says so in words (see below)


def test_a_file_that_was_read_before_is_not_imported(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened("en-US", at="imports.py")
    upload(page, TEMPLATE)
    assert words("imports.confirm") in labels(page)
    (file,) = uploads(page)
    lock(store)
    with pytest.raises(_lock.Locked):
        file.start_import()
    run(page)
    assert is_locked(page)
    assert store.imports() == ()
    unlock(store)
    file.start_import()
    file.settle()
    assert len(store.imports()) == 1


def test_what_is_downloaded_is_made_for_who_is_unlocked_alone(store: Store) -> None:
    make = _lock.kept(lambda: b"rows")
    assert make() == b"rows"
    lock(store)
    with pytest.raises(_lock.Locked):
        make()
    unlock(store)
    assert make() == b"rows"


def test_a_file_of_the_inbox_is_not_opened(store: Store) -> None:
    lock(store)
    with pytest.raises(_lock.Locked):
        chosen_files.add_waiting(None)  # type: ignore[arg-type]  # it is locked before it looks


def test_who_is_locked_out_is_told_the_way_in(store: Store) -> None:
    def script() -> None:
        from pages import _lock, _problems

        _problems.say_what_went_wrong(_lock.Locked())

    page = AppTest.from_function(script, default_timeout=60)
    page.run()
    assert words("unlock.locked_action") in html(page)


@pytest.fixture
def visitor(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Whether the visitor sits at the machine, and what the server listens on."""

    def is_at(*, machine: bool, address: str | None) -> None:
        options = st.get_option
        monkeypatch.setattr(_lock, "is_local", lambda: machine)
        monkeypatch.setattr(
            st, "get_option", lambda name: address if name == "server.address" else options(name)
        )

    return is_at


def captions(page: object) -> list[str]:
    return [each.value for each in (*page.caption, *page.warning)]  # type: ignore[attr-defined]  # an AppTest


@pytest.mark.parametrize("address", [None, "0.0.0.0", "::", "192.0.2.7"])
def test_settings_say_that_all_is_open_to_the_network(
    store: Store, visitor: Callable[..., None], address: str | None
) -> None:
    visitor(machine=True, address=address)
    page = opened("en-US", at="settings.py")
    assert words("password.open_to_all") in captions(page)
    assert words("password.set") in labels(page)
    visitor(machine=True, address="127.0.0.1")
    page = opened("en-US", at="settings.py")
    assert words("password.this_machine") in captions(page)
    assert words("password.open_to_all") not in captions(page)


def test_the_password_is_set_on_the_machine_alone(
    store: Store, visitor: Callable[..., None]
) -> None:
    visitor(machine=False, address=None)
    page = opened("en-US", at="settings.py")
    assert words("password.elsewhere") in captions(page)
    assert words("password.set") not in labels(page)
    visitor(machine=True, address=None)
    page = opened("en-US", at="settings.py")
    click(page, words("password.set"))
    for field, text in zip(page.text_input, (TEXT, "correct house"), strict=True):
        assert field.proto.type == field.proto.PASSWORD
        field.set_value(text)
    click(page, words("password.set"), words("password.set_confirm"))
    assert store.records.office_password() is None
    assert page.error[0].value == words("password.differ")
    click(page, words("password.set"))
    for field in page.text_input:
        field.set_value(TEXT)
    click(page, words("password.set"), words("password.set_confirm"))
    found = store.records.office_password()
    assert found is not None
    assert found.matches(TEXT)
    run(page)
    assert is_locked(page)
    unlock(store)
    run(page)
    click(page, words("password.remove"))
    click(page, words("password.remove"), words("password.remove_confirm"))
    assert store.records.office_password() is None


def test_a_display_says_how_the_office_reaches_a_board_of_one_machine(
    demo: Store, visitor: Callable[..., None], data_folder: Path
) -> None:
    visitor(machine=True, address="127.0.0.1")
    assert not _lock.listens_to_network()
    assert "KPI_HOST=0.0.0.0 make run" in words("screen.this_machine")
    visitor(machine=True, address=None)
    assert _lock.listens_to_network()
    assert _runtime.store() is demo


WRITES = {
    "add_display", "add_token", "begin_with", "delete_mapping", "end_source", "import_",
    "import_again", "load_plan", "remove_office_password", "resume_source", "revoke_display",
    "revoke_token",
    "save_mapping", "save_revision", "set_data_through", "set_office_password", "take_back",
    "start_import", "undo", "withdraw",
}  # fmt: skip
"""What changes something for everybody, by the name it is called by."""
UNDER_THE_PAGE = {
    ("_mappings.py", "save"): "the import that it is part of has asked",
    ("_reports.py", "begin_with"): "the board has asked",
    ("imports.py", "_all_at_once"): "each upload asks",
    ("upload_card.py", "_confirm"): "the upload asks",
    ("saved_mappings.py", "_delete"): "the question whether it is meant has asked",
}
ASKS = ("_lock.demand()", "_lock.shows_notice(", "_confirm_dialog.ask(", "_lock.is_local()")


def test_whatever_changes_something_asks_first(root: Path) -> None:
    seen = set()
    for path in sorted((root / "pages").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
        functions = [each for each in tree.body if isinstance(each, kinds)]
        for each in tree.body:
            if isinstance(each, ast.ClassDef):
                functions += [inner for inner in each.body if isinstance(inner, kinds)]
        for function in functions:
            called = {
                node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
                for node in ast.walk(function)
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name)
            }
            if not called & WRITES:
                continue
            seen |= called & WRITES
            if (path.name, function.name) not in UNDER_THE_PAGE:
                source = ast.get_source_segment(text, function) or ""
                assert any(ask in source for ask in ASKS), (path.name, function.name)
    assert {"undo", "add_token", "start_import", "withdraw", "begin_with"} <= seen


def test_a_visitor_cannot_clear_what_the_process_remembers() -> None:
    clears, reruns = BackMsg(clear_cache=True), BackMsg()
    reruns.rerun_script.query_string = "lang=en"
    is_refused = _lock.rules().is_refused
    assert is_refused(clears.SerializeToString())
    assert not is_refused(reruns.SerializeToString())
    assert not is_refused(b"\xff\xffno message")
