"""Events sent as JSON: what is understood, and what is said of the rest."""

import csv
import io
import json
from typing import Any

import pytest

from kpi_core.domain.stage import Stage
from kpi_core.i18n.catalog import Language, Words
from kpi_core.web.api.api_error import ApiError
from kpi_core.web.api.events import DETAILS_SHOWN, MOST_EVENTS, as_table, read_events

EVENT = {"lead": "1", "stage": "won", "at": "2026-03-12T09:14:00+09:00"}


def body(*events: object, source: str = "crm") -> bytes:
    return json.dumps({"source": source, "events": events}).encode()


def table(*events: object) -> list[dict[str, str]]:
    content, _ = as_table(read_events(body(*events)))
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def mistakes(*events: object) -> dict[str, str]:
    """The code of each mistake by its path."""
    with pytest.raises(ApiError) as refusal:
        read_events(body(*events))
    for language in Language:
        refusal.value.response(Words(language))  # every sentence is there
    return {each.path: each.code for each in refusal.value.details}


def test_events_become_a_table_with_the_columns_they_have() -> None:
    other = {"lead": 2, "stage": "lead", "at": "2026-03-01", "amount": 1.5,
             "attributes": {"role": "部長, 営業", "employees": 120}}  # fmt: skip
    assert table(EVENT, other) == [
        {"lead": "1", "stage": "won", "at": "2026-03-12 09:14:00+09:00",
         "amount": "", "employees": "", "role": ""},
        {"lead": "2", "stage": "lead", "at": "2026-03-01",
         "amount": "1.5", "employees": "120", "role": "部長, 営業"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("at", "clock"),
    [
        ("2026-03-12T00:14:00Z", "2026-03-12 00:14:00+00:00"),
        ("2026-03-31T23:30:00-05:00", "2026-03-31 23:30:00-05:00"),
        ("2026-03-12T09:14:00", "2026-03-12 09:14:00"),
        ("2026-03-12T00:00:00", "2026-03-12 00:00:00"),
        ("2026-03-12", "2026-03-12"),
    ],
)
def test_a_moment_stays_as_it_was_sent(at: str, clock: str) -> None:
    assert table(EVENT | {"at": at})[0]["at"] == clock


@pytest.mark.parametrize(
    ("name", "stage"), [("MQL", "marketing_qualified"), ("sql", "sales_qualified"), ("受注", "won")]
)
def test_a_stage_is_understood_by_the_name_that_people_give_it(name: str, stage: str) -> None:
    assert [row["stage"] for row in table(EVENT | {"stage": name})] == [stage]


def test_the_mapping_reads_every_stage_that_is_sent_and_keeps_the_source() -> None:
    event = EVENT | {"attributes": {'ro"le = [': "x"}, "owner": "Sato"}
    sent = (event | {"stage": stage.value} for stage in Stage)
    _, mapping = as_table(read_events(body(*sent, source="my  crm")))
    assert mapping.source == "my  crm"
    assert mapping.stage_values == {stage.value: stage for stage in Stage}
    assert (mapping.id, mapping.owner, mapping.amount) == ("lead", "owner", None)
    assert mapping.attributes == {'ro"le = [': 'ro"le = ['}
    _, of_one = as_table(read_events(body(event | {"stage": "won"})))
    assert of_one.stage_values == {"won": Stage.WON}


@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        ({"lead": None}, "lead", "field_not_text"),
        ({"lead": ""}, "lead", "field_empty"),
        ({"lead": "x" * 1001}, "lead", "field_too_long"),
        ({"stage": "demo booked"}, "stage", "field_not_a_stage"),
        ({"at": "March"}, "at", "field_not_a_moment"),
        ({"at": "2026-02-30"}, "at", "field_not_a_moment"),
        ({"at": "0001-01-01T00:00+14:00"}, "at", "field_not_a_moment"),
        ({"at": 20260312}, "at", "field_not_a_moment"),
        ({"amount": "1,000"}, "amount", "field_not_a_number"),
        ({"amount": True}, "amount", "field_not_a_number"),
        ({"quality": float("inf")}, "quality", "field_not_a_number"),
        ({"lead": float("inf")}, "lead", "field_not_text"),
        ({"channel": float("nan")}, "channel", "field_not_text"),
        ({"mail": "x"}, "mail", "field_unknown"),
        ({"attributes": []}, "attributes", "field_not_an_object"),
        ({"attributes": {"role": []}}, "attributes.role", "field_not_text"),
        ({"attributes": {"lead": "2"}}, "attributes", "field_reserved"),
    ],
)
def test_each_mistake_has_its_path(change: dict[str, Any], path: str, code: str) -> None:
    assert mistakes(EVENT, EVENT | change) == {f"events.1.{path}": code}


@pytest.mark.parametrize("sign", ["\n", "\x1b", "\u202e", "\u200b"])
def test_a_source_with_a_sign_that_nobody_sees_is_refused(sign: str) -> None:
    with pytest.raises(ApiError) as refusal:
        read_events(body(EVENT, source=f"c{sign}rm"))
    (detail,) = refusal.value.details
    assert (detail.path, detail.code) == ("source", "field_invisible")
    assert f"U+{ord(sign):04X}" in detail.sentence(Words(Language.EN))


def test_attributes_are_bounded_over_all_events() -> None:
    halves = [{f"a{at}": "x" for at in some} for some in (range(250), range(250, 501))]
    events = [EVENT | {"attributes": each} for each in halves]
    assert mistakes(*events) == {"events": "too_many_attributes"}
    halves[1].pop("a500")
    assert table(*events)[0]["a0"] == "x"


def test_what_is_missing_is_named() -> None:
    assert mistakes({}) == {
        "events.0.lead": "field_missing",
        "events.0.stage": "field_missing",
        "events.0.at": "field_missing",
    }


def test_an_event_that_is_none_and_a_list_without_one_are_refused() -> None:
    assert mistakes(EVENT, "won") == {"events.1": "field_not_an_object"}
    assert mistakes() == {"events": "field_empty"}


def test_more_events_than_are_read_at_once_are_refused() -> None:
    assert mistakes(*[EVENT] * (MOST_EVENTS + 1)) == {"events": "too_many_events"}


def test_of_many_mistakes_the_first_are_listed_and_all_are_counted() -> None:
    with pytest.raises(ApiError) as refusal:
        read_events(body(*[EVENT | {"stage": "?"}] * 100))
    assert len(refusal.value.details) == DETAILS_SHOWN
    assert "100 errors" in refusal.value.message(Words(Language.EN))


@pytest.mark.parametrize("content", [b"", b"{", b"lead_id\n1\n", b"\xff\xfe", b"[1]", b"null"])
def test_what_is_no_json_or_no_object_is_refused(content: bytes) -> None:
    with pytest.raises(ApiError) as refusal:
        read_events(content)
    assert refusal.value.status == 422
    for language in Language:
        assert refusal.value.message(Words(language))


def test_a_mail_address_is_not_told_back() -> None:
    with pytest.raises(ApiError) as refusal:
        read_events(body(EVENT | {"stage": "taro@example.co.jp"}))
    assert "taro" not in str(refusal.value.details)
