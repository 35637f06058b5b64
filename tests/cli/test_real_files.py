"""Real files through the command line: the numbers are those counted independently."""

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Ran, Run

OLIST = {"olist_leads": "olist-leads", "olist_deals": "olist-deals"}


@pytest.fixture(scope="module")
def cases(shared: Path) -> dict[str, Any]:
    document = json.loads((shared / "exports" / "cases.json").read_text(encoding="utf-8"))
    return {case["id"]: case["expect"] for case in document["cases"]}


@pytest.fixture(scope="module")
def files(shared: Path) -> dict[str, Path]:
    exports = shared / "exports"
    return {
        "olist_leads": exports / "olist_funnel/olist_marketing_qualified_leads_dataset.csv",
        "olist_deals": exports / "olist_funnel/olist_closed_deals_dataset.csv",
        "maven": exports / "maven_crm/sales_pipeline.csv",
        "daily": exports / "jp_covid_iso_tz/contacts.csv",
    }


def counts(run: Run, stage: str, *options: str) -> Any:
    ran = run("counts", "--stage", stage, *options, "--json")
    assert (ran.code, ran.err) == (0, "")
    return ran.json


def by_month(run: Run, stage: str) -> dict[str, int]:
    return {row["key"]: row["count"] for row in counts(run, stage, "--by", "month")["rows"]}


def take_in(run: Run, path: Path, mapping: str) -> Ran:
    ran = run("import", str(path), "--mapping", mapping, "--json")
    assert (ran.code, ran.err) == (0, "")
    return ran


@pytest.mark.parametrize("order", list(itertools.permutations(OLIST)), ids=" then ".join)
def test_olist_in_either_order_and_twice(
    run: Run, files: dict[str, Path], cases: dict[str, Any], order: tuple[str, ...]
) -> None:
    for name in (*order, *order):
        take_in(run, files[name], OLIST[name])
    assert by_month(run, "marketing_qualified") == cases["olist_join"]["events"]["mql"]
    assert by_month(run, "won") == cases["olist_join"]["events"]["won"]
    totals = {stage: counts(run, stage)["total"] for stage in ("marketing_qualified", "won")}
    assert totals == {"marketing_qualified": 8000, "won": 842}
    listed = run("imports", "--json").json["imports"]
    assert len(listed) == 2


def test_olists_wins_are_of_the_same_leads(run: Run, files: dict[str, Path]) -> None:
    take_in(run, files["olist_leads"], "olist-leads")
    receipt = take_in(run, files["olist_deals"], "olist-deals").json["receipts"][0]
    assert (receipt["new"], receipt["new_leads"], receipt["flagged"]) == (842, 0, 1)
    assert receipt["rejected_rows"] == 0
    assert [issue["line"] for issue in receipt["issues"]] == [669]


def test_maven_keeps_what_has_no_date(
    run: Run, files: dict[str, Path], cases: dict[str, Any]
) -> None:
    for _ in range(2):
        take_in(run, files["maven"], "maven-pipeline")
    expected = cases["maven_iso"]
    assert by_month(run, "opportunity") == expected["events"]["opp"]
    # The newest deal was opened on 27 December: a board ends there, and 86 wins close after that.
    wins = counts(run, "won", "--by", "month")
    assert (wins["later"], wins["as_of"]) == (86, "2017-12-28T00:00:00")
    assert {row["key"]: row["count"] for row in wins["rows"]} == expected["events"]["won"]
    assert counts(run, "lost")["total"] == sum(expected["events"]["lost"].values())
    report = counts(run, "opportunity")
    assert (report["total"], report["undated"], report["basis"]) == (8300, 500, "event")
    said = run("counts", "--stage", "opportunity").out
    assert "Undated, so not in any row: 500" in said


def test_daily_counts_add_up(run: Run, files: dict[str, Path], cases: dict[str, Any]) -> None:
    for _ in range(2):
        take_in(run, files["daily"], "daily-counts")
    expected = cases["daily_counts_jp"]
    assert by_month(run, "lead") == expected["sum_by_month"]
    days = counts(run, "lead", "--by", "day")
    assert (days["total"], len(days["rows"])) == (15564, expected["days"])


def test_both_of_a_pair_in_one_command(run: Run, files: dict[str, Path]) -> None:
    ran = run("import", *map(str, (files["olist_leads"],) * 2), "--mapping", "olist-leads")
    assert ran.code == 0
    assert "Same content as import 1: nothing changed." in ran.out
    assert "8,000" in ran.out


def test_channels_add_up_to_the_months(run: Run, files: dict[str, Path]) -> None:
    take_in(run, files["olist_leads"], "olist-leads")
    report = counts(run, "marketing_qualified", "--by", "channel")
    assert report["total"] == 8000
    sizes = {row["key"]: row["count"] for row in report["rows"]}
    assert sizes[""] == 60
    assert sizes["unknown"] == 1099
    in_may = counts(run, "marketing_qualified", "--by", "channel", "--from", "2018-05")
    assert in_may["total"] == 1303
    day = counts(run, "marketing_qualified", "--from", "2018-05-01", "--to", "2018-05")
    assert day["total"] == 1303
