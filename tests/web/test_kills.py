"""Killed while they take files in, the server and the command line lose and double nothing.

`make baddays` kills 50 times by each way in, the gate once.
"""

import http.client
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

import pytest

from kpi_core.facts.store import open_store
from kpi_core.ingest.inbox.inbox_folder import Inbox
from kpi_core.mapping.document import fingerprint
from kpi_core.records.tokens import TokenScope
from tests.server import ROOT, Server, start_server

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL"),
]

KILLS = 5 * int(os.environ["KPI_BAD_DAYS"]) if "KPI_BAD_DAYS" in os.environ else 1
PATIENCE_SECONDS = 90
NOW = datetime.fromisoformat("2026-11-22T12:00")
SIZES = (1, 3, 1200)
"""Rows of a file: few go into records, many into a file of facts."""
MAPPING = """
name = "crm"
source = "crm"
grain = "lead"
id = "id"
[[stages]]
stage = "lead"
date = "at"
"""
HEADER = "id,at"


def file_of(number: int) -> tuple[str, bytes]:
    """A file's name and bytes: leads that no other file has, so that a doubled one shows."""
    rows = [f"{number}-{row},2026-11-{row % 20 + 1:02}" for row in range(SIZES[number % 3])]
    return f"{number:04}.csv", "\n".join([HEADER, *rows, ""]).encode()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture(params=["sqlite", "postgresql"])
def records_url(request: pytest.FixtureRequest) -> str | None:
    """Where the records are; None for the data folder."""
    return request.getfixturevalue("postgres_url") if request.param == "postgresql" else None


@pytest.fixture
def environ(data: Path, records_url: str | None) -> dict[str, str]:
    """The settings of whatever works on the store."""
    return {"KPI_DATA": str(data)} | ({} if records_url is None else {"KPI_RECORDS": records_url})


@pytest.fixture
def token(data: Path, records_url: str | None) -> str:
    """A token of a store that knows how the files are read."""
    with closing(open_store(data, records_url=records_url)) as store:
        store.records.save_mapping("crm", MAPPING, fingerprint(HEADER.split(",")), who="t", now=NOW)
        return store.records.add_token("t", TokenScope.IMPORTS, who="t", now=NOW)[1]


@pytest.fixture
def anything_lives() -> Iterator[list[subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for each in started:
        each.kill()
        each.wait()


def check(environ: dict[str, str], acknowledged: Collection[str], begun: int) -> None:
    """Each acknowledged file is one import, no file is two, and every lead is counted once."""
    data, records_url = environ["KPI_DATA"], environ.get("KPI_RECORDS")
    with closing(open_store(data, records_url=records_url)) as store:
        assert store.problems == ()
        standing = [each.file_name for each in store.imports() if each.is_current]
        assert len(standing) == len(set(standing))
        assert set(acknowledged) <= set(standing)
        assert set(standing) <= {file_of(number)[0] for number in range(begun)}
        assert store.leads() == sum(SIZES[int(name[:4]) % 3] for name in standing)
        for each in store.imports():
            receipt = store.receipt(each.import_id)
            assert receipt.is_counted
            assert receipt.new_leads == SIZES[int(each.file_name[:4]) % 3]


def send(server: Server, token: str, number: int) -> int:
    """Import a file over HTTP; the answer's status."""
    name, content = file_of(number)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "text/csv"}
    with closing(connection):
        connection.request("POST", f"/api/imports?name={name}", content, headers)
        answer = connection.getresponse()
        json.load(answer)
        return answer.status


def board(folder: Path, environ: dict[str, str], inbox: str = "off") -> Server:
    data, records_url = environ["KPI_DATA"], environ.get("KPI_RECORDS", "")
    return start_server(folder, KPI_DATA=data, KPI_RECORDS=records_url, KPI_INBOX=inbox)


def kill_all(server: Server) -> None:
    """The server ends at once; its readers notice by themselves."""
    os.kill(server.process.pid, signal.SIGKILL)
    server.kill()


def test_a_server_killed_while_it_answers_loses_and_doubles_nothing(
    tmp_path: Path, environ: dict[str, str], token: str
) -> None:
    acknowledged: set[str] = set()
    begun = 0
    for _ in range(KILLS):
        server = board(tmp_path, environ)
        # What was cut off is sent again, as a program does that heard no answer.
        for number in range(begun):
            if file_of(number)[0] not in acknowledged:
                assert send(server, token, number) in (200, 201)
                acknowledged.add(file_of(number)[0])
        killed = threading.Timer(random.uniform(0.2, 3.0), kill_all, [server])
        killed.start()
        with suppress(OSError, http.client.HTTPException):
            while True:
                number, begun = begun, begun + 1
                assert send(server, token, number) == 201
                acknowledged.add(file_of(number)[0])
        killed.join()
        check(environ, acknowledged, begun)
    assert acknowledged or KILLS == 1


def test_a_command_killed_while_it_imports_leaves_the_whole_file_or_nothing(
    tmp_path: Path,
    environ: dict[str, str],
    token: str,
    anything_lives: list[subprocess.Popen[bytes]],
) -> None:
    acknowledged: set[str] = set()

    def command(number: int) -> subprocess.Popen[bytes]:
        name, content = file_of(number)
        (tmp_path / name).write_bytes(content)
        process = subprocess.Popen(
            [sys.executable, "-m", "kpi_core", "import", str(tmp_path / name)],
            cwd=ROOT,
            env=os.environ | environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        anything_lives.append(process)
        return process

    for number in range(2 * KILLS):
        process = command(number)
        try:
            code = process.wait(random.uniform(0.5, 4.0))
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        if code == 0:
            acknowledged.add(file_of(number)[0])
        check(environ, acknowledged, number + 1)
        assert command(number).wait(PATIENCE_SECONDS) == 0  # known already, or imported now
        acknowledged.add(file_of(number)[0])
        check(environ, acknowledged, number + 1)


def test_a_server_killed_over_its_inbox_takes_every_file_in_once(
    tmp_path: Path, environ: dict[str, str], token: str
) -> None:
    inbox = Inbox(tmp_path / "inbox")
    inbox.path.mkdir()
    dropped = 0
    for _ in range(KILLS):
        server = board(tmp_path, environ, str(inbox.path))
        for _ in range(6):
            name, content = file_of(dropped)
            (inbox.path / name).write_bytes(content)
            dropped += 1
        time.sleep(random.uniform(0.5, 8.0))
        kill_all(server)
        check(environ, (), dropped)
    with board(tmp_path, environ, str(inbox.path)):
        until(lambda: len(list(inbox.done.glob("*.receipt.json"))) == dropped, 5.0 * dropped)
    check(environ, [file_of(number)[0] for number in range(dropped)], dropped)


def until(condition: Callable[[], bool], more_seconds: float) -> None:
    """Wait for what has to come."""
    give_up = time.monotonic() + PATIENCE_SECONDS + more_seconds
    while not condition():
        assert time.monotonic() < give_up, "It did not come."
        time.sleep(0.1)
