"""A file as a batch of facts."""

from datetime import datetime

import pandas as pd
import pytest

from kpi_core.domain.issue import Severity
from kpi_core.mapping.document import Mapping
from kpi_core.mapping.parse import read_mapping
from tests.ingest.read import Read, columns_of, read_file

at = datetime.fromisoformat

LEADS = """
name = "leads"
source = "crm"
grain = "lead"
id = "id"
channel = "channel"
owner = "owner"
optional = ["channel", "owner", "role"]
[[stages]]
stage = "lead"
date = "created"
[[stages]]
stage = "won"
date = "closed"
where = {state = ["Won"]}
amount = "value"
[attributes]
role = "role"
"""

TWO_WAYS_TO_WIN = """
name = "leads"
source = "crm"
grain = "lead"
id = "id"
[[stages]]
stage = "won"
date = "signed"
amount = "contract"
[[stages]]
stage = "won"
date = "paid"
amount = "invoice"
"""

EVENTS = """
name = "history"
source = "crm"
grain = "event"
id = "deal"
stage = "stage"
at = "at"
amount = "value"
optional = ["value"]
[stage_values]
"Closed Won" = "won"
"Open" = "opportunity"
"Draft" = ""
"""

LOGINS = """
name = "logins"
source = "app"
grain = "event"
id = "user"
activity = "login"
at = "at"
"""

DAYS = """
name = "days"
source = "web"
grain = "day"
date = "day"
channel = "channel"
optional = ["channel"]
[[counts]]
column = "leads"
stage = "lead"
[[counts]]
column = "views"
measure = "page_views"
"""


def read(mapping: str, text: str, *, secret: bytes | None = None) -> Read:
    sound = read_mapping(mapping)
    assert isinstance(sound, Mapping), sound
    return read_file(text.encode(), sound, secret=secret)


def facts(frame: pd.DataFrame, *columns: str) -> list[tuple[object, ...]]:
    """Rows of these columns, None where a value is missing."""
    chosen = frame[list(columns)].astype(object)
    return [tuple(row) for row in chosen.where(chosen.notna(), None).itertuples(index=False)]


def found(batch: Read) -> list[tuple[str, int | None, str | None, str | None]]:
    return [(issue.code, issue.line, issue.column, issue.value) for issue in batch.issues]


# --- a row per lead ---


def test_each_date_of_a_lead_is_an_event() -> None:
    batch = read(
        LEADS,
        "id,channel,owner,created,closed,state,value,role,Email\n"
        'A, web ,o1,2026-01-05,2026-02-01 10:30,won,"¥1,000",CEO,a@b.jp\n'
        "B,,,2026-01-06,,Open,5,,\n",
    )
    assert facts(batch.events, "line", "lead", "stage", "occurred_at", "amount", "channel") == [
        (2, "A", "lead", at("2026-01-05"), None, "web"),
        (3, "B", "lead", at("2026-01-06"), None, None),
        (2, "A", "won", at("2026-02-01 10:30"), 1000.0, "web"),
    ]
    assert facts(batch.attributes, "line", "lead", "name", "value") == [(2, "A", "role", "CEO")]
    assert (batch.rows, batch.issues, batch.batch.source) == (2, (), "crm")
    assert "a@b.jp" not in repr(batch.events.to_dict()) + repr(batch.attributes.to_dict())


def test_relations_have_the_columns_of_their_kind_that_the_mapping_has() -> None:
    for mapping, text, expected in (
        (LEADS, "id,created,closed,state,value\nA,2026-01-05,,,\n", {
            "events": ["line", "lead", "stage", "occurred_at", "zone", "amount", "withdrawn"],
            "leads": ["line", "lead", "channel", "owner", "attr_role"],
        }),
        (EVENTS, "deal,stage,at\nA,Open,2026-01-05\n", {
            "events": ["line", "lead", "stage", "occurred_at", "zone", "amount"],
        }),
        (LOGINS, "user,at\nA,2026-01-05\n", {
            "events": ["line", "lead", "activity", "occurred_at", "zone"],
        }),
        (DAYS, "day,leads,views\n2026-01-05,1,2\n", {
            "numbers": ["line", "stage", "measure", "day", "channel", "value"],
        }),
    ):  # fmt: skip
        sound = read_mapping(mapping)
        assert isinstance(sound, Mapping), sound
        assert columns_of(text.encode(), sound) == expected


