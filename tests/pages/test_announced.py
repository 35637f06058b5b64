"""What the server leaves for the command line while it runs."""

from pathlib import Path

import pytest

from kpi_core.ingest.handoff import running_server
from kpi_core.web.bearer import digest
from pages import _api


@pytest.mark.parametrize(
    ("listens", "asked"),
    [
        (None, "127.0.0.1"),
        ("", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),
        ("::", "127.0.0.1"),
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "[::1]"),
        ("192.0.2.7", "192.0.2.7"),
        ("localhost", "localhost"),
        ("board.example.com", "board.example.com"),
    ],
)
def test_a_server_is_asked_over_the_loopback_unless_it_listens_elsewhere(
    listens: str | None, asked: str
) -> None:
    assert _api.reachable(listens) == asked


def test_a_server_is_found_as_long_as_it_runs_and_knows_its_own_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = tmp_path / "kpi.duckdb"
    monkeypatch.setenv("KPI_DATABASE", str(database))
    local = _api.api().host.local_digest
    assert local() is None
    with _api.announced():
        found = running_server(database)
        assert found is not None
        assert local() == digest(found.token)
    assert running_server(database) is None
    assert local() is None


def test_a_folder_that_cannot_be_written_keeps_no_server_from_starting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("KPI_DATABASE", str(tmp_path / "nowhere" / "kpi.duckdb"))
    with _api.announced():
        assert "will not find this server" in caplog.text
