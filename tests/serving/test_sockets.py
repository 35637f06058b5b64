"""Connections of the server do not hold answers back."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from kpi_core.server import lifespan


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    """A socket made as Streamlit makes the server's."""
    with socket.socket(family=socket.AF_INET) as made:
        made.bind(("127.0.0.1", 0))
        made.listen()
        yield made


def holds_back(listening: socket.socket) -> bool:
    """Whether a connection taken now waits with a small segment until the last has arrived."""
    with socket.create_connection(listening.getsockname()), listening.accept()[0] as taken:
        return taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 0


def test_connections_send_at_once(listening: socket.socket, tmp_path: Path) -> None:
    with (tmp_path / "a file").open("w"):
        assert holds_back(listening)
        lifespan.send_at_once()
        assert not holds_back(listening)


def test_a_system_without_a_list_of_open_files_is_left_as_it_is(
    listening: socket.socket, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(lifespan, "OPEN_FILES", tmp_path / "none")
    lifespan.send_at_once()
    assert holds_back(listening)
