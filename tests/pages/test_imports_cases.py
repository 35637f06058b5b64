"""A receipt names what a file leaves blank or lacks, and takes back what is no longer true."""

from dataclasses import replace
from datetime import date

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import ButtonGroup

from kpi_core.domain.aggregate import Tally, TallyKind
from kpi_core.domain.period import Period
from kpi_core.domain.receipt import Case
from kpi_core.domain.stage import Stage
from kpi_core.facts.store import Store
from kpi_core.i18n.catalog import Language, Words
from kpi_core.ingest.case_text import BLANK, cases_csv
from kpi_core.mapping.document import fingerprint
from tests.batches import NOW, at, batch
from tests.batches import Event as Fact
from tests.pages.conftest import click, html, run
from tests.pages.imports_page import (
    captions,
    labels,
    nothing_is_markup,
    numbers,
    page_of_imports,
    read,
    texts,
    upload,
    words,
)

pytestmark = pytest.mark.usefixtures("patient")

HEADER = "lead_id,lead_date,mql_date\n"
MQL = Tally(TallyKind.REACHED, stage=Stage.MARKETING_QUALIFIED)
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))


def leads(*rows: str) -> bytes:
    return (HEADER + "\n".join(rows) + "\n").encode()


def imported(content: bytes, name: str = "leads.csv", locale: str = "en-US") -> AppTest:
    page = page_of_imports(locale)
    upload(page, content, name)
    go = Words(Language.of(locale))("imports.confirm")
    click(page, go)
    return page


def qualified(store: Store) -> float:
    return sum(store.daily([MQL], YEAR)[MQL].values())


def bold(page: AppTest) -> list[str]:
    """The headings of the cases."""
    return [read(each.value.strip("*")) for each in page.markdown if each.value.startswith("**")]


def pills(page: AppTest) -> list[ButtonGroup[str]]:
    """What can be chosen to be taken back."""
    return [each for each in page.button_group if "imports_pills" in (each.key or "")]


def on_offer(page: AppTest) -> list[str]:
    return [read(option) for each in pills(page) for option in each.options]


def choose(page: AppTest, lead: str, detail: str = "") -> None:
    (group,) = pills(page)
    group.select(f"{lead}\x1f{detail}")
    run(page)


def test_a_blank_over_a_date_is_named_and_taken_back(store: Store) -> None:
    imported(leads("*L1*,2026-05-01,2026-05-03", "L2,2026-05-02,2026-05-04"))
    page = imported(leads("*L1*,2026-05-01,", "L2,2026-05-02,2026-05-04", "L3,2026-05-20,"))
    assert bold(page) == ["1 stored date is blank in this file"]
    assert on_offer(page) == ["*L1* · MQL (May 3, 2026)"]
    take = next(each for each in page.button if each.label == "Retract")
    assert take.disabled
    choose(page, "*L1*", "marketing_qualified 2026-05-03")
    assert qualified(store) == 2
    click(page, "Retract")
    assert qualified(store) == 1
    assert "Retracted: *L1* · MQL (May 3, 2026)" in [read(each) for each in captions(page)]
    assert "Retract" not in labels(page)
    assert words("imports.taken_back") in html(page)
    nothing_is_markup(page)


def test_what_was_taken_back_is_on_offer_again_once_that_is_undone(store: Store) -> None:
    imported(leads("L1,2026-05-01,2026-05-03", "L2,2026-05-02,2026-05-04"))
    page = imported(leads("L1,2026-05-01,", "L2,2026-05-02,2026-05-04"))
    choose(page, "L1", "marketing_qualified 2026-05-03")
    click(page, "Retract")
    store.undo(3, who="t", now=NOW)
    assert qualified(store) == 2
    run(page)
    assert "Retract" in labels(page)


def test_leads_that_a_full_list_lacks_are_named_and_withdrawn(store: Store) -> None:
    rows = [f"L{n},2026-05-0{n}," for n in range(1, 9)]
    imported(leads(*rows))
    page = imported(leads(*rows[:7], "L9,2026-05-20,"))
    assert bold(page) == ["1 lead is missing from this file"]
    assert on_offer(page) == ["L8"]
    choose(page, "L8")
    assert store.leads() == 9
    click(page, "Withdraw")
    assert store.leads() == 8
    assert "Withdrawn: L8" in [read(each) for each in captions(page)]
    assert "Withdraw" not in labels(page)


def test_ten_are_named_and_the_rest_is_a_number(store: Store) -> None:
    rows = [f"L{n:02},2026-05-01,2026-05-03" for n in range(1, 15)]
    imported(leads(*rows))
    page = imported(leads(*(row.rpartition(",")[0] + "," for row in rows)), locale="ja-JP")
    assert bold(page) == ["このファイルで空欄になった日付（14件）"]
    assert len(on_offer(page)) == 10
    assert on_offer(page)[0] == "L01 · MQL（2026年5月3日）"
    assert "ほか4件" in captions(page)


