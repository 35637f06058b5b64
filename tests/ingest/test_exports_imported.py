"""Every case of ../shared/exports/cases.json, from file to store, as a user would answer it.

`cases.json` was worked out independently. What is answered here is what the user knows: what the
stages of their own process are. Nothing else may have to be said.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from kpi_core.domain.aggregate import Tally, TallyKind
from kpi_core.domain.issue import Severity
from kpi_core.domain.period import Period
from kpi_core.domain.question import open_questions
from kpi_core.domain.receipt import Receipt
from kpi_core.domain.stage import Stage
from kpi_core.facts.store import Store
from kpi_core.ingest.import_file import import_file
from kpi_core.ingest.inspect import Inspection, inspect
from kpi_core.parsing.date_formats import Order
from kpi_core.parsing.dates import DateReading, read_dates
from kpi_core.parsing.numbers import NumberReading, read_numbers
from kpi_core.tabular.opened_file import How
from kpi_core.tabular.reader import open_file
from kpi_core.tabular.table import Table

at = datetime.fromisoformat
NOW = at("2026-11-22 09:00")
ALWAYS = Period(date(2000, 1, 1), date(2030, 12, 31))

Case = dict[str, Any]
Cases = dict[str, Case]


def test_every_case_has_a_test(cases: Cases) -> None:
    here = vars(sys.modules[__name__])
    assert [case for case in cases if f"test_{case}" not in here] == []


def file_of(shared: Path, case: Case, number: int = 0) -> Path:
    return shared / "exports" / str(case["files"][number])


def looked_at(path: Path, **answers: str) -> Inspection:
    return inspect(path, path.name, now=NOW, answers=answers)


def take_in(store: Store, path: Path, answers: Mapping[str, str]) -> Receipt:
    """The file, imported with these answers and no others."""
    found = inspect(path, path.name, now=NOW, answers=answers)
    assert [question.key for question in open_questions(found.questions)] == []
    assert found.mapping is not None, found.issues
    return import_file(store, path, None, found.mapping, who="test", now=NOW)


def by_month(store: Store, stage: Stage) -> dict[str, float]:
    """Leads that first reached a stage, by month."""
    return _months(store, Tally(TallyKind.REACHED, stage=stage))


def _months(store: Store, tally: Tally) -> dict[str, float]:
    store.register([tally])
    found: defaultdict[str, float] = defaultdict(float)
    for day, value in store.daily([tally], ALWAYS)[tally].items():
        found[f"{day:%Y-%m}"] += value
    return dict(found)


def by_day(store: Store, measure: str) -> dict[str, float]:
    tally = Tally(TallyKind.MEASURE, name=measure)
    store.register([tally])
    return {day.isoformat(): value for day, value in store.daily([tally], ALWAYS)[tally].items()}


def flagged(receipt: Receipt, code: str) -> int:
    return sum(
        issue.code == code and issue.severity is Severity.FLAGGED for issue in receipt.issues
    )


def cells(table: Table) -> pd.DataFrame:
    """The table as it is read, columns named by the header."""
    with duckdb.connect() as scratch:
        table.stage(scratch, "staged")
        frame = scratch.execute("select * exclude (line) from staged order by line").df()
    return frame.set_axis(list(table.header), axis=1)


def opened(path: Path, **how: Any) -> Table:
    found = open_file(path, path.name, How(**how))
    assert found.table is not None, (found.issues, found.questions)
    return found.table


def roles(meaning: Mapping[str, str]) -> dict[str, str]:
    return {f"column:{header}": role for header, role in meaning.items()}


def stages(meaning: Mapping[str, str]) -> dict[str, str]:
    return {f"value:{value}": stage for value, stage in meaning.items()}


# --- Funnels ---

OLIST_LEADS = {
    "grain": "lead",
    "id": "mql_id",
    "source": "olist",
    **roles({"first_contact_date": "marketing_qualified", "origin": "channel"}),
}


def test_olist_leads(store: Store, shared: Path, cases: Cases) -> None:
    case = cases["olist_leads"]
    expected = case["expect"]
    receipt = take_in(store, file_of(shared, case), OLIST_LEADS)
    assert by_month(store, Stage.MARKETING_QUALIFIED) == expected["events"]["mql"]
    assert (receipt.rejected_rows, receipt.undated) == (0, 0)
    assert store.leads() == expected["leads"]
    reached = Tally(TallyKind.REACHED, stage=Stage.MARKETING_QUALIFIED)
    channels = store.by_channel([reached], ALWAYS)[reached]
    assert channels[""] == expected["blank_origin"]
    assert channels["unknown"] == expected["origin_unknown_text"]


def test_olist_join(store: Store, shared: Path, cases: Cases) -> None:
    case = cases["olist_join"]
    expected = case["expect"]
    take_in(store, file_of(shared, case), OLIST_LEADS)
    deals = {"grain": "lead", "id": "mql_id", "source": "olist", **roles({"won_date": "won"})}
    receipt = take_in(store, file_of(shared, case, 1), deals)
    assert by_month(store, Stage.MARKETING_QUALIFIED) == expected["events"]["mql"]
    assert by_month(store, Stage.WON) == expected["events"]["won"]
    assert store.leads() == expected["leads"]
    assert receipt.new_leads == expected["orphan_won"] == 0
    assert flagged(receipt, "before_earlier_stage") == expected["won_before_lead"]
    converted = Tally(TallyKind.CONVERTED, stage=Stage.MARKETING_QUALIFIED, to_stage=Stage.WON)
    assert _months(store, converted) == {
        month: cohort["won_so_far"]
        for month, cohort in expected["cohort_conversion_to_won"].items()
        if cohort["won_so_far"]
    }


def test_maven_iso(store: Store, shared: Path, cases: Cases) -> None:
    case = cases["maven_iso"]
    expected = case["expect"]
    found = looked_at(file_of(shared, case))
    assert found.known == "maven-pipeline"
    receipt = take_in(store, file_of(shared, case), {})
    assert (receipt.rows, receipt.rejected_rows) == (expected["rows"], 0)
    assert receipt.undated == store.undated(Stage.OPPORTUNITY) == expected["undated"]["opp"]
    for stage, key in ((Stage.OPPORTUNITY, "opp"), (Stage.WON, "won"), (Stage.LOST, "lost")):
        assert by_month(store, stage) == expected["events"][key]
    amount = _months(store, Tally(TallyKind.AMOUNT, stage=Stage.WON))
    assert sum(amount.values()) == expected["won_value"]


def test_zoho_leads(store: Store, shared: Path, cases: Cases) -> None:
    case = cases["zoho_leads"]
    expected = case["expect"]
    answers = {"grain": "lead", "id": "LEADID", "source": "zoho", **roles({"Created Time": "lead"})}
    receipt = take_in(store, file_of(shared, case), answers)
    assert by_month(store, Stage.LEAD) == expected["events"]["lead"]
    assert (store.leads(), receipt.rejected_rows) == (expected["leads"], 0)
    assert by_month(store, Stage.MARKETING_QUALIFIED) == {}


HISTORY = {
    "Qualification": "sales_qualified",
    "Negotiation/Review": "renewed",
    "Closed Won": "won",
    "Id. Decision Makers": "opportunity",
    "Proposal/Price Quote": "marketing_qualified",
    "Closed Lost": "lost",
    "Value Proposition": "churned",
    "Prospecting": "lead",
    "Perception Analysis": "",
    "Needs Analysis": "",
}
"""Each stage of theirs as one of ours, so that each can be counted."""


def test_sf_opportunity_history(store: Store, shared: Path, cases: Cases) -> None:
    case = cases["sf_opportunity_history"]
    expected = case["expect"]
    answers = {
        "grain": "event",
        "id": "OpportunityId",
        "stage": "StageName",
        "at": "CreatedDate",
        "order:CreatedDate": "month-day",
        "source": "salesforce",
        **stages(HISTORY),
    }
    receipt = take_in(store, file_of(shared, case), answers)
    assert (receipt.rows, receipt.rejected_rows) == (expected["change_rows"], 0)
    for value, ours in HISTORY.items():
        if ours and ours != "won":
            assert by_month(store, Stage(ours)) == expected["first_entry_per_stage"][value], value
    # 19 were won at some time; 7 of these were lost afterwards and are no wins any more.
    wins = expected["last_stage"]["Closed Won"]
    assert sum(expected["first_entry_per_stage"]["Closed Won"].values()) - wins == 7
    assert sum(by_month(store, Stage.WON).values()) == wins
    assert flagged(receipt, "stage_left") == expected["won_then_lost"]


def test_sf_opportunity_history_stages_left_over(store: Store, shared: Path, cases: Cases) -> None:
    case = cases["sf_opportunity_history"]
    meaning = dict.fromkeys(HISTORY, "")
    meaning |= {"Perception Analysis": "lead", "Needs Analysis": "opportunity"}
    answers = {
        "grain": "event",
        "id": "OpportunityId",
        "stage": "StageName",
        "at": "CreatedDate",
        "order:CreatedDate": "month-day",
        "source": "salesforce",
        **stages(meaning),
    }
    take_in(store, file_of(shared, case), answers)
    first = case["expect"]["first_entry_per_stage"]
    assert by_month(store, Stage.LEAD) == first["Perception Analysis"]
    assert by_month(store, Stage.OPPORTUNITY) == first["Needs Analysis"]


def test_sf_leads_no_created(store: Store, shared: Path, cases: Cases) -> None:
    case = cases["sf_leads_no_created"]
    expected = case["expect"]
    answers = {
        "grain": "lead",
        "id": "Id",
        "source": "salesforce",
        "order:ConvertedDate": "month-day",
        **roles({"ConvertedDate": "sales_qualified"}),
    }
    found = inspect(file_of(shared, case), "Lead.csv", now=NOW, answers=answers)
    assert "no_created_column" in {note.code for note in found.notes}
    assert found.mapping is not None
    assert not any("LastModified" in column for column in found.mapping.columns)
    take_in(store, file_of(shared, case), answers)
    assert by_month(store, Stage.SALES_QUALIFIED) == expected["events"]["converted"]
    assert by_month(store, Stage.LEAD) == {}


def test_sf_dataloader_opps(store: Store, shared: Path, cases: Cases) -> None:
    case = cases["sf_dataloader_opps"]
    expected = case["expect"]
    answers = {
        "grain": "lead",
        "id": "ID",
        "source": "salesforce",
        "zone": "Asia/Tokyo",
        **roles({"CREATEDDATE": "opportunity", "CLOSEDATE": "won", "AMOUNT": "amount"}),
    }
    receipt = take_in(store, file_of(shared, case), answers)
    assert by_month(store, Stage.OPPORTUNITY) == expected["opp_months_in_asia_tokyo"]
    assert by_month(store, Stage.WON) == expected["events"]["won"]
    assert flagged(receipt, "before_earlier_stage") == expected["won_before_created"]
    assert receipt.rejected_rows == 0
    amount = _months(store, Tally(TallyKind.AMOUNT, stage=Stage.WON))
    assert sum(amount.values()) == expected["won_amount"]


def test_marketo_leads(store: Store, shared: Path, cases: Cases) -> None:
    case = cases["marketo_leads"]
    answers = {"grain": "lead", "id": "id", "source": "marketo", **roles({"created_at": "lead"})}
    take_in(store, file_of(shared, case), answers)
    assert by_month(store, Stage.LEAD) == case["expect"]["events"]["lead"]
    assert store.leads() == case["expect"]["leads"]


def test_hubspot_deal_stage_log(store: Store, shared: Path, cases: Cases) -> None:
    case = cases["hubspot_deal_stage_log"]
    expected = case["expect"]
    known = {"grain": "event", "id": "deal_id", "stage": "value", "at": "date_entered"}
    known["source"] = "hubspot"
    asked = open_questions(looked_at(file_of(shared, case), **known).questions)
    hashes = [question.subject for question in asked if question.code == "value"]
    assert len(hashes) == len(asked) == expected["stages"]
    meaning = dict(zip(hashes, ("lead", "opportunity", "won"), strict=True))
    take_in(store, file_of(shared, case), known | stages(meaning))
    found: Counter[str] = Counter()
    for stage in (Stage.LEAD, Stage.OPPORTUNITY, Stage.WON):
        found.update(by_month(store, stage))
    assert dict(found) == expected["stage_events"]
    assert store.leads() == expected["deals"]


def test_hubspot_contacts_snapshot(store: Store, shared: Path, cases: Cases) -> None:
    case = cases["hubspot_contacts_snapshot"]
    expected = case["expect"]
    answers = {
        "grain": "snapshot",
        "id": "Contact ID",
        "stage": "Lifecycle Stage",
        "at": "Create Date",
        "source": "hubspot",
        **stages(
            {
                "Lead": "lead",
                "Other": "",
                "Marketing Qualified Lead": "marketing_qualified",
                "Sales Qualified Lead": "sales_qualified",
                "Subscriber": "",
                "Evangelist": "",
                "Opportunity": "opportunity",
                "Customer": "won",
            }
        ),
    }
    take_in(store, file_of(shared, case), answers)
    assert by_month(store, Stage.LEAD) == expected["events"]["lead"]
    assert store.leads() == expected["leads"]
    now = expected["current_stage"]
    for stage, value in (
        (Stage.MARKETING_QUALIFIED, "Marketing Qualified Lead"),
        (Stage.SALES_QUALIFIED, "Sales Qualified Lead"),
        (Stage.OPPORTUNITY, "Opportunity"),
        (Stage.WON, "Customer"),
    ):
        assert by_month(store, stage) == {}
        assert store.undated(stage) == now[value]


def test_hubspot_date_entered_clean(store: Store, shared: Path, cases: Cases) -> None:
    case = cases["hubspot_date_entered_clean"]
    expected = case["expect"]
    ours = {
        "Discovery": "lead",
        "Qualified": "marketing_qualified",
        "Demo": "sales_qualified",
        "Proposal": "opportunity",
        "Negotiation": "renewed",
        "Closed Won": "won",
        "Closed Lost": "lost",
    }
    entered = {f'Date entered "{value} (Sales Pipeline)"': stage for value, stage in ours.items()}
    answers = {
        "grain": "lead",
        "id": "Record ID",
        "source": "hubspot",
        **roles({**entered, "Create Date": "none", "Close Date": "none"}),
    }
    receipt = take_in(store, file_of(shared, case), answers)
    for value, stage in ours.items():
        assert by_month(store, Stage(stage)) == expected["events"][value], value
    assert (store.leads(), receipt.rejected_rows) == (expected["deals"], 0)


def test_meta_like(store: Store, shared: Path, cases: Cases) -> None:
    case = cases["meta_like"]
    answers = {"grain": "lead", "id": "id", "source": "meta", **roles({"created_time": "lead"})}
    receipt = take_in(store, file_of(shared, case), answers)
    assert by_month(store, Stage.LEAD) == case["expect"]["events"]["lead"]
    assert (store.leads(), receipt.rejected_rows) == (case["expect"]["leads"], 0)


# --- Refused, or told about ---


def test_mautic_contacts(shared: Path, cases: Cases) -> None:
    case = cases["mautic_contacts"]
    found = looked_at(file_of(shared, case))
    assert found.opened.table is not None
    assert list(found.opened.table.header) == case["parse"]["headers"]
    assert found.opened.table.rows == case["expect"]["leads"]
    assert found.mapping is None
    assert "no_date_column" in {issue.code for issue in found.issues}


def test_blank_headers(shared: Path, cases: Cases) -> None:
    case = cases["blank_headers"]
    found = looked_at(file_of(shared, case))
    table = found.opened.table
    assert table is not None
    assert table.rows == case["expect"]["rows"]
    assert len(set(table.header)) == len(case["parse"]["headers"])
    assert found.mapping is None
    assert "no_date_column" in {issue.code for issue in found.issues}


def test_sf_error_file(shared: Path, cases: Cases) -> None:
    case = cases["sf_error_file"]
    found = looked_at(file_of(shared, case))
    assert found.opened.table is not None
    assert Counter(cells(found.opened.table)["ERROR"]) == case["expect"]["errors"]
    assert found.mapping is None
    assert "error_file" in {note.code for note in (*found.notes, *found.issues)}


# --- Encodings ---


def test_cp932_holidays(shared: Path, cases: Cases) -> None:
    case = cases["cp932_holidays"]
    table = opened(file_of(shared, case))
    assert list(table.header) == case["parse"]["headers"]
    frame = cells(table)
    assert len(frame) == case["parse"]["data_rows"]
    assert frame.iloc[0].tolist() == case["expect"]["first"]
    assert frame.iloc[-1].tolist() == case["expect"]["last"]
    days = read_dates(frame.iloc[:, 0], DateReading())["at"]
    years = days.dt.year.value_counts()
    for year, rows in case["expect"]["rows_by_year_2024_2026"].items():
        assert years[int(year)] == rows


def test_cp932_estat_wide(shared: Path, cases: Cases) -> None:
    case = cases["cp932_estat_wide"]
    table = opened(file_of(shared, case))
    assert list(table.header) == case["parse"]["headers"]
    frame = cells(table)
    assert len(frame) == case["parse"]["data_rows"]
    national = frame[frame["全国・都道府県"] == "全国"].iloc[0]
    for year, value in case["expect"]["national_row"].items():
        assert read_numbers(pd.Series([national[year]]), NumberReading())["number"][0] == value


def test_utf8bom_fullwidth_digits(shared: Path, cases: Cases) -> None:
    case = cases["utf8bom_fullwidth_digits"]
    table = opened(file_of(shared, case))
    assert table.header[0] == case["parse"]["first_header"]
    frame = cells(table)
    assert frame.shape == (case["parse"]["data_rows"], case["parse"]["columns"])
    found = frame.stack().astype("str")
    wide = found[found.str.contains("[０-９]", regex=True)]
    assert len(wide) == case["expect"]["cells_with_fullwidth_digits"]
    for example in case["expect"]["examples"]:
        assert wide.str.contains(example, regex=False).any()


def test_utf16_tab_preamble(shared: Path, cases: Cases) -> None:
    case = cases["utf16_tab_preamble"]
    found = open_file(file_of(shared, case), "Keyword Stats.csv")
    assert found.delimiter == "\t"
    assert found.table is not None
    frame = cells(found.table)
    assert frame.shape == (case["parse"]["data_rows"], case["parse"]["columns"])
    for month, value in case["expect"]["searches_by_month"].items():
        numbers = read_numbers(frame[f"Searches: {month}"].dropna(), NumberReading())["number"]
        assert numbers.sum() == value


def test_bom_triplet(shared: Path, cases: Cases) -> None:
    case = cases["bom_triplet"]
    for number in range(3):
        table = opened(file_of(shared, case, number))
        assert [list(table.header), *cells(table).to_numpy().tolist()] == case["expect"][
            "same_table"
        ]


def test_offset_formats(shared: Path, cases: Cases) -> None:
    case = cases["offset_formats"]
    frame = cells(opened(file_of(shared, case)))
    for zone, key in (("UTC", "instants_utc"), ("Asia/Tokyo", "dates_in_asia_tokyo")):
        reading = DateReading(order=Order.MONTH_DAY, zone=zone)  # 07/15 proves it
        moments = read_dates(frame["Date"], reading)["at"]
        form = "%Y-%m-%dT%H:%M:%SZ" if zone == "UTC" else "%Y-%m-%d"
        found = dict(zip(frame["Name"], moments.dt.strftime(form), strict=True))
        assert found == case["expect"][key]


# --- Numbers, preambles, totals ---


def test_marketstar_quotas(shared: Path, cases: Cases) -> None:
    case = cases["marketstar_quotas"]
    table = opened(file_of(shared, case))
    frame = cells(table)
    assert len(frame) == case["parse"]["data_rows"]
    assert len(table.header) == 6  # two of them blank in the file, each with its own notes
    for row, expected in zip(frame.itertuples(index=False), case["expect"]["targets"], strict=True):
        read = [
            None if pd.isna(cell) or not cell.strip() else cell.strip() for cell in list(row)[:4]
        ]
        numbers = read_numbers(pd.Series(read, dtype="str"), NumberReading())["number"]
        found = [None if pd.isna(number) else number for number in numbers]
        assert found == [expected[key] for key in ("year", "quarter", "quota", "amount")]
    notes = [
        cell for cell in frame.iloc[:, 4:].to_numpy().ravel() if isinstance(cell, str) and cell
    ]
    assert notes == case["expect"]["free_text_cells"]


def test_daily_counts_jp(store: Store, shared: Path, cases: Cases) -> None:
    case = cases["daily_counts_jp"]
    answers = {
        "grain": "day",
        "date": "日付",
        "per": "day",
        "source": "call-center",
        "zone": "",
        **roles({"小計": "count:lead", "date": "none", "short_date": "none"}),
    }
    receipt = take_in(store, file_of(shared, case), answers)
    assert by_month(store, Stage.LEAD) == case["expect"]["sum_by_month"]
    assert (receipt.rows, receipt.rejected_rows) == (case["expect"]["days"], 0)


def test_ga4_events_b2b(shared: Path, cases: Cases) -> None:
    case = cases["ga4_events_b2b"]
    found = looked_at(file_of(shared, case))
    table = found.opened.table
    assert table is not None
    frame = cells(table).set_index("Event name")
    assert len(frame) == table.rows == case["expect"]["rows"]
    for event in ("generate_lead", "page_view"):
        assert int(frame.loc[event, "Event count"]) == case["expect"][event]
    assert [f"{day}" for day in (table.first_day, table.last_day)] == case["parse"]["period"]
    assert (found.mapping, tuple(table.issues)) == (None, ())
    assert "no_date_column" in {issue.code for issue in found.issues}


def test_ga4_multi_home2(store: Store, shared: Path, cases: Cases) -> None:
    case = cases["ga4_multi_home2"]
    path = file_of(shared, case)
    found = open_file(path, path.name)
    assert [list(head.header) for head in found.tables] == [
        each["header"] for each in case["parse"]["tables"]
    ]
    assert [head.rows for head in found.tables] == [
        each["rows"] for each in case["parse"]["tables"]
    ]
    assert [question.code for question in open_questions(found.questions)] == ["table"]
    new_users = found.tables[1]
    answers = {
        "table": new_users.key,
        "grain": "day",
        "date": "Nth day",
        "per": "day",
        "source": "ga4",
        **roles({"New users": "count:lead"}),
    }
    take_in(store, path, answers)
    counted = {month: value for month, value in by_month(store, Stage.LEAD).items() if value}
    assert counted == case["expect"]["new_users_by_month"]


def test_gads_campaign(shared: Path, cases: Cases) -> None:
    case = cases["gads_campaign"]
    table = opened(file_of(shared, case))
    assert table.title == (case["parse"]["title"], case["parse"]["period"])
    assert table.rows == case["parse"]["data_rows"]
    assert table.left_out["totals"] == case["parse"]["total_rows"]
    frame = cells(table)
    for column, key in (("Conversions", "conversions"), ("Impr.", "impressions")):
        numbers = read_numbers(frame[column], NumberReading())
        assert (numbers["number"].sum(), numbers["bad"].any()) == (case["expect"][key], False)
    dashes = read_numbers(frame["Optimization score"].str.strip(), NumberReading())
    assert not dashes["bad"].any()


def test_gads_time_series(store: Store, shared: Path, cases: Cases) -> None:
    case = cases["gads_time_series"]
    answers = {
        "grain": "day",
        "date": "Date",
        "per": "day",
        "source": "google-ads",
        **roles(
            {"Clicks": "measure", "Cost": "measure", "Impressions": "none", "Avg. CPC": "none"}
        ),
    }
    take_in(store, file_of(shared, case), answers)
    assert by_day(store, "Clicks") == case["expect"]["clicks_by_day"]
    assert sum(by_day(store, "Cost").values()) == pytest.approx(case["expect"]["cost"])
