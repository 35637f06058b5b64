"""A board that runs, for tests that look at it from outside."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

START_SECONDS = 60


@dataclass(frozen=True)
class Server:
    """A board that runs: `streamlit run app.py` on a loopback port of its own."""

    url: str
    database: Path
    log: Path
    process: "subprocess.Popen[bytes]"

    def stop(self) -> None:
        """Ask it to end; after ten seconds, make it."""
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it at once, in the midst of whatever it does."""
        self.process.kill()
        self.process.wait()


StartServer = Callable[..., Server]

running: list[Server] = []
"""Those that have not been stopped yet; what they logged is told with a test that failed."""


def start_server(root: Path, folder: Path, environ: dict[str, str]) -> Server:
    """Start one with these settings; a new store, no demo and no inbox unless they say so."""
    port = _free_port()
    database = Path(environ.get("KPI_DATABASE") or folder / "kpi.duckdb")
    log = folder / "streamlit.log"
    command = [sys.executable, "-m", "streamlit", "run", "app.py"]
    command += ["--server.address", "127.0.0.1", "--server.port", str(port)]
    command += ["--server.headless", "true", "--server.fileWatcherType", "none"]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            cwd=root,
            env=os.environ
            | {"KPI_DEMO": "0", "KPI_INBOX": "off"}
            | environ
            | {"KPI_DATABASE": str(database)},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    return Server(f"http://127.0.0.1:{port}", database, log, process)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_healthy(server: Server) -> None:
    """Wait until it answers; a test fails with one that does not."""
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up:
        if server.process.poll() is not None:
            pytest.fail(f"The board ended while starting, code {server.process.returncode}.")
        with (
            contextlib.suppress(urllib.error.URLError, OSError),
            urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=2) as answer,
        ):
            if answer.status == 200:
                return
        time.sleep(0.1)
    pytest.fail(f"The board did not answer within {START_SECONDS} seconds.")
