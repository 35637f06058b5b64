"""Why a file is refused is what is wrong with it; the first table on offer is one that counts."""

from io import BytesIO
from zipfile import ZipFile

import pytest

from kpi_core.i18n.catalog import Language, Words
from kpi_core.ingest.inspect import inspect
from kpi_core.ingest.issue_text import sentence
from tests.ingest.inspected import NOW, asked, codes, of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Lead ID,Created\nL0,2026-10-01,fair\nL1,2026-10-02,good\nL2,2026-10-03,fair\n", "3 ≠ 2"),
        ("リードID;作成日\nA;2026-10-01;x;y\nB;2026-10-02;x;y\nC;2026-10-03;x;y\n", "4 ≠ 2"),
        ("id\tdate\tstage\tamount\n1\t2026-10-01\tWon\n2\t2026-10-02\tLost\n", "3 ≠ 4"),
    ],
)
def test_rows_of_which_none_is_as_wide_as_the_header_are_refused_by_that(
    text: str, value: str
) -> None:
    (issue,) = of(text).issues
    assert (issue.code, issue.value) == ("no_row_fits", value)
    for language in Language:
        assert value in sentence(issue, Words(language))


def test_a_row_that_is_too_wide_beside_others_that_are_not_is_the_only_one_rejected() -> None:
    found = of("Lead ID,Created\nL0,2026-10-01,x\nL1,2026-10-02\nL2,2026-10-03\n")
    assert not found.refused
    assert codes(found.notes) == ["ragged"]


@pytest.mark.parametrize(
    ("title", "value"),
    [
        ('"January 20, 2026 - January 21, 2026"', "2026-01 (2026-01-20 – 2026-01-21)"),
        ("期間: 2026/02/01 - 2026/02/28", "2026-02 (2026-02-01 – 2026-02-28)"),
        ("# Start date: 20261101\n# End date: 20261130", "2026-11 (2026-11-01 – 2026-11-30)"),
    ],
)
def test_a_total_that_lies_within_a_month_is_said_to(title: str, value: str) -> None:
    (issue,) = of(f"{title}\nCampaign,Impr.,Clicks\nAlpha,100,5\nBeta,50,1\n").issues
    assert (issue.code, issue.value) == ("total_within_month", value)
    for language in Language:
        assert value in sentence(issue, Words(language))


def test_a_total_of_two_months_cannot_be_placed() -> None:
    text = "期間: 2026/02/01 - 2026/03/31\nCampaign,Impr.,Clicks\nAlpha,100,5\nBeta,50,1\n"
    assert codes(of(text).issues) == ["no_date_column", "period_total"]


@pytest.mark.parametrize(
    "header", ["lead_id,created,stage,amount", "Lead ID,Created Date,Won Date", "リードID,受注日"]
)
def test_a_file_of_a_header_alone_has_no_rows(header: str) -> None:
    assert codes(of(f"{header}\n").issues) == ["no_rows"]


ACCOUNTS = "account,sector\nNorthfield,retail\n"
TEAMS = "営業担当,拠点\n山田,東京\n佐藤,大阪\n"


@pytest.mark.parametrize(
    ("members", "first"),
    [
        (
            {
                "accounts.csv": ACCOUNTS,
                "pipeline.csv": "opportunity_id,deal_stage,engage_date\nK1,Won,2026-01-05\n",
            },
            "pipeline.csv",
        ),
        (
            {"a.csv": TEAMS, "b.csv": ACCOUNTS, "商談.csv": "商談ID,商談作成日\nK1,2026年1月5日\n"},
            "商談.csv",
        ),
        (
            {"leads.csv": "Lead ID,Created\nL1,05/01/2026\n", "accounts.csv": ACCOUNTS},
            "leads.csv",
        ),
        (
            {"teams.csv": TEAMS, "月別.csv": "月,リード数\n2026年1月,5\n2026年2月,6\n"},
            "月別.csv",
        ),
    ],
)
def test_a_table_with_dates_is_offered_before_those_beside_it(
    members: dict[str, str], first: str
) -> None:
    packed = BytesIO()
    with ZipFile(packed, "w") as zipped:
        for name, text in members.items():
            zipped.writestr(name, text)
    found = inspect(packed.getvalue(), "all.zip", now=NOW)
    assert asked(found, "table").options[0].value == first
    assert not inspect(packed.getvalue(), "all.zip", now=NOW, answers={"table": first}).refused
