"""The imports page asks what only its visitor knows, and keeps the answers."""

from datetime import date

import pytest

from kpi_core.domain.aggregate import Tally, TallyKind
from kpi_core.domain.period import Period
from kpi_core.domain.stage import Stage
from kpi_core.facts.batch import Grain
from kpi_core.facts.store import Store
from pages._imports.chosen_file import State
from tests.batches import NOW, at, batch
from tests.batches import Event as Fact
from tests.pages.conftest import click, run
from tests.pages.imports_page import (
    AMBIGUOUS,
    MAPPING,
    TEMPLATE,
    answer,
    captions,
    give_answers,
    labels,
    numbers,
    page_of_imports,
    read,
    states,
    texts,
    unfold,
    upload,
    uploads,
    words,
)

pytestmark = pytest.mark.usefixtures("patient")

LATIN = "lead_id,lead_date,channel\n1,2026-05-01,Köln\n2,2026-05-02,São Paulo\n".encode("latin-1")
"""Neither UTF-8 nor CP932: which of the others it is, only a reader can say."""


# --- questions ---


def test_what_only_the_user_knows_is_asked_and_no_import_is_offered_before(store: Store) -> None:
    page = page_of_imports()
    upload(page, AMBIGUOUS)
    assert states(page) == [State.ASKING]
    assert [(radio.key or "").split("_", 3)[-1] for radio in page.radio] == [
        "grain",
        "order:created",
        "order:mql date",
    ]
    assert "Import" not in labels(page)


def test_a_source_with_a_sign_that_nobody_sees_is_said_to_have_one(store: Store) -> None:
    page = page_of_imports()
    upload(page, AMBIGUOUS)
    answer(page, "grain", "lead")
    (file,) = uploads(page)
    file.say("source", "c\u202erm")
    run(page)
    assert [error.value for error in page.error] == [
        words("imports.invisible_sign", value="U+202E")
    ]
    assert states(page) == [State.ASKING]


def test_answers_lead_to_a_preview_that_reads_as_they_say(store: Store) -> None:
    for order, day in (("day-month", "2026-04-03"), ("month-day", "2026-03-04")):
        page = page_of_imports()
        upload(page, AMBIGUOUS)
        give_answers(page, order)
        assert states(page) == [State.READY]
        assert page.dataframe[0].value["Lead (created)"][0] == day


def test_columns_that_are_not_used_are_named_the_first_of_many(store: Store) -> None:
    first, *lines = TEMPLATE.decode().splitlines()
    odd = ",".join(["*a*", *(f"c{n}" for n in range(13))])
    page = page_of_imports()
    upload(page, "\n".join([f"{first},{odd}", *(line + ",x" * 14 for line in lines)]).encode())
    give_answers(page, "day-month")
    shown = ", ".join(["*a*", *(f"c{n}" for n in range(11))])
    assert f"Not used: {shown} and 2 more" in [read(each) for each in captions(page)]


def test_what_contradicts_newer_data_is_asked_before_the_import(store: Store) -> None:
    newer = batch(
        Fact("1", "lead", at("2026-05-10")),
        source="funnel",
        mapping_name="funnel-template",
        grain=Grain.LEAD,
        data_through=at("2026-06-01"),
    )
    store.commit(newer, who="t", now=NOW)
    page = page_of_imports()
    upload(page, TEMPLATE)
    assert states(page) == [State.ASKING]
    assert [(radio.key or "").split("_", 3)[-1] for radio in page.radio] == ["older"]
    assert page.radio[0].value == "fill_gaps"
    assert "Import" in labels(page)
    answer(page, "older", "overwrite")
    assert states(page) == [State.READY]
    answer(page, "older", "fill_gaps")  # it stays in its place
    assert states(page) == [State.READY]
    click(page, "Import")
    assert states(page) == [State.IMPORTED]
    leads = Tally(TallyKind.REACHED, stage=Stage.LEAD)
    may = Period(date(2026, 5, 1), date(2026, 5, 31))
    assert store.daily([leads], may)[leads] == {date(2026, 5, 2): 1, date(2026, 5, 10): 1}


def test_an_answered_question_stays_in_its_place_and_can_be_answered_anew(store: Store) -> None:
    page = page_of_imports()
    upload(page, AMBIGUOUS)
    asked = [radio.key for radio in page.radio]
    give_answers(page, "day-month")
    assert [radio.key for radio in page.radio] == asked
    answer(page, "order:created", "month-day")
    assert page.dataframe[0].value["Lead (created)"][0] == "2026-03-04"