def test_all_that_a_receipt_counts_is_in_a_file(store: Store) -> None:
    rows = [f"=L{n:02},2026-05-01,2026-05-03" for n in range(1, 15)]
    imported(leads(*rows))
    page = imported(leads(*(row.rpartition(",")[0] + "," for row in rows)))
    labels_of_files = [each.proto.label for each in page.get("download_button")]
    assert "All 14 (CSV)" in labels_of_files
    text = cases_csv(store, 2, BLANK, Words(Language.EN)).decode("utf-8-sig")
    expected = ["Lead,Stage,Date", *(f"'=L{n:02},MQL,2026-05-03" for n in range(1, 15))]
    assert text.splitlines() == expected


def test_all_of_them_are_taken_back_at_once(store: Store) -> None:
    rows = [f"L{n:02},2026-05-01,2026-05-03" for n in range(1, 15)]
    imported(leads(*rows))
    page = imported(leads(*(row.rpartition(",")[0] + "," for row in rows)))
    store.take_back(store.imports()[0].source, [("L14", "marketing_qualified")], who="t", now=NOW)
    assert qualified(store) == 13
    click(page, "Retract all 14…")
    assert any("13 dates" in each for each in texts(page))
    click(page, "Retract all 14…", "Retract 13")
    assert qualified(store) == 0
    assert "Retract all 14…" not in labels(page)


def test_a_preview_names_them_without_a_way_to_take_them_back(store: Store) -> None:
    imported(leads("<b>L1,2026-05-01,2026-05-03", "L2,2026-05-02,"))
    page = page_of_imports()
    upload(page, leads("<b>L1,2026-05-01,", "L2,2026-05-02,"))
    assert bold(page)[-1] == "1 stored date is blank in this file"
    assert "<li>&lt;b&gt;L1 · MQL (May 3, 2026)</li>" in html(page)
    assert "Retract" not in labels(page)
    assert pills(page) == []


def test_nothing_is_taken_back_by_an_import_that_is_undone(store: Store) -> None:
    imported(leads("L1,2026-05-01,2026-05-03"))
    imported(leads("L1,2026-05-01,"))
    store.undo(2, who="t", now=NOW)
    page = page_of_imports()
    click(page, "Open")
    assert bold(page) == ["1 stored date is blank in this file"]
    assert "Retract" not in labels(page)


def test_days_that_are_missing_are_named(store: Store) -> None:
    text = """
name = "days"
source = "web"
grain = "day"
date = "date"
[[counts]]
column = "visits"
measure = "visits"
"""
    store.records.save_mapping("days", text, fingerprint(["date", "visits"]), who="t", now=NOW)
    imported(b"date,visits\n2026-05-01,5\n2026-05-02,6\n2026-05-03,7\n")
    page = imported(b"date,visits\n2026-05-01,5\n2026-05-03,8\n")
    assert bold(page) == ["1 day is missing from this file"]
    assert "<li>visits · May 2, 2026</li>" in html(page)
    assert pills(page) == []


def test_amounts_stand_below_the_number_of_leads(store: Store) -> None:
    won = Fact("1", "won", at("2026-05-01"), amount=1200.0)
    store.commit(batch(won), who="t", now=NOW)
    store.commit(batch(replace(won, amount=1500.0), content_hash="b"), who="t", now=NOW)
    page = page_of_imports()
    click(page, "Open")
    assert "Amount</span> <span>1,200 →</span> <b>1,500</b>" in html(page)


def test_a_receipt_without_counts_says_that_they_follow(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.commit(batch(Fact("1", "lead", at("2026-05-01"))), who="t", now=NOW)
    receipt = replace(store.receipt(1), is_counted=False, cases=(Case("gone", "L", ""),))
    monkeypatch.setattr(Store, "receipt", lambda *_: receipt)
    page = page_of_imports()
    click(page, "Open")
    assert [info.value for info in page.info] == ["Recorded. The counts follow in a moment."]
    assert numbers(page) == {}


def test_the_ledger_says_what_replaced_an_import_and_what_comes_back(store: Store) -> None:
    first, second = (
        batch(Fact(lead, "lead", at("2026-05-01")), content_hash=lead, name=f"{lead}.csv")
        for lead in ("a", "b")
    )
    store.commit(first, who="t", now=NOW)
    store.commit(second, who="t", now=NOW, replaces=1)
    page = page_of_imports()
    assert "Replaced by import #2 (" in html(page)
    click(page, "Open")
    click(page, "Undo")
    assert "It replaced #1: “before” is without #1." in captions(page)
    assert "It replaced #1, which counts again." in texts(page)[-1]
    click(page, "Undo", "Undo the import")
    assert "Replaced by" not in html(page)
    assert [each.import_id for each in store.imports() if each.is_current] == [1]
