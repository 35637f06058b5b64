"""A file of a shape that is known: what is asked of it all the same, and what is not."""

from dataclasses import dataclass

import pytest

from kpi_core.domain.stage import Stage
from kpi_core.facts.store import Store
from kpi_core.ingest.import_file import import_file
from kpi_core.ingest.inspect import Inspection, inspect
from kpi_core.mapping.document import Mapping, fingerprint
from kpi_core.mapping.parse import read_mapping
from tests.ingest.inspected import NOW, asked, at, of, open_keys


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