def test_encodings_are_shown_by_the_cells_that_differ(store: Store) -> None:
    page = page_of_imports()
    upload(page, LATIN)
    (radio,) = page.radio
    first = radio.proto.captions[0]
    assert "Köln" in first
    assert "São Paulo" in first
    answer(page, "encoding", uploads(page)[0].questions[0].options[0].value)
    assert states(page) == [State.READY]
    assert list(page.dataframe[0].value["Channel"]) == ["Köln", "São Paulo"]


def test_what_was_concluded_is_folded_and_can_be_changed(store: Store) -> None:
    page = page_of_imports()
    upload(page, AMBIGUOUS)
    give_answers(page, "day-month")
    assert not any("mql date" in box.key for box in page.selectbox if box.key)
    unfold(page, "imports_concluded")
    (role,) = [box for box in page.selectbox if (box.key or "").endswith("column:mql date")]
    assert role.value == "marketing_qualified"
    role.set_value("sales_qualified")
    run(page)
    assert "SQL (mql date)" in page.dataframe[0].value.columns


def test_a_known_mapping_can_be_set_aside_for_questions(store: Store) -> None:
    page = page_of_imports()
    upload(page, TEMPLATE)
    unfold(page, "imports_concluded")
    click(page, words("imports.ask_me"))
    found = uploads(page)[0].inspection
    assert found is not None
    assert found.known is None
    assert {"id", "column:lead_date"} <= {question.key for question in found.questions}


def test_the_sources_that_are_there_are_on_offer(store: Store) -> None:
    fact = Fact("1", "lead", at("2026-05-01"))
    store.commit(batch(fact, source="our-crm"), who="t", now=NOW)
    store.commit(batch(fact, source="demo-crm", demo=True), who="t", now=NOW)
    page = page_of_imports()
    upload(page, AMBIGUOUS)
    answer(page, "grain", "lead")
    (source,) = [box for box in page.selectbox if (box.key or "").endswith("_source")]
    assert "our-crm" in source.options
    assert "demo-crm" not in source.options
    source.set_value("our-crm")
    run(page)
    assert uploads(page)[0].answers["source"] == "our-crm"


# --- mappings ---


def test_answers_are_kept_under_a_name_and_the_next_file_is_not_asked(store: Store) -> None:
    page = page_of_imports()
    upload(page, AMBIGUOUS, "leads_2026-05.csv")
    give_answers(page, "day-month")
    assert page.text_input[0].value == "leads"
    click(page, "Import")
    assert [saved.name for saved in store.records.saved_mappings()] == ["leads"]
    again = page_of_imports()
    upload(again, AMBIGUOUS.replace(b"L1", b"L9"), "leads_2026-06.csv")
    assert states(again) == [State.READY]
    assert len(again.radio) == 0
    assert again.dataframe[0].value["Lead (created)"][0] == "2026-04-03"


def test_nothing_is_kept_of_answers_where_the_user_does_not_want_it(store: Store) -> None:
    page = page_of_imports()
    upload(page, AMBIGUOUS)
    give_answers(page, "day-month")
    page.checkbox[0].uncheck()
    run(page)
    click(page, "Import")
    assert states(page) == [State.IMPORTED]
    assert store.records.saved_mappings() == ()


def test_a_mapping_of_ones_own_reads_the_file(store: Store) -> None:
    page = page_of_imports()
    upload(page, TEMPLATE)
    unfold(page, "imports_concluded")
    page.file_uploader[1].upload("mine.toml", MAPPING.encode())
    run(page)
    assert numbers(page)["New"] == "2"  # leads 1 and 2, and no MQL
    click(page, "Import")
    assert [record.mapping_name for record in store.imports()] == ["mine"]


@pytest.mark.parametrize(
    ("found", "instead", "sentence"),
    [
        ('grain = "lead"', 'grain = "leed"', 'grain: no such grain "leed". Use one of '),
        ('id = "lead_id"', 'id = "lead_id"\nidd = 1', "idd: no such key here."),
        ('stage = "lead"', 'stage = "*lead*"', 'stage: no such stage "*lead*".'),
        ("[[stages]]", "[[stages", "The mapping, line "),
    ],
    ids=["grain", "key", "stage", "toml"],
)
def test_a_mistake_in_an_own_mapping_shows_its_sentence(
    store: Store, found: str, instead: str, sentence: str
) -> None:
    page = page_of_imports()
    upload(page, TEMPLATE)
    unfold(page, "imports_concluded")
    page.file_uploader[1].upload("mine.toml", MAPPING.replace(found, instead).encode())
    run(page)
    assert page.error[0].value == words("imports.mapping_problem")
    # In an element that reads no Markdown.
    assert any(sentence in text for text in texts(page)), texts(page)
