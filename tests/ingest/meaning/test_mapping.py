"""The mapping document."""

from pathlib import Path

import pytest

from kpi_core.domain.stage import Stage
from kpi_core.i18n.catalog import Language, Words
from kpi_core.ingest.files.table import read_table
from kpi_core.ingest.meaning.mapping import Blank, Grain, Mapping
from kpi_core.ingest.meaning.mapping_document import read_mapping
from kpi_core.ingest.meaning.mappings import fitting, load_mapping, mappings
from kpi_core.ingest.meaning.template import mapping_sketch, template_csv

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


def sentences(text: str) -> list[str]:
    problems = read_mapping(text)
    assert not isinstance(problems, Mapping)
    return [problem.sentence(Words(Language.EN)) for problem in problems]


def sound(text: str) -> Mapping:
    mapping = read_mapping(text)
    assert isinstance(mapping, Mapping), mapping
    return mapping


def test_a_document_reads_as_it_is_written() -> None:
    mapping = sound(LEADS)
    assert (mapping.name, mapping.source, mapping.grain) == ("leads", "crm", Grain.LEAD)
    first, won = mapping.stages
    assert (first.stage, first.date, first.blank) == (Stage.LEAD, "Created", Blank.NOT_REACHED)
    assert won.where == {"Stage": ("Won", "Closed Won"), "Type": ("New",)}
    assert (won.blank, won.amount) == (Blank.UNDATED, "Amount")
    assert mapping.attributes == {"role": "Job title"}
    assert mapping.text == LEADS


def test_values_of_a_stage_column_may_be_passed_over() -> None:
    assert sound(EVENTS).stage_values == {"Closed Won": Stage.WON, "Prospecting": None}


def test_a_day_has_counts_and_measures() -> None:
    leads, views = sound(DAYS).counts
    assert (leads.stage, leads.measure) == (Stage.LEAD, None)
    assert (views.stage, views.measure) == (None, "page_views")


def test_columns_are_all_that_is_read_and_optional_ones_need_not_be_there() -> None:
    mapping = sound(LEADS)
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
            LEADS, 'stage = "lead"', 'stage = "mql"',
            f'stages[1].stage: no such stage "mql". Use one of {STAGES}.',
        ),
        (
            LEADS, 'grain = "lead"', 'grain = "row"',
            'grain: no such grain "row". Use one of lead, event, day.',
        ),
        (LEADS, 'grain = "lead"', "", "grain: missing. Use one of lead, event, day."),
        (LEADS, 'source = "crm"', "", "source: missing. Add it."),
        (
            LEADS, 'name = "leads"', 'name = "Leads!"',
            'name: "Leads!" is not a valid name. Use lower-case letters, digits, - and _.',
        ),
        (
            LEADS, 'amount = "Amount"', 'value = "Amount"',
            "stages[2].value: no such key here. "
            "Use one of stage, date, blank, where, amount, quality.",
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
            'id: "3" is not text. Write it in quotation marks.',
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
            f'stage_values.Closed Won: no such stage "gewonnen". Use one of {STAGES}.',
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
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_path_and_the_repair(
    document: str, old: str, new: str, said: str
) -> None:
    assert old in document
    assert sentences(document.replace(old, new, 1)) == [said]


def test_every_mistake_is_told_at_once() -> None:
    assert len(sentences('grain = "lead"\nfoo = 1\n[[stages]]\n')) == 5


def test_a_list_without_entries_is_a_mistake() -> None:
    text = 'name = "a"\nsource = "a"\ngrain = "lead"\n'
    assert sentences(text) == [
        "stages: needs at least one entry. Write [[stages]] and its keys under it."
    ]


def test_what_is_no_toml_is_told() -> None:
    assert sentences("grain = lead")[0].startswith("The mapping is not valid TOML: Invalid value")


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


def test_a_sketch_for_any_columns_reads_as_a_mapping() -> None:
    for header in (["id", "created"], ['Date entered "MQL"', "日付\n2"], ["one"], []):
        assert isinstance(read_mapping(mapping_sketch(header)), Mapping) == bool(header), header


def test_the_template_is_read_by_its_own_mapping() -> None:
    header = read_table(template_csv()).header
    assert fitting(header)[0].name == "funnel-template"
