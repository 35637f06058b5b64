"""How boards are started to be looked at: in one place, harmlessly, and never left behind."""

import re
import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests import server
from tests.server import STOCK_READY, DidNotStart, Server, start_server

PAGE = 'import streamlit as st\nst.text("here")\n'
OF_ITS_OWN = re.compile(r"""["']streamlit["'],\s*["']run["']""")


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """The smallest page there is: it starts in a second."""
    path = tmp_path / "page.py"
    path.write_text(PAGE, encoding="utf-8")
    return path


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The processes that were started, with what they were told."""
    processes: list[Any] = []
    popen = subprocess.Popen

    def start(command: list[str], **how: Any) -> Any:
        processes.append(popen(command, **how))
        processes[-1].told = how["env"]
        return processes[-1]

    monkeypatch.setattr(subprocess, "Popen", start)
    return processes


def stock(page: Path, **how: Any) -> Server:
    return start_server(page.parent, app=page, cwd=page.parent, ready=STOCK_READY, **how)


def test_nobody_else_starts_a_board(root: Path) -> None:
    files = [
        path
        for folder in ("benchmarks", "docs", "kpi_core", "pages", "tests")
        for path in (root / folder).rglob("*.py")
    ]
    assert len(files) > 100
    at = [path for path in files if OF_ITS_OWN.search(path.read_text(encoding="utf-8"))]
    assert [path.relative_to(root).as_posix() for path in at] == ["tests/server.py"]


def test_a_board_has_a_store_of_its_own_and_no_inbox_whatever_the_user_has_set(
    page: Path, started: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_INBOX", "data/inbox")
    monkeypatch.setenv("KPI_DATA", "elsewhere")
    monkeypatch.setenv("KPI_KEEP_RAW_DAYS", "9")
    with stock(page, KPI_DEMO="1") as board:
        assert server.running == [board]
    assert server.running == []
    [process] = started
    assert process.poll() is not None
    told = {name: text for name, text in process.told.items() if name.startswith("KPI_")}
    data = page.parent / "data"
    assert board.data == data
    assert told == {"KPI_DATA": str(data), "KPI_DEMO": "1", "KPI_INBOX": "off"}


def test_one_that_is_not_ready_in_time_is_ended(page: Path, started: list[Any]) -> None:
    with pytest.raises(DidNotStart, match="not ready in time"):
        stock(page, seconds=0.3)
    assert [each.poll() is not None for each in started] == [True]


def test_one_that_ends_while_starting_says_why(tmp_path: Path, started: list[Any]) -> None:
    with pytest.raises(DidNotStart, match=r"(?s)ended with 2 .*File does not exist: nowhere\.py"):
        start_server(tmp_path, app=Path("nowhere.py"))
    assert len(started) == 1


def test_a_port_that_somebody_has_is_waited_for(page: Path, started: list[Any]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        port = somebody.getsockname()[1]

        def leave() -> None:
            while not started or started[0].poll() is None:
                time.sleep(0.02)
            somebody.close()

        threading.Thread(target=leave).start()
        with stock(page, port=port) as board:
            assert board.port == port
    assert len(started) > 1
    assert all(each.poll() is not None for each in started)
