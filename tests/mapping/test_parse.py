"""The mapping document."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from kpi_core.domain.stage import Stage
from kpi_core.i18n.catalog import Language, Words
from kpi_core.mapping.document import Blank, Grain, Mapping, Merge, Per, fingerprint
from kpi_core.mapping.header_match import spelled_as
from kpi_core.mapping.parse import read_mapping
from kpi_core.mapping.shipped import certain, fitting, load_mapping, mappings, template_csv, unread
from kpi_core.parsing.date_formats import Order
from kpi_core.parsing.dates import DateReading
from kpi_core.parsing.number_formats import Decimal
from kpi_core.tabular.opened_file import How
from kpi_core.tabular.reader import open_file
from tests.ingest.read import mapping_of

LEADS = """
name = "leads"
title = {ja = "リード", en = "Leads"}
source = "crm"
grain = "lead"
id = "Lead ID"
channel = "Source"
zone = "Asia/Tokyo"
optional = ["Source"]

[[stages]]
stage = "lead"
date = "Created"

[[stages]]
stage = "won"
date = "Closed"
blank = "undated"
where = {Stage = ["Won", "Closed Won"], Type = ["New"]}
amount = "Amount"

[attributes]
role = "Job title"
"""

EVENTS = """
name = "history"
source = "crm"
grain = "event"
id = "Deal"
stage = "Stage"
at = "Changed"
date_format = "%m/%d/%y %I:%M %p"

[stage_values]
"Closed Won" = "won"
"Prospecting" = ""
"""

DAYS = """
name = "days"
source = "web"
grain = "day"
date = "Day"

[[counts]]
column = "Leads"
stage = "lead"

[[counts]]
column = "Page views"
measure = "page_views"
"""


SNAPSHOT = """
name = "contacts"
source = "hubspot"
grain = "snapshot"
id = "Contact ID"
stage = "Lifecycle Stage"
at = "Create Date"
channel = "Mail source"
keep = ["Mail source"]
merge = "continuation"

[file]
encoding = "cp932"
table = "Sheet2"
header = 3
delimiter = "\\t"

[stage_values]
Lead = "lead"
Other = ""

[dates]
"Create Date" = {order = "day-month"}

[numbers]
Amount = "comma"
"""

PERIODS = """
name = "searches"
source = "google"
grain = "day"
per = "month"

[periods]
"Oct 2020" = "2020-10"
"Nov 2020" = "2020-11-01"