OUTCOMES = """
name = "deals"
source = "crm"
thing = "deal"
grain = "lead"
id = "id"
optional = ["churned"]
[[stages]]
stage = "opportunity"
date = "opened"
[[stages]]
stage = "won"
date = "won"
[[stages]]
stage = "lost"
date = "lost"
[[stages]]
stage = "churned"
date = "churned"
"""


def test_a_row_without_an_outcome_says_that_there_is_none() -> None:
    batch = read(
        OUTCOMES,
        "id,opened,won,lost\nA,2026-01-05,,\nB,2026-01-05,2026-02-01,\nC,2026-01-05,,2026-02-01\n"
        "D,2026-01-05,soon,\nE,2026-01-05,9999-12-31,\n,2026-01-05,,\n",
    )
    assert facts(batch.withdrawn, "line", "lead", "stage", "occurred_at") == [
        (2, "A", "won", None),
        (6, "E", "won", None),
    ]


def test_a_customer_who_is_no_more_was_won() -> None:
    batch = read(
        OUTCOMES,
        "id,opened,won,lost,churned\nA,2026-01-05,,,\nB,2026-01-05,2026-02-01,,\n"
        "C,2026-01-05,,,2026-03-01\n",
    )
    assert facts(batch.withdrawn, "lead", "stage") == [
        ("A", "won"), ("A", "churned"), ("B", "churned"),
    ]  # fmt: skip


def test_a_blank_says_that_nothing_is_won_where_the_file_is_about_wins_alone() -> None:
    mapping = OUTCOMES.replace('[[stages]]\nstage = "opportunity"\ndate = "opened"\n', "")
    batch = read(mapping, "id,won,lost\nA,2026-01-05,\nB,,\n")
    assert facts(batch.withdrawn, "lead", "stage") == [("B", "won")]
    assert batch.issues == ()


def test_a_batch_covers_what_the_file_has_columns_for_whatever_is_in_them() -> None:
    batch = read(OUTCOMES, "id,opened,won,lost\nA,2026-01-05,,\n").batch
    assert batch.covers == {("stage", "opportunity"), ("stage", "won"), ("stage", "lost")}
    assert batch.thing == "deal"
    assert read(LOGINS, "user,at\nA,2026-01-05\n").batch.covers == {("activity", "login")}
    assert read(DAYS, "day,leads,views\n2026-01-05,1,\n").batch.covers == {
        ("stage", "lead"), ("measure", "page_views"),
    }  # fmt: skip


def test_a_row_without_an_id_has_the_same_one_in_another_file() -> None:
    without = LEADS.replace('id = "id"\n', "")
    head = "id,created,closed,state,value\n"
    one = read(without, head + "A,2026-01-05,,,\nA,2026-01-06,,,\n")
    other = read(without, head + "B, 2026-01-06 ,,,\nC,2026-01-07,,,\nD,2026-01-06,,,\n")
    assert one.batch.without_ids
    shared = set(one.events["lead"]) & set(other.events["lead"])
    assert shared == {one.events["lead"][1]}


def test_a_cell_that_is_no_date_costs_its_event_and_no_other() -> None:
    batch = read(
        LEADS,
        "id,created,closed,state,value\nA,四月,2026-02-01,Won,1\nB,2026-02-30,,Open,1\n",
    )
    assert facts(batch.events, "lead", "stage") == [("A", "won")]
    assert found(batch) == [
        ("date_unreadable", 2, "created", "四月"),
        ("date_impossible", 3, "created", "2026-02-30"),
    ]


def test_a_lead_that_reached_no_stage_is_told() -> None:
    batch = read(LEADS, "id,created,closed,state,value\nA,,2026-02-01,Lost,1\n")
    assert found(batch) == [("nothing_in_row", 2, None, None)]
    assert batch.says_nothing


