"""Files of a board that runs: in its data folder, for its owner only, and nowhere else."""

import json
import os
import socket
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.bombs import FAR_CELLS, workbook
from tests.server import Server, start_server

PATIENCE_SECONDS = 60
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")


def token_of(data: Path, root: Path) -> str:
    made = subprocess.run(
        [sys.executable, "-m", "kpi_core", "token", "add", "crm", "--json"],
        cwd=root,
        env=os.environ | {"KPI_DATA": str(data)},
        capture_output=True,
        check=True,
    )
    return str(json.loads(made.stdout)["token"])


def half_sent(server: Server, token: str) -> socket.socket:
    """A file of which the second half does not come."""
    sending = socket.create_connection(("127.0.0.1", server.port), 10)
    head = (
        "POST /api/imports HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 5000000\r\n"
        f"authorization: Bearer {token}\r\n\r\n"
    )
    sending.sendall(head.encode() + b"id,mail\n" + b"1,ann@example.com\n" * 100_000)
    return sending


def post(server: Server, token: str, content: bytes) -> str:
    headers = {"Authorization": f"Bearer {token}", "X-File-Name": "a.xlsx"}
    request = urllib.request.Request(f"{server.url}/api/imports", content, headers)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        with error:
            return str(error.read().decode())


def uploads(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("kpi-upload-*") if path.stat().st_size]


def readable_by_others(data: Path) -> list[Path]:
    entries = [data, *data.rglob("*")]
    return [path for path in entries if stat.S_IMODE(path.lstat().st_mode) & 0o077]


@pytest.mark.slow
def test_what_a_killed_board_left_goes_at_the_next_start_and_is_its_owners_alone(
    root: Path, tmp_path: Path
) -> None:
    data, spools = tmp_path / "data", tmp_path / "system"
    spools.mkdir()
    data.mkdir(mode=0o755)
    token = token_of(data, root)
    far = workbook(FAR_CELLS["plain"])
    with start_server(tmp_path, TMPDIR=str(spools), KPI_INBOX=str(data / "inbox")) as server:
        assert "reader_ended" in post(server, token, far)
        with half_sent(server, token):
            until = time.monotonic() + PATIENCE_SECONDS
            while not uploads(data / "tmp") and time.monotonic() < until:
                time.sleep(0.1)
            assert uploads(data / "tmp")
            assert readable_by_others(data) == []
            server.kill()
    assert uploads(data / "tmp")
    with start_server(tmp_path, TMPDIR=str(spools), KPI_INBOX=str(data / "inbox")) as server:
        assert uploads(data / "tmp") == []
        assert "quarantined" in post(server, token, far)
    assert list(spools.rglob("kpi-*")) == []


@pytest.mark.slow
def test_a_board_answers_others_while_it_reads_the_longest_cells(
    root: Path, tmp_path: Path
) -> None:
    token = token_of(tmp_path / "data", root)
    with start_server(tmp_path) as server:
        code = (
            "import sys, urllib.error, urllib.request; from tests.bombs import long_cells\n"
            "for unit in ('a', 'a@', '1,'):\n"
            "    request = urllib.request.Request(sys.argv[1], long_cells(unit), "
            "{'Authorization': 'Bearer ' + sys.argv[2]})\n"
            "    try: urllib.request.urlopen(request, timeout=60).read()\n"
            "    except urllib.error.HTTPError: pass\n"
        )
        sending = subprocess.Popen(
            [sys.executable, "-c", code, f"{server.url}/api/imports", token], cwd=root
        )
        slowest = 0.0
        while sending.poll() is None:
            begun = time.monotonic()
            with urllib.request.urlopen(f"{server.url}/healthz", timeout=60) as answer:
                assert answer.status == 200
            slowest = max(slowest, time.monotonic() - begun)
            time.sleep(0.05)
        assert sending.returncode == 0
        assert slowest < 10  # on an idle machine half a second; it was sixteen
