"""Real files of real companies, against answers that were written independently."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from kpi_core.domain.aggregate import Tally, TallyKind
from kpi_core.domain.issue import Severity
from kpi_core.domain.period import Period
from kpi_core.domain.receipt import Receipt
from kpi_core.domain.stage import Stage
from kpi_core.facts.store import Store
from kpi_core.ingest.import_file import import_file
from kpi_core.mapping.document import Mapping
from kpi_core.mapping.parse import read_mapping
from kpi_core.mapping.shipped import load_mapping
from tests.ingest.read import Read, read_file

at = datetime.fromisoformat
NOW = at("2026-07-01 12:00")
ALWAYS = Period(date(2000, 1, 1), date(2030, 12, 31))

OLIST = (
    ("olist_funnel/olist_marketing_qualified_leads_dataset.csv", "olist-leads"),
    ("olist_funnel/olist_closed_deals_dataset.csv", "olist-deals"),
)
MAVEN = ("maven_crm/sales_pipeline.csv", "maven-pipeline")
DAILY = ("jp_covid_iso_tz/contacts.csv", "daily-counts")


def mapping_of(name_or_text: str) -> Mapping:
    mapping = read_mapping(name_or_text) if "\n" in name_or_text else load_mapping(name_or_text)
    assert isinstance(mapping, Mapping), mapping
    return mapping


def batch_of(shared: Path, file: str, mapping: str) -> Read:
    path = shared / "exports" / file
    return read_file(path.read_bytes(), mapping_of(mapping), name=path.name)


def take_in(store: Store, shared: Path, *files: tuple[str, str], dry_run: bool = False) -> Receipt:
    """Import files in turn; the receipt of the last."""
    for file, mapping in files:
        path = shared / "exports" / file
        receipt = import_file(
            store, path, None, mapping_of(mapping), who="test", now=NOW, dry_run=dry_run
        )
    return receipt


def by_month(batch: Read, stage: Stage) -> dict[str, int]:
    """Dated leads of a stage by the month in which they first reached it."""
    stated = batch.events[~batch.events["withdrawn"]]
    of_stage = stated[stated["stage"] == stage.value].dropna(subset=["occurred_at"])
    first = of_stage.groupby("lead")["occurred_at"].min()
    return {str(month): int(n) for month, n in first.dt.strftime("%Y-%m").value_counts().items()}


def stored_by_month(store: Store, tally: Tally) -> dict[str, float]:
    store.register([tally])
    months: dict[str, float] = {}
    for day, value in store.daily([tally], ALWAYS)[tally].items():
        months[f"{day:%Y-%m}"] = months.get(f"{day:%Y-%m}", 0) + value
    return months


def reached(stage: Stage) -> Tally:
    return Tally(TallyKind.REACHED, stage=stage)


def check_olist(store: Store, expected: dict[str, Any]) -> None:
    assert stored_by_month(store, reached(Stage.MARKETING_QUALIFIED)) == expected["events"]["mql"]
    assert stored_by_month(store, reached(Stage.WON)) == expected["events"]["won"]
    assert store.leads() == expected["leads"]


# --- Olist: two files, one funnel ---


@pytest.mark.parametrize("order", [(0, 1, 0, 1), (1, 0, 1, 0), (0, 0, 1, 1), (1, 1, 0, 0)])
def test_olist_is_the_same_in_either_order_and_twice(
    store: Store, shared: Path, cases: dict[str, Any], order: tuple[int, ...]
) -> None:
    for place in order:
        receipt = take_in(store, shared, OLIST[place])
        assert receipt.rejected_rows == 0
    check_olist(store, cases["olist_join"]["expect"])


def test_olist_has_the_figures_of_the_issue(store: Store, shared: Path) -> None:
    take_in(store, shared, *OLIST)
    mqls = stored_by_month(store, reached(Stage.MARKETING_QUALIFIED))
    wins = stored_by_month(store, reached(Stage.WON))
    months = [f"2018-0{month}" for month in range(1, 6)]
    assert [mqls[month] for month in months] == [1141, 1028, 1174, 1352, 1303]
    assert [wins[month] for month in months] == [73, 113, 147, 207, 122]
    assert (sum(mqls.values()), sum(wins.values())) == (8000, 842)


def test_olist_wins_make_no_new_lead_and_the_one_dated_early_is_kept_and_flagged(
    store: Store, shared: Path, cases: dict[str, Any]
) -> None:
    receipt = take_in(store, shared, *OLIST)
    expected = cases["olist_join"]["expect"]
    assert receipt.new_leads == expected["orphan_won"] == 0
    (issue,) = receipt.issues
    assert (issue.code, issue.severity) == ("before_earlier_stage", Severity.FLAGGED)
    deals = batch_of(shared, *OLIST[1]).events.set_index("line")
    assert [deals.loc[issue.line, "lead"]] == expected["won_before_lead_ids"]


def test_olist_wins_by_cohort(store: Store, shared: Path, cases: dict[str, Any]) -> None:
    take_in(store, shared, *OLIST)
    converted = Tally(TallyKind.CONVERTED, stage=Stage.MARKETING_QUALIFIED, to_stage=Stage.WON)
    cohorts = cases["olist_join"]["expect"]["cohort_conversion_to_won"]
    assert stored_by_month(store, converted) == {
        month: cohort["won_so_far"] for month, cohort in cohorts.items() if cohort["won_so_far"]
    }


def test_a_blank_origin_is_not_the_word_unknown(shared: Path, cases: dict[str, Any]) -> None:
    channels = batch_of(shared, *OLIST[0]).events["channel"]
    expected = cases["olist_leads"]["expect"]
    assert int(channels.isna().sum()) == expected["blank_origin"]
    assert int((channels == "unknown").sum()) == expected["origin_unknown_text"]


def test_a_dry_run_tells_the_same_and_changes_nothing(store: Store, shared: Path) -> None:
    preview = take_in(store, shared, OLIST[0], dry_run=True)
    assert (preview.import_id, preview.new, store.is_empty()) == (None, 8000, True)
    assert take_in(store, shared, OLIST[0]).new == preview.new


# --- Maven: undated opportunities ---


def test_maven_keeps_the_undated_and_adds_up_the_wins(
    store: Store, shared: Path, cases: dict[str, Any]
) -> None:
    expected = cases["maven_iso"]["expect"]
    for _ in range(2):
        receipt = take_in(store, shared, MAVEN)
        assert (receipt.rows, receipt.rejected_rows) == (8800, 0)
    for stage, key in (
        (Stage.OPPORTUNITY, "opp"),
        (Stage.WON, "won"),
        (Stage.LOST, "lost"),
    ):
        assert stored_by_month(store, reached(stage)) == expected["events"][key]
    assert store.undated(Stage.OPPORTUNITY) == expected["undated"]["opp"] == 500
    assert store.leads() == expected["deals"]
    amount = Tally(TallyKind.AMOUNT, stage=Stage.WON)
    assert sum(stored_by_month(store, amount).values()) == expected["won_value"]


def test_maven_leaves_the_names_of_people_out(shared: Path) -> None:
    batch = batch_of(shared, *MAVEN)
    assert "Moses Frase" not in repr(batch.events.to_dict()) + repr(batch.attributes.to_dict())
    of_one_each = batch.events.drop_duplicates("lead")
    assert int(of_one_each["account"].isna().sum()) == 1425


# --- counts per day ---


def test_daily_counts_add_up_on_the_days_they_are_written_for(
    store: Store, shared: Path, cases: dict[str, Any]
) -> None:
    expected = cases["daily_counts_jp"]["expect"]
    for _ in range(2):
        take_in(store, shared, DAILY)
    months = stored_by_month(store, reached(Stage.LEAD))
    assert months == expected["sum_by_month"]
    assert sum(months.values()) == expected["total"] == 15564
    assert len(store.daily([reached(Stage.LEAD)], ALWAYS)[reached(Stage.LEAD)]) == expected["days"]


def test_files_of_several_sources_do_not_disturb_each_other(
    store: Store, shared: Path, cases: dict[str, Any]
) -> None:
    for files in ([*OLIST, MAVEN, DAILY], [DAILY, MAVEN, *reversed(OLIST)]):
        take_in(store, shared, *files)
        assert store.leads() == 8000 + 8800
    check = stored_by_month(store, reached(Stage.WON))
    olist, maven = cases["olist_join"]["expect"], cases["maven_iso"]["expect"]
    assert sum(check.values()) == sum(olist["events"]["won"].values()) + sum(
        maven["events"]["won"].values()
    )


# --- mappings written by hand for other systems ---

HISTORY = """
name = "sf-history"
source = "sf"
grain = "event"
id = "OpportunityId"
stage = "StageName"
at = "CreatedDate"
date_format = "%m/%d/%y %I:%M %p"
[stage_values]
"Closed Won" = "won"
"Closed Lost" = "lost"
"Id. Decision Makers" = "opportunity"
"Needs Analysis" = "opportunity"
"Negotiation/Review" = "opportunity"
"Perception Analysis" = "opportunity"
"Proposal/Price Quote" = "opportunity"
"Prospecting" = ""
"Qualification" = "opportunity"
"Value Proposition" = "opportunity"
"""


def test_a_salesforce_history_counts_the_first_entry_into_each_stage(
    store: Store, shared: Path, cases: dict[str, Any]
) -> None:
    file = cases["sf_opportunity_history"]["files"][0]
    expected = cases["sf_opportunity_history"]["expect"]["first_entry_per_stage"]
    batch = batch_of(shared, file, HISTORY)
    assert batch.rows == 48
    assert by_month(batch, Stage.WON) == expected["Closed Won"]
    assert by_month(batch, Stage.LOST) == expected["Closed Lost"]


def test_a_win_of_a_salesforce_history_that_reverted_is_no_longer_a_win(
    store: Store, shared: Path, cases: dict[str, Any]
) -> None:
    case = cases["sf_opportunity_history"]
    file, expected = case["files"][0], case["expect"]
    for _ in range(2):
        receipt = take_in(store, shared, (file, HISTORY))
    assert [issue.code for issue in receipt.issues] == ["stage_left"] * expected["won_then_lost"]
    assert stored_by_month(store, reached(Stage.WON)) == {
        "2026-02": expected["last_stage"]["Closed Won"]
    }
    assert (
        stored_by_month(store, reached(Stage.LOST))
        == (expected["first_entry_per_stage"]["Closed Lost"])
    )


def test_an_unlisted_stage_is_asked_for_and_never_dropped_in_silence(
    shared: Path, cases: dict[str, Any]
) -> None:
    short = HISTORY.replace('"Prospecting" = ""\n', "")
    file = cases["sf_opportunity_history"]["files"][0]
    batch = batch_of(shared, file, short)
    rejected = [issue for issue in batch.issues if issue.severity is Severity.REJECTED]
    assert {(issue.code, issue.value) for issue in rejected} == {("unknown_stage", "Prospecting")}
    taken = {int(line) for line in batch.events["line"]}
    told = {issue.line for issue in rejected}
    assert taken | told == set(range(2, 50))


DATALOADER = """
name = "sf-opportunities"
source = "sf"
grain = "lead"
id = "ID"
zone = "Asia/Tokyo"
[[stages]]
stage = "opportunity"
date = "CREATEDDATE"
[[stages]]
stage = "won"
date = "CLOSEDATE"
where = {ISWON = ["true"]}
amount = "AMOUNT"
"""


def test_wins_closed_before_they_were_created_stay(
    store: Store, shared: Path, cases: dict[str, Any]
) -> None:
    case = cases["sf_dataloader_opps"]
    expected = case["expect"]
    receipt = take_in(store, shared, (case["files"][0], DATALOADER))
    assert stored_by_month(store, reached(Stage.WON)) == expected["events"]["won"]
    assert (
        stored_by_month(store, reached(Stage.OPPORTUNITY)) == (expected["opp_months_in_asia_tokyo"])
    )
    assert receipt.rejected_rows == 0
    assert receipt.flagged == expected["won_before_created"]
    amount = Tally(TallyKind.AMOUNT, stage=Stage.WON)
    assert sum(stored_by_month(store, amount).values()) == expected["won_amount"]


MARKETO = """
name = "marketo"
source = "marketo"
grain = "lead"
id = "id"
[[stages]]
stage = "lead"
date = "created_at"
"""
ZOHO = """
name = "zoho"
source = "zoho"
grain = "lead"
id = "LEADID"
channel = "Lead Source"
date_format = "%d %b, %Y %H:%M:%S"
[[stages]]
stage = "lead"
date = "Created Time"
"""
META = """
name = "meta"
source = "meta"
grain = "lead"
id = "id"
campaign = "campaign_name"
[[stages]]
stage = "lead"
date = "created_time"
[attributes]
when = "how_soon_are_you_looking_to_buy?"
"""


@pytest.mark.parametrize(
    ("case", "mapping"),
    [("marketo_leads", MARKETO), ("zoho_leads", ZOHO), ("meta_like", META)],
    ids=["marketo", "zoho", "meta"],
)
def test_lead_lists_of_other_systems_come_out_by_month(
    shared: Path, cases: dict[str, Any], case: str, mapping: str
) -> None:
    expected = cases[case]["expect"]
    batch = batch_of(shared, cases[case]["files"][0], mapping)
    assert by_month(batch, Stage.LEAD) == expected["events"]["lead"]
    assert batch.events["lead"].nunique() == expected["leads"]
    assert batch.issues == ()


STAGE_LOG = """
name = "hubspot-log"
source = "hubspot"
grain = "event"
id = "deal_id"
stage = "value"
at = "date_entered"
[stage_values]
"f66ca9bc5a02c2f1513ce83f0a0e117d" = "opportunity"
"09a969da1d61b38bd3746f0f49c1475a" = "opportunity"
"""


def test_a_log_of_unreadable_stage_names_asks_for_those_it_does_not_know(
    shared: Path, cases: dict[str, Any]
) -> None:
    case = cases["hubspot_deal_stage_log"]
    batch = batch_of(shared, case["files"][0], STAGE_LOG)
    unknown = {issue.value for issue in batch.issues}
    assert {issue.code for issue in batch.issues} == {"unknown_stage"}
    assert len(unknown) == case["expect"]["stages"] - 2
    told = STAGE_LOG + "".join(f'"{value}" = "won"\n' for value in unknown)
    whole = batch_of(shared, case["files"][0], told)
    months = whole.events["occurred_at"].dt.strftime("%Y-%m").value_counts()
    assert months.to_dict() == case["expect"]["stage_events"]
    assert whole.events["lead"].nunique() == case["expect"]["deals"]


def test_a_sentinel_is_not_read_as_a_date(shared: Path, cases: dict[str, Any]) -> None:
    case = cases["hubspot_deal_stage_log"]
    mapping = STAGE_LOG.replace('at = "date_entered"', 'at = "_fivetran_end"')
    batch = batch_of(shared, case["files"][0], mapping)
    assert "far_future" in {issue.code for issue in batch.issues}
    assert (batch.events["occurred_at"].dt.year < 2050).all()


def test_no_mail_address_of_a_sample_is_in_the_database(
    store: Store, shared: Path, tmp_path: Path
) -> None:
    contacts = """
name = "contacts"
source = "contacts"
grain = "lead"
id = "{id}"
owner = "{owner}"
[[stages]]
stage = "lead"
date = "{date}"
[attributes]
who = "{owner}"
"""
    for file, columns in (
        (
            "hubspot_dummy/hubspot_contacts.csv",
            {"id": "Email", "owner": "Contact Owner", "date": "Create Date"},
        ),
        (
            "fivetran_marketo/marketo_lead_data.csv",
            {"id": "email", "owner": "email", "date": "last_name"},
        ),
    ):
        path = shared / "exports" / file
        for secret in (b"key", None):
            import_file(
                store, path, None, mapping_of(contacts.format(**columns)),
                who="test", now=NOW, secret=secret,
            )  # fmt: skip
    assert store.leads() > 0
    store.close()
    kept = b"".join(each.read_bytes() for each in tmp_path.rglob("*") if each.is_file())
    assert b"@example" not in kept
    assert b"@email.com" not in kept
