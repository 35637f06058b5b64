"""What an error of the API tells its caller."""

from kpi_core.records.errors import StoreError


def test_a_visitor_is_not_told_where_on_the_server_the_data_lie() -> None:
    error = StoreError("locked", path="/srv/kpi/data/records.db", reason="a/b", pid=7)
    assert error.public_params == {"path": "records.db", "reason": "a/b", "pid": 7}
