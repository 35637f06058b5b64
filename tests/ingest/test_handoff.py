"""The word that a running server leaves for the command line."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from kpi_core.ingest.handoff import (
    Server,
    ServerAway,
    new_token,
    place,
    remove_server,
    running_server,
    send_file,
    write_server,
)

HERE = Server("http://127.0.0.1:8501/board", os.getpid(), "a token")


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "kpi.duckdb"


def test_a_server_that_left_word_is_found(database: Path) -> None:
    write_server(database, HERE)
    assert running_server(database) == HERE
    assert place(database) == database.with_name("kpi.duckdb.server")
    assert list(database.parent.iterdir()) == [place(database)]


def test_only_its_owner_may_read_it(database: Path) -> None:
    write_server(database, HERE)
    assert place(database).stat().st_mode & 0o777 == 0o600


def test_without_a_word_nobody_is_found(database: Path) -> None:
    assert running_server(database) is None


def test_the_word_of_a_process_that_ended_is_passed_over(database: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    write_server(database, Server(HERE.url, ended.pid, HERE.token))
    assert running_server(database) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"url": "x"}', '{"pid": 1, "a": 2}'])
def test_a_word_that_cannot_be_understood_is_passed_over(database: Path, text: str) -> None:
    place(database).write_text(text, encoding="utf-8")
    place(database).chmod(0o600)
    assert running_server(database) is None


def test_a_word_that_others_may_have_read_is_not_trusted(database: Path) -> None:
    write_server(database, HERE)
    place(database).chmod(0o644)
    assert running_server(database) is None


def test_a_server_takes_back_its_own_word_only(database: Path) -> None:
    write_server(database, HERE)
    remove_server(database, Server(HERE.url, HERE.pid, "another run's"))
    assert running_server(database) == HERE
    remove_server(database, HERE)
    assert not place(database).exists()
    remove_server(database, HERE)  # once more changes nothing


def test_the_next_server_writes_over_the_last(database: Path) -> None:
    write_server(database, HERE)
    following = Server(HERE.url, HERE.pid, new_token())
    write_server(database, following)
    assert running_server(database) == following


def test_a_token_is_not_shown_where_a_server_is_printed() -> None:
    assert HERE.token not in repr(HERE)


def test_a_server_that_does_not_answer_is_said_to_be_away(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    path = tmp_path / "leads.csv"
    path.write_text("lead_id,lead_date\n", encoding="utf-8")
    with pytest.raises(ServerAway):
        send_file(Server(f"http://127.0.0.1:{port}", 1, "t"), path, [])


def test_a_file_that_is_not_there_is_no_fault_of_the_server(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        send_file(HERE, tmp_path / "nothing.csv", [])