def test_an_amount_that_is_no_number_is_flagged_and_the_win_stays() -> None:
    batch = read(LEADS, "id,created,closed,state,value\nA,,2026-02-01,Won,lots\n")
    assert facts(batch.events, "lead", "stage", "amount") == [("A", "won", None)]
    (issue,) = batch.issues
    assert (issue.code, issue.severity) == ("amount_unreadable", Severity.FLAGGED)


def test_an_amount_where_the_stage_was_not_reached_is_of_no_concern() -> None:
    assert read(LEADS, "id,created,closed,state,value\nA,2026-01-05,,Open,TBD\n").issues == ()


def test_of_two_dates_of_a_stage_with_numbers_of_their_own_the_earlier_is_taken() -> None:
    batch = read(
        TWO_WAYS_TO_WIN,
        "id,signed,contract,paid,invoice\n"
        "A,2026-05-09,100,2026-05-12,90\n"
        "B,2026-05-14,,2026-05-13,80\n"
        "C,2026-05-15,,2026-05-15,70\n"
        "D,2026-05-16,60,2026-05-16,50\n"
        "E,,40,,30\n",
    )
    assert facts(batch.events, "line", "lead", "stage", "occurred_at", "amount") == [
        (2, "A", "won", at("2026-05-09"), 100.0),
        (3, "B", "won", at("2026-05-13"), 80.0),
        (4, "C", "won", at("2026-05-15"), 70.0),
        (5, "D", "won", at("2026-05-16"), 60.0),
    ]


def test_a_sentinel_date_is_no_date() -> None:
    batch = read(LEADS, "id,created,closed,state,value\nA,2026-01-05,9999-12-31,Won,1\n")
    assert facts(batch.events, "stage") == [("lead",)]
    (issue,) = batch.issues
    assert (issue.code, issue.severity) == ("far_future", Severity.FLAGGED)


def test_an_undated_stage_is_kept_without_a_date() -> None:
    undated = LEADS.replace('date = "created"', 'date = "created"\nblank = "undated"')
    batch = read(
        undated, "id,created,closed,state,value\nA,,,,\nB,9999-12-31,,,\nC,x,,,\nD,2026-01-05,,,\n"
    )
    assert facts(batch.events, "lead", "occurred_at") == [
        ("A", None),
        ("B", None),
        ("D", at("2026-01-05")),
    ]


def test_a_date_ahead_of_now_is_taken_in_and_flagged() -> None:
    batch = read(LEADS, "id,created,closed,state,value\nA,2026-07-02,,,\nB,2026-07-03 00:00,,,\n")
    assert len(batch.events) == 2
    assert found(batch) == [("date_in_future", 3, "created", "2026-07-03 00:00")]


def test_conditions_hold_without_regard_to_case_and_width_and_all_must() -> None:
    both = LEADS.replace('{state = ["Won"]}', '{state = ["Won", "OK"], kind = ["new"]}')
    batch = read(
        both,
        "id,created,closed,state,kind,value\n"
        "A,,2026-01-01,ＷＯＮ,New,1\nB,,2026-01-01,ok,new,1\nC,,2026-01-01,Won,old,1\n"
        "D,,2026-01-01,,new,1\n",
    )
    assert facts(batch.events, "lead") == [("A",), ("B",)]


def test_another_date_for_the_same_lead_and_stage_is_flagged_at_its_line() -> None:
    batch = read(
        LEADS,
        "id,created,closed,state,value\n"
        "A,2026-01-05,,,\nB,2026-01-06,,,\nA,2026-01-05,,,\nA,2026-01-01,,,\nA,,2026-03-01,Won,\n",
    )
    assert len(batch.events) == 5
    assert found(batch) == [("same_id_other_date", 5, "created", "2026-01-01")]


