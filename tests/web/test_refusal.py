"""What a refusal tells a visitor."""

from kpi_core.web.refusal import for_visitors


def test_a_visitor_is_not_told_where_on_the_server_the_data_lie() -> None:
    told = for_visitors({"path": "/srv/kpi/data/records.db", "reason": "a/b", "pid": 7})
    assert told == {"path": "records.db", "reason": "a/b", "pid": 7}
