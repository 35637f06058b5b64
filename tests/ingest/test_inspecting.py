"""What is concluded of a file, and what is asked."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_core.domain.stage import Stage
from kpi_core.ingest.cells.personal import PersonKind
from kpi_core.ingest.importing import import_file
from kpi_core.ingest.inspecting import Inspection, inspect
from kpi_core.ingest.meaning.fingerprint import fingerprint
from kpi_core.ingest.meaning.mapping import Blank, Grain, Mapping, Merge, Per
from kpi_core.ingest.meaning.mapping_document import read_mapping
from kpi_core.ingest.question import Question
from kpi_core.storage.store import Store

at = datetime.fromisoformat
NOW = at("2026-11-22 09:00")
MOST_ROUNDS = 40


def of(text: str, name: str = "leads.csv", **answers: str) -> Inspection:
    return inspect(text.encode(), name, now=NOW, answers=answers)


def answer(found: Inspection, key: str) -> str | None:
    return asked(found, key).answer


def asked(found: Inspection, key: str) -> Question:
    (question,) = (each for each in found.questions if each.key == key)
    return question


def open_keys(found: Inspection) -> list[str]:
    return [question.key for question in found.answers_needed]


def codes(issues: tuple[Any, ...]) -> list[str]:
    return [str(issue.code) for issue in issues]


def answered(source: Path | bytes, name: str, likeliest: int = 0) -> Inspection:
    """Every open question answered with its first option, or its last."""
    answers: dict[str, str] = {}
    for _ in range(MOST_ROUNDS):
        found = inspect(source, name, now=NOW, answers=answers)
        if not found.answers_needed:
            return found
        answers |= {each.key: each.options[likeliest].value for each in found.answers_needed}
    raise AssertionError(open_keys(found))


# --- The real files ---

HASHES = (
    "09a969da1d61b38bd3746f0f49c1475a",
    "f66ca9bc5a02c2f1513ce83f0a0e117d",
    "6e81db225a3757a3fc20cc9b1b3d9e1b",
)
REAL: dict[str, tuple[tuple[str, ...], list[str], dict[str, str]]] = {
    # case: (what the rows may be, what else is asked, some of what is concluded)
    "zoho_leads": (
        ("lead",),
        [],
        {"id": "LEADID", "column:Created Time": "lead", "column:Lead Source": "channel",
         "source": "zoho"},
    ),
    "sf_opportunity_history": (
        ("event",),
        [],
        {"id": "OpportunityId", "stage": "StageName", "at": "CreatedDate",
         "order:CreatedDate": "month-day", "value:Closed Won": "won",
         "value:Negotiation/Review": "opportunity", "source": "salesforce"},
    ),
    "sf_leads_no_created": (
        ("lead",),
        ["column:ConvertedDate"],
        {"id": "Id", "column:LastModifiedDate": "none", "column:LeadSource": "channel"},
    ),
    "sf_dataloader_opps": (
        ("lead",),
        ["zone"],
        {"id": "ID", "column:CREATEDDATE": "opportunity", "column:CLOSEDATE": "close",
         "stage": "ISWON", "column:AMOUNT": "amount", "column:LASTMODIFIEDDATE": "none"},
    ),
    "marketo_leads": (
        ("lead",),
        ["source"],
        {"id": "id", "column:created_at": "lead", "column:updated_at": "none"},
    ),
    "hubspot_deal_stage_log": (
        ("event",),
        [*(f"value:{value}" for value in HASHES), "source"],
        {"id": "deal_id", "stage": "value", "at": "date_entered"},
    ),
    "hubspot_contacts_snapshot": (
        ("snapshot", "lead"),
        ["value:Subscriber", "value:Other", "value:Evangelist"],
        {"id": "Contact ID", "stage": "Lifecycle Stage", "at": "Create Date",
         "value:Customer": "won"},
    ),
    "hubspot_date_entered_clean": (
        ("lead",),
        ['column:Date entered "Discovery (Sales Pipeline)"',
         'column:Date entered "Qualified (Sales Pipeline)"',
         'column:Date entered "Demo (Sales Pipeline)"'],
        {"id": "Record ID", 'column:Date entered "Proposal (Sales Pipeline)"': "opportunity",
         'column:Date entered "Closed Won (Sales Pipeline)"': "won", "column:Close Date": "none",
         "column:Create Date": "none", "column:Amount": "amount"},
    ),
    "meta_like": (
        ("lead",),
        [],
        {"id": "id", "column:created_time": "lead", "column:campaign_name": "campaign",
         "source": "meta"},
    ),
    "gads_time_series": (
        ("day",),
        [],
        {"date": "Date", "per": "day", "column:Clicks": "measure", "column:Cost": "measure",
         "column:Avg. CPC": "none", "source": "google-ads"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REAL)
def test_a_real_file_is_concluded_as_far_as_it_is_certain(
    shared: Path, cases: dict[str, Any], case: str
) -> None:
    path = shared / "exports" / cases[case]["files"][0]
    found = inspect(path, path.name, now=NOW)
    grains, rest, concluded = REAL[case]
    grain, *others = open_keys(found)
    assert grain == "grain"
    assert sorted(others) == sorted(rest)
    offered = [option.value for option in asked(found, "grain").options]
    assert tuple(offered[: len(grains)]) == grains
    assert {key: answer(found, key) for key in concluded} == concluded
    assert found.mapping is None


@pytest.mark.parametrize(
    ("case", "known"),
    [
        ("olist_leads", "olist-leads"),
        ("maven_iso", "maven-pipeline"),
        ("daily_counts_jp", "daily-counts"),
    ],
)
def test_a_file_whose_header_is_known_is_asked_nothing(
    shared: Path, cases: dict[str, Any], case: str, known: str
) -> None:
    path = shared / "exports" / cases[case]["files"][0]
    found = inspect(path, path.name, now=NOW)
    assert found.known == known
    assert found.mapping is not None
    assert found.answers_needed == ()
    assert found.preview


@pytest.mark.parametrize(
    ("case", "reasons"),
    [
        ("mautic_contacts", ["no_date_column"]),
        ("blank_headers", ["no_date_column", "only_birthdays"]),
        ("ga4_events_b2b", ["no_date_column", "period_total"]),
        ("gads_campaign", ["no_date_column", "period_total"]),
        ("cp932_estat_wide", ["no_date_column", "years_only"]),
        ("marketstar_quotas", ["no_date_column"]),
        ("sf_error_file", ["error_file"]),
    ],
)
def test_a_file_that_cannot_be_counted_by_month_says_why(
    shared: Path, cases: dict[str, Any], case: str, reasons: list[str]
) -> None:
    path = shared / "exports" / cases[case]["files"][0]
    found = inspect(path, path.name, now=NOW)
    assert (codes(found.issues), found.mapping) == (reasons, None)


def test_leads_without_a_created_date_are_undated_and_it_is_said(
    shared: Path, cases: dict[str, Any]
) -> None:
    path = shared / "exports" / cases["sf_leads_no_created"]["files"][0]
    found = answered(path, path.name)
    assert found.mapping is not None
    dated = [(stage.stage, stage.date, stage.blank) for stage in found.mapping.stages]
    assert dated == [
        (Stage.LEAD, None, Blank.UNDATED),
        (Stage.OPPORTUNITY, "ConvertedDate", Blank.NOT_REACHED),
    ]
    (note,) = found.notes
    assert (note.code, note.column) == ("no_created_column", "LastModifiedDate")


def test_the_date_of_a_close_is_a_win_only_where_the_deal_was_won(
    shared: Path, cases: dict[str, Any]
) -> None:
    path = shared / "exports" / cases["sf_dataloader_opps"]["files"][0]
    for role in ("close", "won"):
        answers = {"grain": "lead", "zone": "", "column:CLOSEDATE": role}
        found = inspect(path, path.name, now=NOW, answers=answers)
        assert found.mapping is not None
        by_stage = {stage.stage: stage for stage in found.mapping.stages}
        assert by_stage[Stage.WON].where == {"ISWON": ("true",)}
        assert (Stage.LOST in by_stage) == (role == "close")


def test_months_in_columns_are_told_apart_from_other_numbers(
    shared: Path, cases: dict[str, Any]
) -> None:
    path = shared / "exports" / cases["utf16_tab_preamble"]["files"][0]
    found = answered(path, path.name)
    assert found.mapping is not None
    assert found.mapping.per is Per.MONTH
    assert list(found.mapping.periods) == cases["utf16_tab_preamble"]["parse"].get(
        "month_columns", list(found.mapping.periods)
    )
    assert [f"{day:%Y-%m}" for day in found.mapping.periods.values()] == [
        *(f"2020-{month}" for month in (10, 11, 12)), *(f"2021-0{month}" for month in range(1, 10)),
    ]  # fmt: skip


# --- What is asked ---


def test_days_and_months_that_may_be_either_are_asked_with_both_readings() -> None:
    text = "Lead ID,Created,Email\n1,03/04/2026,a@b.co\n2,05/06/2026,b@b.co\n"
    question = asked(of(text), "order:Created")
    assert question.open
    assert {option.value: option.examples for option in question.options} == {
        "day-month": ("03/04/2026 → 2026-04-03",),
        "month-day": ("03/04/2026 → 2026-03-04",),
    }
    found = of(text, grain="lead", source="x", **{"order:Created": "month-day"})
    assert found.mapping is not None
    assert found.preview[0].stages == {Stage.LEAD: at("2026-03-04")}


def test_one_cell_decides_the_order_of_its_column() -> None:
    text = "Lead ID,Created\n1,03/04/2026\n2,25/06/2026\n"
    assert answer(of(text), "order:Created") == "day-month"


def test_contradicting_dates_are_asked_with_a_cell_of_each_side() -> None:
    question = asked(of("Lead ID,Created\n1,03/25/2026\n2,25/06/2026\n"), "order:Created")
    assert question.open
    shown = " ".join(question.options[0].examples)
    assert "03/25/2026" in shown
    assert "25/06/2026" in shown


def test_a_number_that_may_be_a_thousand_or_a_little_over_one_is_asked() -> None:
    text = "Deal ID,Created,Amount\n1,2026-01-05,1.234\n2,2026-01-06,5.678\n"
    question = asked(of(text), "decimal:Amount")
    assert question.open
    assert {option.value: option.examples[0] for option in question.options} == {
        "comma": "1.234 → 1,234",
        "point": "1.234 → 1.234",
    }
    found = of(text, grain="lead", source="x", **{"decimal:Amount": "comma"})
    assert found.mapping is not None
    assert found.mapping.numbers == {"Amount": "comma"}


def test_days_that_begin_with_a_nought_are_no_phone_numbers() -> None:
    found = of("Lead ID,Created\n1,01-15-2026\n2,02-16-2026\n", grain="lead", source="x")
    assert found.dropped == ()
    assert found.preview[0].stages == {Stage.LEAD: at("2026-01-15")}


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Won Date", ("2026-02-01", "0000-00-00", "tbd")),
        ("受注日", ("2026/2/1", "未定", "調整中")),
        ("Won Date", ("46054", "soon", "2026-02-03")),
        ("受注", ("2026/2/1", "未定", "2026/2/2")),
    ],
)
def test_a_column_that_is_called_a_date_is_one_though_few_cells_are(
    header: str, cells: tuple[str, ...]
) -> None:
    rows = "".join(f"{n},2026-01-0{n},{cell}\n" for n, cell in enumerate(cells, start=1))
    found = of(f"Lead ID,Created,{header}\n{rows}", grain="lead", source="x")
    assert answer(found, f"column:{header}") == "won"
    reached = [row.stages.get(Stage.WON) for row in found.preview]
    assert [moment is not None for moment in reached] == [cell[0] in "24" for cell in cells]


def test_words_in_a_column_of_dates_are_said_and_sentinels_are_none(store: Store) -> None:
    text = (
        "Lead ID,Created,Won Date\n1,2026-01-05,2026-02-01\n"
        "2,2026-01-05,0000-00-00\n3,2026-01-06,tbd\n"
    )
    mapping = of(text, grain="lead", source="x").mapping
    assert mapping is not None
    receipt = import_file(store, text.encode(), "leads.csv", mapping, who="test", now=NOW)
    assert [(each.code, each.line, each.value) for each in receipt.issues] == [
        ("date_unreadable", 4, "tbd")
    ]


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Opportunity", ("Acme 2026", "Beta", "2026-01-05")),
        ("Note", ("2026-01-05", "call", "mail")),
        ("Month", ("2026-01", "2026-02", "2026-03", "2026-04", "2026-05-01")),
    ],
)
def test_a_date_or_two_make_no_column_of_dates_under_another_name(
    header: str, cells: tuple[str, ...]
) -> None:
    rows = "".join(f"{n},2026-01-0{n},{cell}\n" for n, cell in enumerate(cells, start=1))
    found = of(f"Lead ID,Created,{header}\n{rows}", grain="lead", source="x")
    stages = [stage.date for stage in found.mapping.stages] if found.mapping else []
    assert stages == ["Created"]


def test_bare_numbers_are_dates_where_the_header_says_so() -> None:
    found = of("Lead ID,createdate,Employees\n1,1767571200000,45000\n2,1767657600000,46000\n")
    assert answer(found, "unit:createdate") == "milliseconds"
    assert answer(found, "column:createdate") == "lead"
    assert answer(found, "column:Employees") == "attribute"


def test_several_ids_are_asked_and_no_id_is_on_offer() -> None:
    text = "人物ID,名刺ID,名刺交換日\nP1,C1,2026/01/05\nP2,C2,2026/01/06\n"
    question = asked(of(text), "id")
    assert question.open
    assert [option.value for option in question.options] == ["人物ID", "名刺ID", ""]


def test_a_mail_address_is_the_id_where_there_is_no_other_and_it_is_said() -> None:
    text = (
        "タイムスタンプ,会社名,メールアドレス\n2026/01/05 10:11:12,A社,taro@a.co.jp\n"
        "2026/01/06 10:11:12,B社,hanako@b.co.jp\n"
    )
    found = of(text, grain="lead", source="form")
    assert found.mapping is not None
    assert found.mapping.id == "メールアドレス"
    assert codes(found.notes) == ["mail_hashed"]
    assert found.dropped == ()
    assert "taro" not in repr(found.preview)


def test_without_an_id_every_row_counts_and_identical_ones_are_counted() -> None:
    found = of(
        "問い合わせ日,流入元\n2026/01/05,検索\n2026/01/05,検索\n2026/01/07,広告\n", source="x"
    )
    assert asked(found, "grain").options[0].value == "event_without_id"
    found = of(
        "問い合わせ日,流入元\n2026/01/05,検索\n2026/01/05,検索\n2026/01/07,広告\n",
        grain="event_without_id", source="x",
    )  # fmt: skip
    assert found.mapping is not None
    assert found.mapping.id is None
    assert [(note.code, note.value) for note in found.notes] == [("identical_rows", "1")]


def test_a_stage_that_is_not_known_is_asked_and_never_dropped() -> None:
    text = (
        "Deal ID,Stage,Changed at\n"
        "1,Kickoff,2026-01-05\n1,Closed Won,2026-02-05\n2,Kickoff,2026-01-06\n"
    )
    found = of(text)
    assert asked(found, "value:Kickoff").open
    assert answer(found, "value:Closed Won") == "won"
    found = of(text, grain="event", source="x", **{"value:Kickoff": ""})
    assert found.mapping is not None
    assert found.mapping.stage_values == {"Kickoff": None, "Closed Won": Stage.WON}


def test_a_snapshot_of_deals_dates_the_creation_and_nothing_else() -> None:
    text = (
        "商談ID,商談名,フェーズ,作成日\n"
        "1,A,受注,2026/01/05\n"
        "2,B,提案,2026/01/06\n"
        "3,C,失注,2026/01/07\n"
    )
    found = of(text, grain="snapshot", source="sf")
    assert found.mapping is not None
    assert [row.stages for row in found.preview] == [
        {Stage.OPPORTUNITY: at("2026-01-05"), Stage.WON: None},
        {Stage.OPPORTUNITY: at("2026-01-06")},
        {Stage.OPPORTUNITY: at("2026-01-07"), Stage.LOST: None},
    ]


def test_instants_of_utc_are_asked_for_their_zone_and_of_one_place_are_not() -> None:
    text = "Lead ID,Created at\n1,2026-01-31T20:00:00{0}\n2,2026-02-01T01:00:00{0}\n"
    question = asked(of(text.format("Z")), "zone")
    assert question.open
    assert question.options[0].examples == ("2026-01-31T20:00:00Z → 2026-02-01 05:00",)
    assert answer(of(text.format("+09:00")), "zone") == ""
    found = of(text.format("Z"), grain="lead", source="x", zone="Asia/Tokyo")
    assert found.preview[0].stages == {Stage.LEAD: at("2026-02-01 05:00")}
    assert "zone" in open_keys(of(text.format("Z"), grain="lead", source="x", zone="JST+9"))


@pytest.mark.parametrize(
    ("cell", "unit"), [("1767193200000", "milliseconds"), ("1767193200", "seconds")]
)
def test_what_counts_from_1970_is_asked_for_its_zone_as_well(cell: str, unit: str) -> None:
    text = f"Lead ID,Created\n1,{cell}\n"
    question = asked(of(text), "zone")
    assert question.open
    assert {option.value: option.examples for option in question.options} == {
        "Asia/Tokyo": (f"{cell} → 2026-01-01 00:00",),
        "UTC": (f"{cell} → 2025-12-31 15:00",),
        "America/New_York": (f"{cell} → 2025-12-31 10:00",),
        "Europe/London": (f"{cell} → 2025-12-31 15:00",),
    }
    found = of(text, grain="lead", source="x", zone="Asia/Tokyo")
    assert answer(found, "unit:Created") == unit
    assert found.preview[0].stages == {Stage.LEAD: at("2026-01-01")}
    assert found.mapping is not None
    assert found.mapping.zone == "Asia/Tokyo"


def test_the_serials_of_a_spreadsheet_are_of_no_zone() -> None:
    assert "zone" not in [each.key for each in of("Lead ID,Created\n1,46027\n").questions]


@pytest.mark.parametrize("place", [" Asia/Tokyo", " JST", "+09:00[Asia/Tokyo]"])
def test_instants_of_one_named_place_are_not_asked(place: str) -> None:
    text = f"Lead ID,Created at\n1,2026-01-31 20:00{place}\n2,2026-02-01 01:00{place}\n"
    assert answer(of(text), "zone") == ""


def test_personal_columns_are_dropped_listed_and_kept_where_the_user_says_so() -> None:
    text = (
        "Lead ID,氏名,電話番号,作成日\n"
        "1,山田 太郎,03-1234-5678,2026/01/05\n"
        "2,鈴木 花子,03-1234-9999,2026/01/06\n"
    )
    found = of(text, grain="lead", source="x")
    assert [(each.header, each.kind) for each in found.dropped] == [
        ("氏名", PersonKind.NAME), ("電話番号", PersonKind.PHONE),
    ]  # fmt: skip
    assert answer(found, "keep:氏名") == "no"
    kept = of(text, grain="lead", source="x", **{"keep:氏名": "yes"})
    assert kept.mapping is not None
    assert kept.mapping.keep == {"氏名"}
    assert [each.header for each in kept.dropped] == ["電話番号"]


def test_rows_of_one_record_are_one_lead() -> None:
    kintone = (
        "レコードの開始行,レコード番号,会社名,作成日時,ステータス,内容\n"
        "*,1,A社,2026-01-05 10:00,商談,電話\n,1,A社,2026-01-05 10:00,商談,訪問\n"
        "*,2,B社,2026-01-06 10:00,受注,電話\n"
    )
    found = of(kintone, "kintone.csv", grain="lead")
    assert found.mapping is not None
    assert found.mapping.merge is Merge.KINTONE
    assert [row.lead for row in found.preview] == ["1", "2"]
    odoo = (
        "External ID,Opportunity,Created on,Stage,Activities\n"
        "crm_1,A,2026-01-05 10:00:00,Proposition,Call\n,,,,Mail\n,,,,Visit\n"
        "crm_2,B,2026-01-06 10:00:00,Won,Call\n"
    )
    mapping = answered(odoo.encode(), "crm.csv").mapping
    assert mapping is not None
    assert mapping.merge is Merge.CONTINUATION


CONTINUED = (
    "Created on,Opportunity,Activities/Summary\n"
    "2026-01-05,A,Call\n,,Mail\n,,Visit\n2026-01-06,B,Call\n"
)


def test_rows_without_an_id_that_go_on_with_the_one_above_are_asked_and_no_leads(
    store: Store,
) -> None:
    question = asked(of(CONTINUED), "grain")
    assert question.open
    values = [option.value for option in question.options]
    assert values[:2] == ["continued", "event_without_id"]
    mapping = of(CONTINUED, grain="continued", source="odoo").mapping
    assert mapping is not None
    import_file(store, CONTINUED.encode(), "crm.csv", mapping, who="test", now=NOW)
    assert store.leads() == 2


@pytest.mark.parametrize(
    "text",
    [
        "Created on,Won Date,Amount\n2026-01-05,2026-02-01,100\n2026-01-06,,\n",
        "Created on,Opportunity,Source\n2026-01-05,A,web\n,B,web\n2026-01-06,C,web\n",
        "Created on,Company,Source\n2026-01-05,A,web\n2026-01-06,B,web\n",
    ],
)
def test_rows_of_which_something_is_not_known_are_rows_of_their_own(text: str) -> None:
    values = [option.value for option in asked(of(text), "grain").options]
    assert "continued" not in values


def test_a_stage_column_that_is_empty_as_yet_is_read_in_the_next_file() -> None:
    found = of("Lead ID,作成日,受注日,失注日\n1,2026/01/05,2026/02/01,\n", grain="lead", source="x")
    assert found.mapping is not None
    assert Stage.LOST in {stage.stage for stage in found.mapping.stages}


def test_counts_by_month_are_understood_at_the_months_end() -> None:
    text = (
        "年月,リード数,MQL数,広告費,クリック率\n"
        "2026年1月,100,40,300000,1.2%\n"
        "2026年2月,120,45,310000,1.3%\n"
    )
    found = of(text, grain="day", source="x")
    assert found.mapping is not None
    assert (found.mapping.grain, found.mapping.per) == (Grain.DAY, Per.MONTH)
    assert [(each.column, each.stage, each.measure) for each in found.mapping.counts] == [
        ("リード数", Stage.LEAD, None),
        ("MQL数", Stage.MARKETING_QUALIFIED, None),
        ("広告費", None, "広告費"),
    ]


def test_numbers_that_may_be_leads_are_asked() -> None:
    found = of("日,クリック数,コンバージョン\n2026-01-05,10,1\n2026-01-06,12,0\n")
    assert asked(found, "column:コンバージョン").open
    assert answer(found, "column:クリック数") == "measure"


# --- How it is asked ---


def test_questions_go_from_the_file_to_the_cells() -> None:
    text = (
        "Lead ID,Created,受付,Stage\n"
        "1,03/04/2026,2026-01-05T10:00:00Z,Kickoff\n2,05/06/2026,2026-01-06T10:00:00Z,Won\n"
    )
    order = [question.code for question in of(text, grain="event").questions]
    places = ("grain", "id", "stage", "at", "column", "value", "order", "zone", "source")
    assert [code for code in dict.fromkeys(order) if code in places] == [
        code for code in places if code in order
    ]


def test_an_answer_that_is_not_on_offer_is_not_taken() -> None:
    text = "Lead ID,作成日\n1,2026/01/05\n"
    assert open_keys(of(text, grain="month", source="x")) == ["grain"]
    assert answer(of(text, grain="lead", id="Nobody"), "id") == "Lead ID"


def test_what_was_concluded_can_be_overruled() -> None:
    text = "Lead ID,作成日,備考番号\n1,2026/01/05,9\n2,2026/01/06,8\n"
    found = of(text, grain="lead", source="x", id="備考番号", **{"column:作成日": "won"})
    assert found.mapping is not None
    assert found.mapping.id == "備考番号"
    assert Stage.WON in {stage.stage for stage in found.mapping.stages}
    assert asked(found, "id").given


def test_saying_what_the_rows_are_sets_a_known_mapping_aside() -> None:
    text = "日付,小計\n2026-01-05,10\n2026-01-06,11\n"
    assert of(text).known == "daily-counts"
    found = of(text, grain="day")
    assert (found.known, found.mapping) == (None, None)


def test_a_mapping_that_is_given_reads_the_file() -> None:
    first = of("Lead ID,作成日\n1,2026/01/05\n", grain="lead", source="x").mapping
    assert first is not None
    found = inspect(
        b"Lead ID,\xe4\xbd\x9c\xe6\x88\x90\xe6\x97\xa5\n7,2026/03/01\n",
        "n.csv",
        now=NOW,
        mapping=first,
    )
    assert (found.mapping, found.answers_needed) == (first, ())
    assert [row.lead for row in found.preview] == ["7"]
    known = inspect(
        "Lead ID,作成日\n8,2026/03/02\n".encode(), "n.csv", now=NOW, known=[first]
    )  # fmt: skip
    assert known.known == first.name


def test_a_mapping_that_does_not_fit_says_which_column_is_missing() -> None:
    first = of("Lead ID,作成日\n1,2026/01/05\n", grain="lead", source="x").mapping
    found = inspect("Lead ID,登録日\n7,2026/03/01\n".encode(), "n.csv", now=NOW, mapping=first)
    assert found.mapping is None
    assert [(issue.code, issue.column) for issue in found.issues] == [("column_missing", "作成日")]


def test_a_file_of_a_known_shape_still_lists_what_is_dropped() -> None:
    text = "Lead ID,作成日,メールアドレス\n1,2026/01/05,taro@a.co.jp\n"
    first = of(text, grain="lead", source="x").mapping
    assert first is not None
    found = inspect(text.encode(), "n.csv", now=NOW, known=[first])
    assert found.known == first.name
    assert [(each.header, each.kind) for each in found.dropped] == [
        ("メールアドレス", PersonKind.MAIL)
    ]


def test_where_no_column_is_used_that_is_said() -> None:
    found = of("日,x\n2026-01-05,10\n", grain="day", source="s", **{"column:x": "none"})
    assert (found.mapping, codes(found.issues)) == (None, ["nothing_mapped"])


def test_a_blank_name_of_the_source_is_no_answer() -> None:
    assert open_keys(of("Lead ID,作成日\n1,2026/01/05\n", grain="lead", source=" ")) == ["source"]


def test_what_a_late_row_proves_counts_as_well() -> None:
    days = [f"{n},{n % 9 + 1:02}/0{n % 8 + 1}/2026" for n in range(12_000)]
    text = "Lead ID,Created\n" + "\n".join([*days, "x,25/06/2026"]) + "\n"
    assert answer(of(text), "order:Created") == "day-month"


def test_ids_that_come_again_late_make_a_history() -> None:
    rows = [f"{n % 11_000},Proposal,2026-01-05" for n in range(22_000)]
    text = "Deal ID,Stage,Created\n" + "\n".join(rows) + "\n"
    assert asked(of(text), "grain").options[0].value == "event"


# --- Whatever comes ---


def files() -> list[str]:
    folder = Path(__file__).parents[3] / "shared" / "exports"
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.csv"))


@pytest.mark.parametrize("name", files())
def test_first_answers_end_in_a_mapping_that_reads_or_in_a_reason(shared: Path, name: str) -> None:
    found = answered(shared / "exports" / name, Path(name).name)
    assert (found.mapping is None) == bool(found.issues)
    if found.mapping is not None:
        assert read_mapping(found.mapping.text) == found.mapping
        assert found.mapping.fits(found.header)


HEADERS = st.sampled_from(
    [
        "id", "ID", "No", "Email", "氏名",
        "作成日", "createdate", "Close Date", "完了予定日", "MQL化日",
        "受注日", "Date", "年月", "Stage", "Lead Status",
        "IsWon", "Amount", "金額", "Score", "Source",
        "チャネル", "Clicks", "リード数", "コンバージョン",
        "2026年1月", "2026年2月", "生年月日", "x", "備考",
    ]
)  # fmt: skip
CELLS = st.sampled_from(
    [
        "", "1", "2", "20260105", "2026-01-05", "03/04/2026", "25/12/26", "2026-01-05T10:00:00Z",
        "46000", "1767571200000", "2026年1月", "R8.1.5", "Won", "Lead", "New", "f66c", "1.234",
        "1,234.5", "¥1,200", "true", "a@b.co", "東京都",
        "*", "-", "2050-01-01", "0000", "山田 太郎",
        '"', "=1+1",
    ]
)  # fmt: skip


@settings(max_examples=25)
@given(data=st.data())
def test_any_table_ends_in_a_mapping_that_reads_or_in_a_reason(data: st.DataObject) -> None:
    header = data.draw(st.lists(HEADERS, min_size=1, max_size=6))
    row = st.lists(CELLS, min_size=len(header), max_size=len(header))
    rows = data.draw(st.lists(row, min_size=1, max_size=6))
    lines = [header, *rows]
    quoted = "\n".join(
        ",".join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines
    )
    for likeliest in (0, -1):
        found = answered(quoted.encode(), "any.csv", likeliest)
        assert (found.mapping is None) == bool(found.issues), quoted
        if found.mapping is not None:
            assert isinstance(read_mapping(found.mapping.text), Mapping)


def test_a_stage_that_the_known_mapping_does_not_know_is_asked_not_dropped() -> None:
    saved = read_mapping(
        'name = "deals"\nsource = "crm"\ngrain = "event"\nid = "id"\nstage = "stage"\nat = "at"\n'
        '[stage_values]\nWon = "won"\n'
    )
    assert isinstance(saved, Mapping)
    content = b"id,stage,at\nA,Won,2026-03-01\nB,Verbal,2026-03-02\n"
    asked = inspect(content, "deals.csv", now=NOW, known=(saved,))
    assert (asked.known, asked.mapping) == ("deals", None)
    assert [question.key for question in asked.answers_needed] == ["value:Verbal"]
    answers = {"value:Verbal": "opportunity"}
    told = inspect(content, "deals.csv", now=NOW, known=(saved,), answers=answers)
    assert told.mapping is not None
    assert told.mapping.stage_values == {"Won": Stage.WON, "Verbal": Stage.OPPORTUNITY}


# --- A file of a known shape ---


@dataclass(frozen=True)
class Kept:
    """A mapping with the header it was made for, as a store keeps it."""

    name: str
    text: str
    fingerprint: str


def kept(text: str, **answers: str) -> Kept:
    """What was answered of a file."""
    found = of(text, **answers)
    assert found.mapping is not None, open_keys(found)
    return Kept("kept", found.mapping.text, fingerprint(found.header))


def again(text: str, known: Kept, **answers: str) -> Inspection:
    return inspect(text.encode(), "next.csv", now=NOW, answers=answers, known=(known,))


DEALS = (
    "Deal ID,Create Date,Close Date,Deal Stage\n"
    "1,2026-01-05,2026-02-01,Closed Won\n"
    "2,2026-01-06,2026-02-02,Closed Lost\n"
    "3,2026-01-07,2026-12-31,Proposal\n"
)
NEXT_DEALS = (
    "Deal ID,Create Date,Close Date,Deal Stage\n"
    "4,2026-01-05,2026-02-01,受注\n"
    "5,2026-01-06,2026-02-02,Won - Renewal\n"
    "6,2026-01-07,2026-12-31,proposal\n"
    "7,2026-01-08,2026-02-03,Dead\n"
    "8,2026-01-09,2026-02-04,closed won\n"
)


def test_a_new_value_for_a_closed_deal_is_asked_and_never_dropped() -> None:
    known = kept(DEALS, grain="lead", source="crm")
    assert again(DEALS, known).mapping is not None
    found = again(NEXT_DEALS, known)
    assert found.mapping is None
    assert open_keys(found) == ["value:Dead", "value:Won - Renewal", "value:受注"]
    assert asked(found, "value:受注").options[0].value == "won"
    said = {"value:受注": "won", "value:Won - Renewal": "won", "value:Dead": ""}
    told = again(NEXT_DEALS, known, **said)
    won = [row.lead for row in told.preview if Stage.WON in row.stages]
    assert won == ["4", "5", "8"]
    assert told.mapping is not None
    learned = Kept("kept", told.mapping.text, known.fingerprint)
    assert again(NEXT_DEALS, learned).mapping == told.mapping


def test_a_new_state_of_a_deal_is_asked_and_becomes_a_stage() -> None:
    known = kept("商談ID,フェーズ,作成日\n1,提案,2026/01/05\n", grain="snapshot", source="sf")
    text = "商談ID,フェーズ,作成日\n2,受注,2026/01/06\n3,提案,2026/01/06\n"
    assert open_keys(again(text, known)) == ["value:受注"]
    found = again(text, known, **{"value:受注": "won"})
    assert [row.stages for row in found.preview] == [
        {Stage.OPPORTUNITY: at("2026-01-06"), Stage.WON: None},
        {Stage.OPPORTUNITY: at("2026-01-06")},
    ]


FLAGS = "Opportunity ID,Created,Close Date,IsWon,IsClosed\n"


def test_another_way_to_say_yes_needs_no_question() -> None:
    known = kept(
        f"{FLAGS}1,2026-01-05,2026-02-01,true,true\n2,2026-01-05,2026-02-01,false,true\n"
        "3,2026-01-05,2026-12-01,false,false\n",
        grain="lead", source="sf",
    )  # fmt: skip
    text = (
        f"{FLAGS}4,2026-01-05,2026-02-01,1,1\n5,2026-01-05,2026-02-01,0,1\n"
        "6,2026-01-05,2026-12-01,0,0\n"
    )
    found = again(text, known)
    assert [sorted(row.stages) for row in found.preview] == [
        [Stage.OPPORTUNITY, Stage.WON], [Stage.LOST, Stage.OPPORTUNITY], [Stage.OPPORTUNITY],
    ]  # fmt: skip
    assert open_keys(again(text.replace(",1,1", ",maybe,1"), known)) == ["value:maybe"]


BY_HAND = """
name = "by-hand"
source = "crm"
grain = "lead"
id = "Deal ID"
[[stages]]
stage = "won"
date = "Close Date"
where = {"Deal Stage" = ["Closed Won"], "Type" = ["New"]}
"""


def test_a_mapping_that_says_nothing_of_other_values_asks_for_what_may_be_its_own() -> None:
    text = (
        "Deal ID,Close Date,Deal Stage,Type\n1,2026-02-01,Closed Won,New\n"
        "2,2026-02-01,Proposal,Renewal\n3,2026-02-01,Signed off,New\n4,2026-02-01,受注,New\n"
    )
    known = Kept("by-hand", BY_HAND, fingerprint(["Deal ID", "Close Date", "Deal Stage", "Type"]))
    assert open_keys(again(text, known)) == ["value:Signed off", "value:受注"]
    found = again(text, known, **{"value:Signed off": "", "value:受注": "won"})
    assert [row.lead for row in found.preview if row.stages] == ["1", "4"]


def test_a_column_that_tells_wins_from_losses_is_one_whatever_it_is_called() -> None:
    lost = '[[stages]]\nstage = "lost"\ndate = "Ende"\nwhere = {"Ergebnis" = ["verloren"]}\n'
    won = lost.replace("lost", "won").replace("verloren", "gewonnen")
    mapping = f'name = "a"\nsource = "a"\ngrain = "lead"\nid = "Nr"\n{won}{lost}'
    text = "Nr,Ende,Ergebnis\n1,2026-02-01,gewonnen\n2,2026-02-01,Zuschlag\n"
    known = Kept("a", mapping, fingerprint(["Nr", "Ende", "Ergebnis"]))
    assert open_keys(again(text, known)) == ["value:Zuschlag"]


LEADS = "Lead ID,Created,Email\n1,2026-01-05,a@b.co\n"


@pytest.mark.parametrize(
    "text",
    [
        "Lead ID,Created,MQL Date,Won Date\n1,2026-01-05,2026-01-06,2026-01-07\n",
        "Lead ID,Created,Stage\n1,2026-01-05,Lead\n1,2026-01-06,MQL\n",
        "Lead ID,Created,Lead Status\n1,2026-01-05,New\n",
        "Lead ID,Created,Übergabe\n1,2026-01-05,2026-01-06\n",
        "Lead ID,Created,Deal Name\n1,2026-01-05,Acme\n",
    ],
)
def test_a_file_of_another_shape_with_more_to_tell_is_asked_about(text: str) -> None:
    found = again(text, kept(LEADS, grain="lead", source="x"))
    assert (found.known, found.mapping) == (None, None)
    assert asked(found, "grain").open


@pytest.mark.parametrize(
    "text",
    [
        "Lead ID,Created,Company\n1,2026-01-05,Acme\n",
        "Lead ID,Created,Last Modified,Note\n1,2026-01-05,2026-02-01,call in May\n",
    ],
)
def test_a_file_with_nothing_more_to_tell_is_read_as_the_last_one(text: str) -> None:
    assert again(text, kept(LEADS, grain="lead", source="x")).mapping is not None


@pytest.mark.parametrize(
    "header",
    ["LEAD ID,created,EMAIL", "Ｌｅａｄ ＩＤ,Ｃｒｅａｔｅｄ,Email", "Email,Lead  id,Created"],
)
def test_the_case_and_width_of_a_header_do_not_matter(header: str, store: Store) -> None:
    row = "a@b.co,1,2026-01-05" if header.startswith("Email") else "1,2026-01-05,a@b.co"
    text = f"{header}\n{row}\n"
    found = again(text, kept(LEADS, grain="lead", source="x"))
    assert found.mapping is not None
    assert [row.stages for row in found.preview] == [{Stage.LEAD: at("2026-01-05")}]
    assert read_mapping(found.mapping.text) == found.mapping
    import_file(store, text.encode(), "next.csv", found.mapping, who="test", now=NOW)
    assert store.leads() == 1


def test_a_mapping_that_is_given_reads_a_header_of_another_case() -> None:
    mapping = of(LEADS, grain="lead", source="x").mapping
    found = inspect(LEADS.upper().encode(), "n.csv", now=NOW, mapping=mapping)
    assert [row.lead for row in found.preview] == ["1"]