def test_of_an_attribute_given_twice_the_last_is_taken() -> None:
    batch = read(
        LEADS,
        "id,created,closed,state,value,role\n"
        "A,2026-01-05,,,,CEO\nA,2026-01-05,,,,CTO\nA,2026-01-05,,,,\n",
    )
    assert facts(batch.attributes, "line", "lead", "value") == [(2, "A", "CEO"), (3, "A", "CTO")]


def test_a_row_without_its_id_is_rejected() -> None:
    batch = read(LEADS, "id,created,closed,state,value\n ,2026-01-05,,,\n")
    assert found(batch) == [("id_missing", 2, "id", None)]


def test_rows_of_a_mapping_without_ids_are_leads_of_their_own() -> None:
    text = "id,created,closed,state,value\nA,2026-01-05,,,\nA,2026-01-05,,,\n"
    without = LEADS.replace('id = "id"\n', "")
    batch = read(without, text)
    first, second = (lead for (lead,) in facts(batch.events, "lead"))
    assert str(first).removesuffix("#1") == str(second).removesuffix("#2")
    assert str(first) != str(second)
    assert [(issue.code, issue.line, issue.severity) for issue in batch.issues] == [
        ("rows_without_id", None, Severity.FLAGGED)
    ]
    again = read(without + "# said otherwise\n", text)
    assert facts(again.events, "lead") == facts(batch.events, "lead")
    assert again.batch.content_hash != batch.batch.content_hash


def test_a_file_without_the_columns_is_refused_with_those_it_has() -> None:
    batch = read(LEADS, "ID,created,state\nA,2026-01-05,x\n")
    assert found(batch) == [
        ("column_missing", None, "id", "ID, created, state"),
        ("column_missing", None, "closed", "ID, created, state"),
        ("column_missing", None, "value", "ID, created, state"),
    ]
    assert batch.says_nothing
    assert batch.rows == 1


# --- personal data ---

MAILS = """id,created,closed,state,value
Ann@Example.com,2026-01-05,,,
 ann@example.COM ,,2026-02-01,Won,1
B,2026-01-05,,,
"""


def test_a_mail_address_as_id_is_hashed_with_the_key() -> None:
    batch = read(LEADS, MAILS, secret=b"key")
    first, other, second = (str(lead) for (lead,) in facts(batch.events, "lead"))
    assert first == second
    assert first.startswith("mail:")
    assert other == "B"
    (elsewhere,), *_ = facts(read(LEADS, MAILS, secret=b"other").events, "lead")
    assert elsewhere != first


def test_a_mail_address_as_id_is_rejected_without_a_key_and_not_repeated() -> None:
    batch = read(LEADS, MAILS)
    assert facts(batch.events, "lead") == [("B",)]
    assert found(batch) == [("mail_as_id", 2, "id", None), ("mail_as_id", 3, "id", None)]


def test_mail_addresses_elsewhere_are_left_out_and_said_once() -> None:
    batch = read(
        LEADS,
        "id,channel,owner,created,closed,state,value,role\n"
        "A,web,dwight@example.com,2026-01-05,,,,Ask bob@example.com\n"
        "B,web,o2,jim@example.com,,,,CEO\n"
        "C,web,pam@example.com,2026-01-05,,,,Boss\n",
    )
    assert facts(batch.events, "lead", "owner") == [("A", None), ("C", None)]
    assert facts(batch.attributes, "lead", "value") == [("C", "Boss")]
    assert found(batch) == [
        ("mail_dropped", None, "owner", None),
        ("mail_dropped", None, "role", None),
        ("date_unreadable", 3, "created", "…@…"),
    ]


# --- a row per event ---


def test_a_stage_change_is_an_event_and_an_unknown_stage_is_told() -> None:
    batch = read(
        EVENTS,
        "deal,stage,at,value\n"
        "A,closed won,2026-01-05 10:00,7\n"
        "A,Draft,2026-01-04,\n"
        "B,Nurture,2026-01-04,\n"
        "C,,2026-01-04,\n"
        "D,Open,,\n"
        "E,Open,2050-01-01,\n",
    )
    assert facts(batch.events, "line", "lead", "stage", "activity", "occurred_at", "amount") == [
        (2, "A", "won", None, at("2026-01-05 10:00"), 7.0)
    ]
    assert found(batch) == [
        ("unknown_stage", 4, "stage", "Nurture"),
        ("stage_missing", 5, "stage", None),
        ("date_missing", 6, "at", None),
        ("far_future", 7, "at", "2050-01-01"),
    ]
    assert {issue.severity for issue in batch.issues} == {Severity.REJECTED}


