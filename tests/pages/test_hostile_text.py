"""Text that is not ours, on every page: wherever Markdown is read, it is read as it stands.

What an element shows is looked for in all that is sent to the browser, so that a new element is
held to it without being named here. `PLAIN` lists the places that read no Markdown.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import Message  # type: ignore[import-untyped]  # it has no stubs
from streamlit.testing.v1 import AppTest

from kpi_core.domain.issue_code import Code, about_file
from kpi_core.facts.store import Store
from kpi_core.i18n.catalog import Language, Words
from kpi_core.ingest.import_file import import_file
from kpi_core.ingest.inbox import sidecars
from kpi_core.ingest.inbox.held_files import set_aside
from kpi_core.ingest.inbox.inbox_folder import Inbox
from kpi_core.mapping.document import Mapping
from kpi_core.mapping.parse import read_mapping
from kpi_core.plans.document import Plan
from kpi_core.plans.revisions import load_plan
from kpi_core.plans.starter_plans import starters
from kpi_core.records.tokens import TokenScope
from pages import _markdown
from pages._plan.sections import EDITORS
from tests.batches import NOW
from tests.pages.conftest import click, opened, run
from tests.pages.imports_page import unfold, upload, uploads, words

pytestmark = pytest.mark.usefixtures("patient")

EVIL = (
    "![x](http:??evil.example?x) :material?skull: :red[b] :tada: $e$ <i>i<?i> www.evil.example *a*"
)
"""Each `?` is a slash where a name may hold one."""
SLASHED = EVIL.replace("?", "/")
RAW = re.compile(
    r"(?<!\\)!\[|(?<!\\)\]\(|http:[/?]|:material/skull|:red\[b|:tada:|(?<!\\)\$e|(?<!\\)<i>|www\.|(?<!\\)\*a"
)
PLAIN = {
    ("Text", "body"),
    ("CodeBlock", "code_text"),
    ("Code", "code_text"),
    ("MultiSelect", "options"),
    ("MultiSelect", "raw_values"),
    ("Selectbox", "options"),
    ("Selectbox", "raw_value"),
    ("TextArea", "default"),
    ("TextArea", "value"),
    ("TextInput", "default"),
    ("TextInput", "value"),
    ("DownloadButton", "url"),
    ("VegaLiteChart", "spec"),
    ("VegaLiteChart", "alt"),
    ("ArrowVegaLiteChart", "spec"),
    ("ArrowVegaLiteChart", "alt"),
}
PLAIN_FIELDS = {"id", "key", "form_id", "element_hash"}
"""Names by which widgets are told apart."""


def elements(node: Any) -> Iterator[Any]:
    """Everything on a page with what it sends."""
    children = getattr(node, "children", {})
    if getattr(node, "proto", None) is not None:
        yield node.proto
    for child in children.values():
        yield from elements(child)


def texts(message: Message, path: str = "") -> Iterator[tuple[str, str, str]]:
    """Kind, field and text of every string in a message."""
    for field, value in message.ListFields():
        kind = message.DESCRIPTOR.name
        many = value if field.is_repeated else [value]
        if field.message_type is not None:
            if field.message_type.GetOptions().map_entry:
                continue
            for each in many:
                yield from texts(each)
        elif field.type == field.TYPE_STRING:
            for each in many:
                yield kind, field.name, each


def read_as_markdown(page: AppTest) -> list[tuple[str, str, str]]:
    """Where text is read as what it is not: kind of element, field, text."""
    found = []
    for proto in elements(page._tree):
        for kind, field, text in texts(proto):
            if (kind, field) in PLAIN or field in PLAIN_FIELDS:
                continue
            if kind == "Html":
                if "<i>i" in text or "<i>i" in text.replace("&amp;", "&"):
                    found.append((kind, field, text))
            elif RAW.search(text):
                found.append((kind, field, text))
    return found


def shows_it(page: AppTest) -> bool:
    """Whether the text is there at all: else a test proves nothing."""
    return any("evil" in text for proto in elements(page._tree) for _, _, text in texts(proto))


def held(page: AppTest) -> None:
    assert shows_it(page)
    assert read_as_markdown(page) == []


def test_the_check_finds_what_is_read(store: Store) -> None:
    def script() -> None:
        import streamlit as st

        from tests.pages.test_hostile_text import SLASHED

        st.radio("r", [SLASHED])
        st.caption(SLASHED)
        st.text(SLASHED)

    page = AppTest.from_function(script, default_timeout=60)
    page.run()
    assert {kind for kind, _, _ in read_as_markdown(page)} == {"Radio", "Markdown"}


@pytest.mark.parametrize(
    "text", [SLASHED, EVIL, "- a", "1. a", "# a", "> a", "a\n\n# b", "    code", "+ a", "= a"]
)
def test_the_door_leaves_nothing_to_read(text: str) -> None:
    told = _markdown.plain(text)
    assert not RAW.search(told)
    assert not re.match(r"[-+=#>]|\d+[.)]|\s", told)
    assert "\n" not in told
    seen = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", told).replace("\u2060", "")
    assert seen == " ".join(text.split())


def test_settings(store: Store) -> None:
    _, _ = store.records.add_token(SLASHED, TokenScope.IMPORTS, who=SLASHED, now=NOW)
    token, _ = store.records.add_token(SLASHED, TokenScope.READ, who=SLASHED, now=NOW)
    store.records.revoke_token(token.token_id, who=SLASHED, now=NOW)
    display, _ = store.records.add_display(SLASHED, who=SLASHED, now=NOW)
    store.records.displays_seen({display.display_id: SLASHED}, now=NOW)
    off, _ = store.records.add_display(SLASHED, who=SLASHED, now=NOW)
    store.records.revoke_display(off.display_id, who=SLASHED, now=NOW)
    page = opened("en-US", at="settings.py")
    held(page)
    for label in (words("settings_page.revoke"), words("screen.switch_off")):
        click(page, label)
        held(page)
        run(page)
    click(page, words("settings_page.make"))
    page.text_input[0].set_value(SLASHED)
    click(page, words("settings_page.make"), words("settings_page.make_confirm"))
    assert page.code
    held(page)


def hostile_plan(id_: str) -> str:
    """A plan that ships, with its texts made hostile."""
    text = re.sub(r'\b(ja|en) = "([^"]*)"', rf'\1 = "\2 {SLASHED}"', starters()["saas"])
    return re.sub(r'^id = "saas"', f'id = "{id_}"', text, flags=re.MULTILINE)


@pytest.mark.parametrize("locale", ["en-US", "ja-JP"])
def test_board(demo: Store, locale: str) -> None:
    for id_ in ("first", "second"):  # two of a name, which are told apart by their ids
        found = load_plan(demo, hostile_plan(id_), who="t", why="", effective_from=None, now=NOW)
        assert isinstance(found, Plan), found
    page = opened(locale, plan="first")
    held(page)
    page.session_state["board_management"] = True
    run(page)
    held(page)


@pytest.mark.parametrize("locale", ["en-US", "ja-JP"])
def test_plan(demo: Store, locale: str) -> None:
    roles = f'id,created,role\n1,2026-05-01,"{SLASHED}"\n'
    mapping = read_mapping(ROLES)
    assert isinstance(mapping, Mapping), mapping
    import_file(demo, roles.encode(), "roles.csv", mapping, who="t", now=NOW)
    hostile = hostile_plan("first").replace('"executive", ', f'"{SLASHED}", ', 1)
    changed = hostile.replace('owner = { ja = "', f'owner = {{ ja = "{SLASHED} ')
    teams = f'[kpi.teams]\nby = "channel"\ntargets = {{ "{SLASHED}" = {{ default = 7 }} }}\n'
    for text in (
        hostile,
        f"{changed}\n",
        changed.replace("[kpi.definition]", f"{teams}\n[kpi.definition]"),
    ):
        found = load_plan(demo, text, who=SLASHED, why=SLASHED, effective_from=None, now=NOW)
        assert isinstance(found, Plan), found
    demo.records.plans.propose(
        "first", hostile, base_revision=1, effective_from=None, agree=(SLASHED, f"{SLASHED} 2"),
        who=SLASHED, why=SLASHED, now=NOW,
    )  # fmt: skip
    other = demo.records.plans.propose(
        "first", changed, base_revision=1, effective_from=None, agree=(SLASHED,), who=SLASHED,
        why=SLASHED, now=NOW,
    )  # fmt: skip
    demo.records.plans.agree(other, who=SLASHED, now=NOW)
    page = opened(locale, at="plan.py", plan="first")
    held(page)
    for box in ("plan_history", "plan_plans", "plan_trial"):
        page.session_state[box] = True
    run(page)
    held(page)
    page.button(key="plan_history_back_ask").click()
    run(page)
    held(page)
    for name in EDITORS:
        page.button(key=f"plan_pencil_{name}").click()
        run(page)
        held(page)
    page.session_state["plan_draft"]["first"].set(("kgi", "target"), 41)
    page.session_state["plan_draft"]["first"].set(
        ("kpi", "where"), [{"attribute": SLASHED, "in": [SLASHED]}]
    )
    page.session_state["plan_propose"] = True
    run(page)
    held(page)
    page.button(key="plan_list_first_delete").click()
    run(page)
    held(page)
    broken = hostile.replace("target = 12", f'target = "{SLASHED}"')
    page.file_uploader[0].set_value(("plan.toml", broken.encode(), "application/toml"))
    run(page)
    held(page)


def test_what_the_store_refuses() -> None:
    def script() -> None:
        from kpi_core.records.errors import StoreError
        from pages import _problems
        from tests.pages.test_hostile_text import SLASHED

        _problems.say_what_went_wrong(StoreError("disk_full", path=SLASHED))

    page = AppTest.from_function(script, default_timeout=60)
    page.run()
    assert page.error
    held(page)


HEADER = f'id,created,"{SLASHED}","stage {SLASHED}",amount'
ASKED = f"{HEADER}\n" + "".join(
    f'L{n},0{n}/04/2026,"{SLASHED}","{SLASHED} {n % 3}",{n}\n' for n in range(1, 9)
)


@pytest.mark.parametrize("locale", ["en-US", "ja-JP"])
def test_a_file_from_the_drop_area_to_the_ledger(store: Store, locale: str) -> None:
    page = opened(locale, at="imports.py")
    upload(page, ASKED.encode(), f"{EVIL}.csv")
    held(page)
    for _ in range(12):
        (file,) = uploads(page)
        assert file.inspection is not None
        if not file.inspection.answers_needed:
            break
        question = file.inspection.answers_needed[0]
        control = next(
            each
            for each in (*page.radio, *page.selectbox)
            if (each.key or "").endswith(f"_{question.key}")
        )
        control.set_value(question.options[0].value)
        run(page)
        held(page)
    unfold(page, "imports_concluded")
    held(page)
    told = Words(Language.of(locale))
    confirm = told("imports.confirm")
    if any(button.label == confirm for button in page.button):
        click(page, confirm)
        held(page)


ROLES = """
name = "roles"
source = "roles"
grain = "lead"
id = "id"
[[stages]]
stage = "lead"
date = "created"
[attributes]
role = "role"
"""
MAPPING = f"""
name = "mine"
title = {{ en = "{SLASHED}", ja = "{SLASHED}" }}
source = "{SLASHED}"
grain = "lead"
id = "lead_id"
[[stages]]
stage = "lead"
date = "lead_date"
[attributes]
kind = "{SLASHED}"
"""
ROWS = f'lead_id,lead_date,"{SLASHED}"\n"{SLASHED}",2026-05-01,"{SLASHED}"\nL2,"{SLASHED}",x\n'
FEWER = f'lead_id,lead_date,"{SLASHED}"\nL7,2026-05-02,x\n'


@pytest.mark.parametrize("locale", ["en-US", "ja-JP"])
def test_the_ledger_and_what_is_saved(store: Store, locale: str) -> None:
    mapping = read_mapping(MAPPING)
    assert isinstance(mapping, Mapping), mapping
    for number, content in enumerate((ROWS, FEWER)):
        import_file(
            store,
            content.encode(),
            f"{EVIL} {number}.csv",
            mapping,
            who=SLASHED,
            now=NOW.replace(hour=9 + number),
        )
    store.records.save_mapping(SLASHED, MAPPING, "f", who=SLASHED, now=NOW)
    page = opened(locale, at="imports.py")
    held(page)
    page.session_state["imports_open"] = {1, 2}
    page.session_state["imports_saved"] = True
    run(page)
    held(page)
    told = Words(Language.of(locale))
    for label in (told("imports.undo"), told("imports.delete")):
        click(page, label)
        held(page)
        run(page)


def test_files_that_wait(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / EVIL
    folder.mkdir(parents=True, exist_ok=True)
    inbox = Inbox(folder)
    inbox.make()
    monkeypatch.setenv("KPI_INBOX", str(folder))
    for name in (f"{EVIL}.csv", f"{EVIL} 2.csv"):
        arrived = inbox.path / name
        arrived.write_bytes(ASKED.encode())
        note = sidecars.refusal_note(name, [about_file(Code.PROTECTED, value=SLASHED)])
        set_aside(inbox, arrived, note, NOW)
    page = opened("en-US", at="imports.py")
    held(page)
    click(page, words("imports.dismiss"))
    held(page)
