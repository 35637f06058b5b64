"""What columns and stages are called."""

import tomllib
from collections import Counter
from importlib.resources import files

import pytest

from kpi_core.domain.stage import Stage
from kpi_core.mapping import synonyms
from kpi_core.mapping.synonyms import Role

LEAD, MQL, SQL = Stage.LEAD, Stage.MARKETING_QUALIFIED, Stage.SALES_QUALIFIED
OPP, WON, LOST = Stage.OPPORTUNITY, Stage.WON, Stage.LOST


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ("createdate", Role.CREATED),
        ("CreatedDate", Role.CREATED),
        ("Create Date", Role.CREATED),
        ("作成日時", Role.CREATED),
        ("リード: 作成日", Role.CREATED),
        ("Deal - Deal created", Role.CREATED),
        ("LastModifiedDate", Role.OTHER_DATE),
        ("更新日時", Role.OTHER_DATE),
        ("完了予定日", Role.CLOSE),
        ("Closing Date", Role.CLOSE),
        ("Deal - Expected close date", Role.PLANNED),
        ("生年月日", Role.BIRTHDAY),
        ("レコード番号", Role.ID),
        ("Record ID - Contact", Role.ID),
        ("ＩＤ", Role.ID),
        ("StageName", Role.STAGE),
        ("フェーズ", Role.STAGE),
        ("Lead Status", Role.STATUS),
        ("IsWon", Role.IS_WON),
        ("Amount (JPY)", Role.AMOUNT),
        ("受注金額", Role.AMOUNT),
        ("HubSpot Score", Role.QUALITY),
        ("リードソース", Role.CHANNEL),
        ("Sub_Source__c", None),
        ("なにか", None),
    ],
)
def test_a_header_is_known_in_both_languages_by_label_and_internal_name(
    header: str, role: Role | None
) -> None:
    found = synonyms.roles(header)
    assert (found == ()) if role is None else (role in found)


@pytest.mark.parametrize(
    ("header", "stages"),
    [
        ("hs_lifecyclestage_marketingqualifiedlead_date", (MQL,)),
        ("Became a Marketing Qualified Lead Date", (MQL,)),
        ('Date entered "Discovery (Sales Pipeline)"', (OPP, SQL)),
        ('Date entered "Proposal (Sales Pipeline)"', (OPP,)),
        ('Date entered "Marketing Qualified Lead (Lifecycle Stage Pipeline)"', (MQL,)),
        ('Date entered "Kickoff (Sales Pipeline)"', ()),
        ('Date exited "Discovery (Sales Pipeline)"', (None,)),
        ("hs_date_entered_closedwon", (WON,)),
        ("MQL化日", (MQL,)),
        ("ｍｑｌ日", (MQL,)),
        ("SQLになった日付", (SQL,)),
        ("商談化日", (OPP,)),
        ("受注日", (WON,)),
        ("失注日", (LOST,)),
        ("Deal - Won time", (WON,)),
        ("won", (WON,)),
        ("ConvertedDate", (OPP, SQL)),
        ("LastModifiedDate", None),
        ("更新日", None),
        ("生年月日", None),
    ],
)
def test_a_header_names_the_stage_that_its_dates_are_of(
    header: str, stages: tuple[Stage | None, ...] | None
) -> None:
    assert synonyms.stages_of_date(header) == stages


@pytest.mark.parametrize(
    ("value", "stages"),
    [
        ("Closed Won", (WON,)),
        ("closedwon", (WON,)),
        ("Closed Won (Sales Pipeline)", (WON,)),
        ("3. 提案", (OPP,)),
        ("②提案", (OPP,)),
        ("03_受注", (WON,)),
        ("10%: ヒアリング", (OPP,)),
        ("Marketing Qualified Lead", (MQL,)),
        ("Closed - Converted", (OPP, SQL)),
        ("Subscriber", (None, LEAD)),
        ("f66ca9bc5a02c2f1513ce83f0a0e117d", ()),
        ("", ()),
    ],
)
def test_a_value_names_a_stage_or_several_or_none_that_is_known(
    value: str, stages: tuple[Stage | None, ...]
) -> None:
    assert synonyms.stages_of_value(value) == stages


def test_a_month_or_a_year_in_a_header() -> None:
    months = {
        "Searches: Oct 2020": (2020, 10), "2024年5月": (2024, 5), "2024/05": (2024, 5),
        "R6.5": (2024, 5), "2005年": None, "Q1 2024": None,
    }  # fmt: skip
    assert {header: synonyms.month_of(header) for header in months} == months
    assert [synonyms.is_year(header) for header in ("2005年", "FY2024", "2024/05")] == [
        True, True, False,
    ]  # fmt: skip


def test_rates_and_averages_do_not_add_up() -> None:
    never = ("Avg. CPC", "クリック率", "CTR", "Cost / conv.", "平均掲載順位", "Bounce rate")
    assert [header for header in never if synonyms.adds_up(header)] == []
    always = ("Cost", "費用", "クリック数", "Impressions", "小計")
    assert [header for header in always if not synonyms.adds_up(header)] == []


@pytest.mark.parametrize(
    ("header", "product"),
    [
        (("ID", "ISDELETED", "CREATEDDATE"), "salesforce"),
        (("商談名", "フェーズ", "完了予定日"), "salesforce"),
        (("hs_object_id", "email"), "hubspot"),
        (("Deal - ID", "Deal - Title"), "pipedrive"),
        (("レコード番号", "会社名"), "kintone"),
        (("Prospect ID", "Email"), "account-engagement"),
        (("id", "created_time", "ad_name"), "meta"),
        (("lead", "day"), None),
    ],
)
def test_a_header_tells_whose_export_it_is(header: tuple[str, ...], product: str | None) -> None:
    assert synonyms.product(header) == product


def test_the_table_names_no_stage_or_role_that_there_is_not() -> None:
    text = files("kpi_core.mapping").joinpath("synonyms.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    assert set(table["columns"]) == set(Role)
    for section in ("dates", "values", "counts"):
        assert set(table[section]) == set(Stage)
    for section in ("unclear_dates", "unclear_values", "unclear_counts"):
        named = {stage for stages in table[section].values() for stage in stages}
        assert named <= {*Stage, ""}


@pytest.mark.parametrize("section", ["dates", "values", "counts"])
def test_no_name_stands_for_two_stages_without_being_asked(section: str) -> None:
    text = files("kpi_core.mapping").joinpath("synonyms.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    sure = Counter(
        name for names in table[section].values() for name in {synonyms.plain(n) for n in names}
    )
    unclear = {synonyms.plain(name) for name in table[f"unclear_{section}"]}
    assert [name for name, times in sure.items() if times > 1 or name in unclear] == []
