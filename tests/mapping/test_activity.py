"""A log of what users do is imported by the answers that its own rows offer."""

import pytest

from kpi_core.facts.store import Store
from kpi_core.ingest.import_file import import_file
from tests.ingest.inspected import NOW, answer, answered, asked, codes, of

LOG_INS = (
    "user_id,logged_in_at\n"
    "u1,2026-11-02 09:00\nu1,2026-11-03 09:10\nu1,2026-11-04 08:50\nu2,2026-11-02 10:00\n"
)
LOG = (
    "event_id,user_id,event,occurred at\n"
    "e1,u1,sign_in,2026-11-02 09:00\ne2,u1,export,2026-11-02 09:05\n"
    "e3,u1,sign_in,2026-11-03 09:00\ne4,u2,sign_in,2026-11-03 11:00\n"
    "e5,u2,sign_out,2026-11-03 12:00\n"
)
JAPANESE = (
    "ユーザーID,操作,日時\n"
    "A1,ログイン,2026/11/02 09:00\nA1,ログアウト,2026/11/02 18:00\n"
    "A1,ログイン,2026/11/03 09:00\nA2,ログイン,2026/11/03 09:30\nA2,求人閲覧,2026/11/03 09:40\n"
)


@pytest.mark.parametrize(
    ("text", "user", "times"),
    [(LOG_INS, "user_id", 4), (LOG, "user_id", 3), (JAPANESE, "ユーザーID", 3)],
)
def test_the_first_offers_count_the_log_ins_of_each_user(
    store: Store, text: str, user: str, times: int
) -> None:
    found = answered(text.encode(), "usage.csv")
    mapping = found.mapping
    assert mapping is not None
    assert (mapping.activity, mapping.id, mapping.thing) == ("login", user, "user")
    receipt = import_file(store, text.encode(), "usage.csv", mapping, who="test", now=NOW)
    assert receipt.new == times
    assert {each.name for each in receipt.months} == {"login"}
    assert codes(receipt.issues) == []
    assert ("activity", "login") in store.coverage().known


def test_another_activity_of_the_log_is_counted_where_the_user_says_so(store: Store) -> None:
    found = of(LOG, grain="activity", source="app", activity="export", at="occurred at")
    assert found.mapping is not None
    assert found.mapping.activity == "export"
    receipt = import_file(store, LOG.encode(), "log.csv", found.mapping, who="test", now=NOW)
    assert receipt.new == 1


def test_a_log_without_a_word_for_it_is_asked_what_its_rows_are() -> None:
    text = "user_id,day\nu1,2026-11-02\nu1,2026-11-03\nu2,2026-11-03\n"
    question = asked(of(text, grain="activity"), "activity")
    assert question.open
    assert question.free
    assert answer(of(text, grain="activity", activity="Report viewed"), "activity")
    found = of(text, grain="activity", activity="Report viewed", source="app")
    assert found.mapping is not None
    assert found.mapping.activity == "report_viewed"


def test_a_list_of_leads_is_no_log_of_log_ins() -> None:
    text = "Lead ID,Created,Last login\n1,2026-11-02,2026-11-05\n2,2026-11-03,2026-11-06\n"
    assert asked(of(text), "grain").options[0].value == "lead"
