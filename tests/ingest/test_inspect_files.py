"""The real files, and any other: each is concluded as far as it is certain."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_core.domain.stage import Stage
from kpi_core.ingest.inspect import inspect
from kpi_core.mapping.document import Blank, Mapping, Per
from kpi_core.mapping.parse import read_mapping
from tests.ingest.inspected import NOW, answer, answered, asked, codes, open_keys

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
        [f"value:{value}" for value in HASHES],
        {"id": "deal_id", "stage": "value", "at": "date_entered", "source": "hubspot"},
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
         'column:Date entered "Closed Won (Sales Pipeline)"': "won", "column:Close Date": "close",
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
        ("gads_campaign", ["total_within_month"]),
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