def test_a_stage_reached_again_in_a_history_is_no_issue() -> None:
    batch = read(EVENTS, "deal,stage,at\nA,Open,2026-01-05\nA,Open,2026-01-09\n")
    assert len(batch.events) == 2
    assert batch.issues == ()


def test_each_row_of_an_activity_is_an_event() -> None:
    batch = read(LOGINS, "user,at\nA,2026-01-05 09:00\nA,2026-01-05 10:00\n")
    assert facts(batch.events, "lead", "stage", "activity") == [("A", None, "login")] * 2


# --- a row per day ---


def test_a_day_has_counts_and_measures_and_its_time_is_of_no_concern() -> None:
    batch = read(
        DAYS,
        "day,channel,leads,views\n"
        '2026-01-05T00:00:00+09:00,web,3,"1,200"\n'
        "2026-01-05 23:00,ads,,5\n"
        "2026-01-06,web,x,7\n"
        "2026-01-07,web,,\n"
        ",web,1,1\n",
    )
    assert facts(batch.counts, "line", "stage", "day", "channel", "count") == [
        (2, "lead", at("2026-01-05"), "web", 3.0)
    ]
    assert facts(batch.measures, "line", "measure", "day", "channel", "value") == [
        (2, "page_views", at("2026-01-05"), "web", 1200.0),
        (3, "page_views", at("2026-01-05"), "ads", 5.0),
        (4, "page_views", at("2026-01-06"), "web", 7.0),
    ]
    assert found(batch) == [
        ("number_unreadable", 4, "leads", "x"),
        ("nothing_in_row", 5, None, None),
        ("date_missing", 6, "day", None),
    ]


def test_a_day_that_comes_twice_adds_up_and_is_flagged() -> None:
    batch = read(DAYS, "day,leads,views\n2026-01-05,3,1\n2026-01-06,1,1\n2026-01-05,4,1\n")
    assert facts(batch.counts, "day", "count") == [
        (at("2026-01-05"), 7.0),
        (at("2026-01-06"), 1.0),
    ]
    assert found(batch) == [("same_day_added", 4, "day", "2026-01-05")]


def test_columns_of_one_stage_add_up_without_a_word() -> None:
    two = DAYS.replace('measure = "page_views"', 'stage = "lead"')
    batch = read(two, "day,leads,views\n2026-01-05,3,1\n")
    assert facts(batch.counts, "day", "count") == [(at("2026-01-05"), 4.0)]
    assert batch.issues == ()


@pytest.mark.parametrize("exported_at", [None, at("2026-06-30 18:00")])
def test_data_through_is_the_export_time_where_that_is_known(exported_at: datetime | None) -> None:
    mapping = read_mapping(DAYS)
    assert isinstance(mapping, Mapping)
    content = b"day,leads,views\n2026-01-05,3,1\n"
    batch = read_file(content, mapping, exported_at=exported_at)
    assert batch.batch.data_through == exported_at


def test_a_state_that_the_mapping_does_not_know_is_flagged() -> None:
    batch = read(
        LEADS + '[passed_over]\nstate = ["Open"]\n',
        "id,created,closed,state,value\n"
        "1,2026-01-05,2026-01-06,won,\n2,2026-01-05,2026-01-06,受注,\n"
        "3,2026-01-05,,OPEN,\n4,2026-01-05,,,\n",
    )
    flagged = [issue for issue in batch.issues if issue.code == "unknown_state"]
    assert [(issue.line, issue.column, issue.value) for issue in flagged] == [(3, "state", "受注")]
    assert {issue.severity for issue in flagged} == {Severity.FLAGGED}
