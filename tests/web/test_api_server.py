"""The API of a board that runs, met by a program that knows nothing but HTTP."""

import http.client
import json
import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.server import Server, start_server

ROWS = 60_000


@dataclass(frozen=True)
class Board:
    """A board that runs, and a token that was made before it did."""

    server: Server
    token: str

    def post(self, body: bytes | Any, query: str = "", **headers: str) -> tuple[int, Any]:
        """Status and answer."""
        request = urllib.request.Request(
            f"{self.server.url}/api/imports{query}",
            body,
            {"Authorization": f"Bearer {self.token}", "Content-Type": "text/csv", **headers},
            method="POST",
        )
        return answer_to(request)


def answer_to(request: urllib.request.Request) -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


@pytest.fixture(scope="module")
def board(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    """A token by the command line, then a board on the same store. The last test stops it."""
    folder = tmp_path_factory.mktemp("board")
    ran = subprocess.run(
        [sys.executable, "-m", "kpi_core", "token", "add", "crm", "--json"],
        cwd=root,
        env=os.environ | {"KPI_DATA": str(folder / "data")},
        capture_output=True,
        check=True,
    )
    with start_server(folder, KPI_UPLOAD_LIMIT_MB="20") as server:
        yield Board(server, json.loads(ran.stdout)["token"])


def healthy(server: Server) -> int:
    return answer_to(urllib.request.Request(f"{server.url}/healthz"))[0]


@pytest.fixture(scope="module")
def olist(shared: Path) -> bytes:
    folder = shared / "exports" / "olist_funnel"
    return (folder / "olist_marketing_qualified_leads_dataset.csv").read_bytes()


def test_a_real_file_goes_in_once(board: Board, olist: bytes) -> None:
    name = {"X-File-Name": "olist%E3%83%AA%E3%83%BC%E3%83%89.csv"}
    status, first = board.post(olist, **name)
    assert status == 201, first
    assert (first["file_name"], first["rows"]) == ("olistリード.csv", 8000)
    assert first["new_leads"] == 8000
    status, again = board.post(olist, **name)
    assert (status, again["repeats"], again["import_id"]) == (200, first["import_id"], None)


def test_statuses_come_over_the_wire(board: Board, olist: bytes) -> None:
    assert board.post(olist, Authorization="Bearer nobody")[0] == 401
    assert board.post(b"key,arrived\n1,2026-05-01\n")[0] == 422
    status, answer = board.post(b"x" * 20_000_001)
    assert (status, answer["error"]["code"]) == (413, "too_large")


def test_how_the_server_is_can_be_asked(board: Board) -> None:
    status, told = answer_to(urllib.request.Request(f"{board.server.url}/healthz"))
    assert (status, told["ready"], told["records"]) == (200, True, "ok")
    assert told["cache"] == {"state": "ready"}
    assert told["disk_free_bytes"] > 0
    assert told["readers"]["running"] >= 1  # one has read a file above


def test_a_file_that_is_too_large_is_refused_before_it_is_sent(board: Board) -> None:
    host = board.server.url.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=30)
    connection.putrequest("POST", "/api/imports")
    connection.putheader("Authorization", f"Bearer {board.token}")
    connection.putheader("Content-Length", "5000000000")
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_the_board_answers_while_a_file_is_taken_in(board: Board) -> None:
    """However slow the machine: one that was made to wait would wait for the whole import."""
    rows = b"".join(b"%d,2026-05-01,2026-05-03\n" % number for number in range(ROWS))
    answers: list[tuple[int, Any]] = []
    sent = b"lead_id,lead_date,mql_date\n" + rows
    sending = threading.Thread(target=lambda: answers.append(board.post(sent)))
    waits: list[float] = []
    began = time.monotonic()
    sending.start()
    while sending.is_alive():
        asked = time.monotonic()
        assert healthy(board.server) == 200
        waits.append(time.monotonic() - asked)
    seconds = time.monotonic() - began
    assert answers[0][0] == 201, answers[0][1]
    assert answers[0][1]["rows"] == ROWS
    assert max(waits) < seconds / 2, (max(waits), seconds)


def test_a_board_that_stopped_has_logged_no_token(board: Board) -> None:
    board.server.stop()
    log = board.server.log.read_text(encoding="utf-8", errors="replace")
    assert board.token not in log