[[counts]]
measure = "searches"
where = {Country = ["Japan"]}
"""


def sentences(text: str) -> list[str]:
    problems = read_mapping(text)
    assert not isinstance(problems, Mapping)
    return [problem.sentence(Words(Language.EN)) for problem in problems]


def test_a_document_reads_as_it_is_written() -> None:
    mapping = mapping_of(LEADS)
    assert (mapping.name, mapping.source, mapping.grain) == ("leads", "crm", Grain.LEAD)
    first, won = mapping.stages
    assert (first.stage, first.date, first.blank) == (Stage.LEAD, "Created", Blank.NOT_REACHED)
    assert won.where == {"Stage": ("Won", "Closed Won"), "Type": ("New",)}
    assert (won.blank, won.amount) == (Blank.UNDATED, "Amount")
    assert mapping.attributes == {"role": "Job title"}
    assert mapping.text == LEADS


def test_values_of_a_stage_column_may_be_passed_over() -> None:
    assert mapping_of(EVENTS).stage_values == {"Closed Won": Stage.WON, "Prospecting": None}


@pytest.mark.parametrize("name", ["mql", "MQL", "ＭＱＬ", "marketing_qualified"])
def test_a_stage_goes_by_any_of_its_names(name: str) -> None:
    events = EVENTS.replace('"won"', f'"{name}"')
    assert mapping_of(events).stage_values["Closed Won"] is Stage.MARKETING_QUALIFIED
    counts = mapping_of(DAYS.replace('stage = "lead"', f'stage = "{name}"')).counts
    assert counts[0].stage is Stage.MARKETING_QUALIFIED


def test_a_day_has_counts_and_measures() -> None:
    leads, views = mapping_of(DAYS).counts
    assert (leads.stage, leads.measure) == (Stage.LEAD, None)
    assert (views.stage, views.measure) == (None, "page_views")


def test_a_snapshot_says_how_its_file_and_its_cells_are_read() -> None:
    mapping = mapping_of(SNAPSHOT)
    assert (mapping.grain, mapping.stage, mapping.at) == (
        Grain.SNAPSHOT, "Lifecycle Stage", "Create Date",
    )  # fmt: skip
    assert mapping.file == How("cp932", "Sheet2", 3, "\t")
    assert mapping.keep == {"Mail source"}
    assert mapping.merge is Merge.CONTINUATION
    first_day = date(2026, 1, 1)
    assert mapping.date_reading("Create Date", first_day) == DateReading(
        Order.DAY_MONTH, first_day=first_day
    )
    assert mapping.number_reading("Amount").decimal is Decimal.COMMA
    assert mapping.number_reading("Other").decimal is None


def test_each_period_may_have_a_column_of_its_own() -> None:
    mapping = mapping_of(PERIODS)
    assert mapping.per is Per.MONTH
    assert mapping.periods == {"Oct 2020": date(2020, 10, 1), "Nov 2020": date(2020, 11, 1)}
    (count,) = mapping.counts
    assert (count.column, count.measure, count.where) == (
        None, "searches", {"Country": ("Japan",)},
    )  # fmt: skip
    assert set(mapping.columns) == {"Oct 2020", "Nov 2020", "Country"}


def test_a_stage_without_a_date_is_one_that_nobody_dated() -> None:
    (stage,) = mapping_of(
        'name = "a"\nsource = "a"\ngrain = "lead"\n[[stages]]\nstage = "lead"\nblank = "undated"\n'
    ).stages
    assert (stage.date, stage.blank) == (None, Blank.UNDATED)


def test_columns_are_all_that_is_read_and_optional_ones_need_not_be_there() -> None:
    mapping = mapping_of(LEADS)
    everything = {
        "Lead ID", "Source", "Created", "Closed", "Stage", "Type", "Amount", "Job title",
    }  # fmt: skip
    assert set(mapping.columns) == everything
    assert set(mapping.required) == everything - {"Source"}
    assert mapping.fits(everything | {"Email"})
    assert mapping.fits(everything - {"Source"})
    assert not mapping.fits(everything - {"Amount"})


STAGES = ", ".join(Stage)


@pytest.mark.parametrize(
    ("document", "old", "new", "said"),
    [
        (
            LEADS, 'stage = "lead"', 'stage = "warm"',
            f'stages[1].stage: no such stage "warm". Use one of {STAGES}.',
        ),
        (
            LEADS, 'grain = "lead"', 'grain = "row"',
            'grain: no such grain "row". Use one of lead, event, snapshot, day.',
        ),
        (LEADS, 'grain = "lead"', "", "grain: missing. Use one of lead, event, snapshot, day."),
        (LEADS, 'source = "crm"', "", "source: missing. Add it."),
        (
            LEADS, 'name = "leads"', 'name = "Leads!"',
            'name: "Leads!" is not a valid name. Use lower-case letters, digits, - and _.',
        ),
        (
            LEADS, 'amount = "Amount"', 'value = "Amount"',
            "stages[2].value: no such key here. "
            "Use one of stage, blank, date, where, amount, quality.",
        ),
        (LEADS, 'date = "Created"', "", "stages[1].date: missing. Add it."),
        (
            LEADS, 'blank = "undated"', 'blank = "maybe"',
            'stages[2].blank: "maybe" is not a way to treat an empty date. '
            "Use one of not_reached, undated.",
        ),
        (
            LEADS, '["New"]', '"New"',
            'stages[2].where.Type: "New" is not a list of texts. Write it as ["one", "another"].',
        ),
        (
            LEADS, 'zone = "Asia/Tokyo"', 'zone = "JST+9"',
            'zone: no such time zone "JST+9". Write it like Asia/Tokyo.',
        ),
        (
            LEADS, 'id = "Lead ID"', "id = 3",
            'id: 3 is not text. Write it in quotation marks.',
        ),
        (
            LEADS, 'role = "Job title"', 'channel = "Job title"',
            "attributes.channel: every event already has a field of this name. "
            "Map the column at the top of the mapping, or choose another name.",
        ),
        (
            LEADS, 'optional = ["Source"]', 'optional = ["Sauce"]',
            'optional: the mapping does not use a column "Sauce". Remove it here, or map it.',
        ),
        (
            EVENTS, "%m/%d/%y", "%m/%d",
            'date_format: "%m/%d %I:%M %p" does not give a whole date. '
            "Write it like %d %b, %Y %H:%M.",
        ),
        (
            EVENTS, 'stage = "Stage"', "",
            "stage: an event needs either stage, the column that names it, or activity, "
            "a word for all rows. Give one of the two.",
        ),
        (
            EVENTS, '"won"', '"gewonnen"',
            f'stage_values."Closed Won": no such stage "gewonnen". Use one of {STAGES}.',
        ),
        (EVENTS, 'at = "Changed"', "", "at: missing. Add it."),
        (
            DAYS, 'measure = "page_views"', "",
            "counts[2].stage: a number counts towards either a stage or a measure. "
            "Give one of the two.",
        ),
        (
            DAYS, 'stage = "lead"', 'stage = "lead"\nmeasure = "x"',
            "counts[1].stage: a number counts towards either a stage or a measure. "
            "Give one of the two.",
        ),
        (
            SNAPSHOT, '"day-month"', '"monthly"',
            'dates."Create Date".order: "monthly" is not one of the choices. '
            "Use one of day-month, month-day, year-month.",
        ),
        (
            SNAPSHOT, '"comma"', '"dot"',
            'numbers.Amount: "dot" is not one of the choices. Use one of point, comma.',
        ),
        (
            SNAPSHOT, '"cp932"', '"ansi-jp"',
            'file.encoding: no such encoding "ansi-jp". Write it like cp932 or utf-8.',
        ),
        (
            SNAPSHOT, '"\\t"', '"tab"',
            'file.delimiter: "tab" is not a single character. '
            'Write the separator between the cells, like "," or "\\t".',
        ),
        (
            SNAPSHOT, "header = 3", "header = -1",
            'file.header: -1 is not a whole number. Write the number of the row with the '
            "column names; 0 if there is none.",
        ),
        (SNAPSHOT, 'stage = "Lifecycle Stage"', "", "stage: missing. Add it."),
        (
            SNAPSHOT, 'merge = "continuation"', 'merge = "yes"',
            'merge: "yes" is not one of the choices. Use one of kintone, continuation.',
        ),
        (
            SNAPSHOT, 'keep = ["Mail source"]', 'keep = ["Phone"]',
            'keep: the mapping does not use a column "Phone". Remove it here, or map it.',
        ),
        (
            PERIODS, '"2020-10"', '"October"',
            'periods."Oct 2020": "October" is not a period. '
            "Write a month like 2026-10, or a first day like 2026-10-05.",
        ),
        (
            PERIODS, 'per = "month"', 'per = "month"\ndate = "Day"',
            "date: the periods already have columns of their own. "
            "Remove this, or remove [periods].",
        ),
        (
            PERIODS, 'measure = "searches"', 'measure = "searches"\ncolumn = "Oct 2020"',
            "counts[1].column: the periods already have columns of their own. "
            "Remove this, or remove [periods].",
        ),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_path_and_the_repair(
    document: str, old: str, new: str, said: str
) -> None:
    assert old in document
    assert sentences(document.replace(old, new, 1)) == [said]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("cr\\u202em\\u0007", "source: the name has invisible characters (U+0007, U+202E). "),
        ("x" * 101, "source: longer than 100 characters. "),
    ],
)
def test_a_source_is_a_name_that_can_be_read(source: str, said: str) -> None:
    text = f'name = "a"\nsource = "{source}"\ngrain = "lead"\nid = "a"\n[[stages]]\n'
    (sentence,) = sentences(f'{text}stage = "lead"\ndate = "b"\n')
    assert sentence.startswith(said)


@pytest.mark.parametrize("pattern", ["%Y-%m-%d %Y", "%d.%m.%Y %d", "%Y" * 1_000, "x" * 101 + "%x"])
def test_a_format_that_is_none_is_a_mistake(pattern: str) -> None:
    text = f'name = "a"\nsource = "a"\ngrain = "lead"\nid = "a"\ndate_format = "{pattern}"\n'
    (sentence,) = sentences(f'{text}[[stages]]\nstage = "lead"\ndate = "b"\n')
    assert sentence.startswith('date_format: "')
    assert "does not give a whole date" in sentence


@pytest.mark.parametrize("name", ["attributes", "counts"])
def test_attributes_and_measures_are_bounded(name: str) -> None:
    leads = 'name = "a"\nsource = "a"\ngrain = "lead"\nid = "a"\n[[stages]]\nstage = "lead"\n'
    days = 'name = "a"\nsource = "a"\ngrain = "day"\ndate = "d"\n'

    def with_entries(count: int) -> str:
        if name == "attributes":
            rows = "".join(f'a{at} = "c{at}"\n' for at in range(count))
            return f'{leads}date = "b"\n[attributes]\n{rows}'
        return days + "".join(
            f'[[counts]]\ncolumn = "c{at}"\nmeasure = "m{at}"\n' for at in range(count)
        )

    assert isinstance(read_mapping(with_entries(500)), Mapping)
    assert sentences(with_entries(501)) == [
        f"{name}: more than 500 entries. Keep those that the numbers need."
    ]


def test_very_many_mistakes_and_very_long_ones_are_told_shortly() -> None:
    long = "x" * 50_000
    text = f'grain = "lead"\nname = "A{long}"\nzone = "{long}"\n"{long}" = 1\n'
    found = sentences(text + "[[stages]]\n" * 10_000)
    assert len(found) == 100
    assert max(map(len, found)) < 1_000


@pytest.mark.parametrize("value", ["{}", "[]", "false", "0"])
def test_only_an_empty_text_leaves_a_value_out(value: str) -> None:
    (sentence,) = sentences(EVENTS.replace('""', value))
    assert sentence.startswith("stage_values.Prospecting: no such stage")


def test_more_mistakes_than_anyone_would_read_are_one_sentence() -> None:
    assert sentences('grain = "lead"\n' + "[[stages]]\n" * 30_000) == [
        "The mapping: more than 50,000 mistakes. Compare it with a mapping that ships."
    ]


def test_what_a_grain_needs_is_told_with_all_other_mistakes() -> None:
    found = sentences('grain = "day"\nname = "A"\nsource = "a"\nsauce = "b"\n')
    assert [sentence.partition(".")[0] for sentence in found] == [
        "sauce: no such key here",
        "counts: needs at least one entry",
        "date: missing",
        'name: "A" is not a valid name',
    ]
    assert "Did you mean source?" in found[0]


def test_every_mistake_is_told_at_once() -> None:
    assert len(sentences('grain = "lead"\nfoo = 1\n[[stages]]\n')) == 5


def test_a_list_without_entries_is_a_mistake() -> None:
    text = 'name = "a"\nsource = "a"\ngrain = "lead"\n'
    assert sentences(text) == [
        "stages: needs at least one entry. Write [[stages]] and its keys under it."
    ]


def test_what_is_no_toml_is_told() -> None:
    assert sentences("grain = lead")[0].startswith(
        "The mapping, line 1, column 9: cannot be read as TOML."
    )


def test_mappings_that_ship_are_sound_and_found_by_name() -> None:
    names = [mapping.name for mapping in mappings()]
    assert set(names) >= {
        "olist-leads", "olist-deals", "maven-pipeline", "daily-counts", "funnel-template",
    }  # fmt: skip
    for name in names:
        mapping = load_mapping(name)
        assert isinstance(mapping, Mapping)
        assert mapping.name == name
        assert set(mapping.title) == {"ja", "en"}


def test_a_mapping_is_loaded_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(LEADS, encoding="utf-8-sig")
    mapping = load_mapping(path)
    assert isinstance(mapping, Mapping)
    assert mapping.name == "leads"


@pytest.mark.parametrize("name", ["nothing", "/no/such/file.toml", ".", "a\0b"])
def test_an_unknown_name_says_which_are_known(name: str) -> None:
    problems = load_mapping(name)
    assert not isinstance(problems, Mapping)
    assert "olist-leads" in problems[0].sentence(Words(Language.EN))


def test_the_mapping_that_knows_most_of_a_header_is_suggested_first() -> None:
    header = ("mql_id", "first_contact_date", "landing_page_id", "origin")
    assert [mapping.name for mapping in fitting(header)] == ["olist-leads"]
    assert [mapping.name for mapping in fitting(("lead_id", "lead_date"))] == ["funnel-template"]
    assert fitting(("nothing",)) == ()


@dataclass(frozen=True)
class Kept:
    """A saved mapping, as a store gives it."""

    name: str
    text: str
    fingerprint: str


OWN = """
name = "{name}"
source = "crm"
grain = "lead"
id = "Id"
[[stages]]
stage = "lead"
date = "CreatedDate"
"""


def test_a_fingerprint_does_not_mind_order_case_or_width() -> None:
    assert fingerprint(["Id", "Ｎａｍｅ"]) == fingerprint(["name", "ID"])
    assert fingerprint(["Id", "Name"]) != fingerprint(["Id", "Name", "Stage"])


def test_a_mapping_saved_for_this_very_header_goes_before_all_others() -> None:
    header = ("Id", "CreatedDate", "A", "B", "C", "D")
    other = Kept("other", OWN.format(name="other"), fingerprint(["Id", "CreatedDate"]))
    own = Kept("own", OWN.format(name="own"), fingerprint(reversed(header)))
    assert [each.name for each in fitting(header, [other, own])] == ["own", "other"]
    found = certain(header, [other, own])
    assert found is not None
    assert found.name == "own"


def test_a_mapping_for_another_header_is_not_taken_where_it_knows_too_little_of_this_one() -> None:
    lead = Kept("leads", OWN.format(name="leads"), fingerprint(["Id", "CreatedDate", "Company"]))
    assert certain(("Id", "CreatedDate", "StageName", "Amount", "IsWon"), [lead]) is None
    assert certain(("Id", "CreatedDate", "Company", "Extra"), [lead]) is not None


@pytest.mark.parametrize("text", [LEADS, EVENTS, DAYS, SNAPSHOT, PERIODS])
def test_a_mapping_is_brought_to_the_spelling_of_a_header(text: str) -> None:
    mapping = mapping_of(text)
    assert spelled_as(mapping, mapping.columns) is mapping
    header = [f" {column.upper()}" for column in mapping.columns]
    other = spelled_as(mapping, header)
    assert list(other.columns) == header
    assert other.fits(header)
    for by_column in ("dates", "keep", "optional"):
        assert set(getattr(other, by_column)) <= set(header)
    assert [stage.stage for stage in other.stages] == [stage.stage for stage in mapping.stages]
    assert (other.stage_values, other.grain) == (mapping.stage_values, mapping.grain)
    assert set(spelled_as(other, mapping.columns).columns) == set(mapping.columns)


def test_a_column_is_not_taken_for_one_of_two_that_might_be_it() -> None:
    mapping = mapping_of(OWN.format(name="own"))
    for header in (("ID", "id", "CreatedDate"), ("Id", "ID", "CreatedDate")):
        assert spelled_as(mapping, header) is mapping


def test_values_that_are_passed_over_are_kept_by_column() -> None:
    assert mapping_of(LEADS).passed_over == {}
    mapping = mapping_of(f'{LEADS}\n[passed_over]\nStage = ["Open", "Lost"]\n')
    assert mapping.passed_over == {"Stage": ("Open", "Lost")}
    assert sentences(f'{LEADS}\n[passed_over]\nStage = "Open"\n') == [
        'passed_over.Stage: "Open" is not a list of texts. Write it as ["one", "another"].'
    ]


COUNTS = """
name = "counts"
source = "web"
grain = "day"
date = "Day"
[[counts]]
column = "Leads"
stage = "lead"
"""


@pytest.mark.parametrize(
    ("text", "header", "cells", "found"),
    [
        (OWN, "Id,CreatedDate,Status,Company", "", ["Status"]),
        (OWN, "Id,CreatedDate,受注日,備考", "", ["受注日"]),
        (OWN, "Id,CreatedDate,SQL Date,Close Date,Birthday", "", ["SQL Date", "Close Date"]),
        (OWN, "Id,CreatedDate,Handover,Note", "1,2026-01-05,2026-02-01,call", ["Handover"]),
        (OWN, "Id,CreatedDate,Updated At,Due Date", "1,2026-01-05,2026-02-01,2026-03-01", []),
        (OWN, "Id,CreatedDate,Deal Name", "", ["Deal Name"]),
        (OWN, "Id,CreatedDate,Clicks", "1,2026-01-05,3", []),
        (COUNTS, "Day,Leads,date", "2026-01-05,3,2026-01-05", []),
        (COUNTS, "Day,Leads,MQLs,Clicks,Status", "", ["MQLs", "Clicks", "Status"]),
    ],
)
def test_what_a_mapping_leaves_unread_is_known_by_header_and_cells(
    text: str, header: str, cells: str, found: list[str]
) -> None:
    names, rows = header.split(","), [cells.split(",")] if cells else []
    assert list(unread(mapping_of(text.format(name="own")), names, rows)) == found


def test_the_template_is_read_by_its_own_mapping() -> None:
    table = open_file(template_csv(), "template.csv").table
    assert table is not None
    assert fitting(table.header)[0].name == "funnel-template"
