"""A wall to test: its server with a clock that moves, and a network that can be cut."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.conftest import ROOT
from tests.server import Server, running, wait_until_healthy

CLOCK = "KPI_TEST_CLOCK"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Office:
    """A store, a clock and a server that is started and killed at will, always on one port."""

    folder: Path
    token: str = ""
    port: int = field(default_factory=free_port)
    server: Server | None = None

    @property
    def database(self) -> Path:
        return self.folder / "kpi.duckdb"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def clock(self, moment: str) -> None:
        """Set it: `2026-11-20 14:02 +09:00`."""
        file = self.folder / "clock"
        beside = file.with_suffix(".new")
        beside.write_text(moment)
        beside.replace(file)

    def start(self, **environ: str) -> None:
        """Start the server and wait until it is warm."""
        command = [sys.executable, "-m", "streamlit", "run", "tests/browser/wall_app.py"]
        command += ["--server.address", "127.0.0.1", "--server.port", str(self.port)]
        command += ["--server.headless", "true", "--server.fileWatcherType", "none"]
        log = self.folder / "streamlit.log"
        own = {
            "PYTHONPATH": str(ROOT),
            "KPI_DATABASE": str(self.database),
            "KPI_DEMO": "0",
            "KPI_INBOX": "off",
            CLOCK: str(self.folder / "clock"),
        }
        with log.open("ab") as out:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=os.environ | own | environ,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        self.server = Server(self.url, self.database, log, process)
        running.append(self.server)
        wait_until_healthy(self.server)
        give_up = time.monotonic() + 60
        while time.monotonic() < give_up:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{self.url}/healthz", timeout=5)
                return
            time.sleep(0.1)

    def end(self, how: Callable[[Server], None] = Server.stop) -> None:
        """Stop the server, or kill it."""
        if self.server is not None:
            running.remove(self.server)
            how(self.server)
            self.server = None

    def send(self, *leads: str, at: str, amount: float | None = None) -> None:
        """Import leads that qualified at a moment, as a program would."""
        events = [
            {"lead": lead, "stage": "marketing_qualified", "at": at, "channel": "web"}
            | ({} if amount is None else {"amount": amount})
            for lead in leads
        ]
        request = urllib.request.Request(
            f"{self.url}/api/imports",
            json.dumps({"source": "crm", "events": events}).encode(),
            {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            assert answer.status == 201


class Network:
    """What lies between a screen and its server. It can be cut, or fall silent."""

    def __init__(self, port: int) -> None:
        self._behind = port
        self._open = True
        self._silent = False
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cut(self) -> None:
        """Every connection ends, and none is made."""
        self._open = False
        for pair in self._pairs:
            for end in pair:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()
        self._pairs.clear()

    def fall_silent(self) -> None:
        """Connections stay, and nothing comes through; nobody is told."""
        self._silent = True

    def mend(self) -> None:
        """As if nothing had been."""
        if self._silent:  # what was connected is lost: it has missed what was said
            self.cut()
        self._silent, self._open = False, True

    def close(self) -> None:
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if not self._open:
                near.close()
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self._behind), timeout=5)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            self._pairs.append((near, far))
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                if not self._silent:
                    other.sendall(data)
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def network_to(office: Office) -> Iterator[Network]:
    """A network of its own between a screen and the office's server."""
    network = Network(office.port)
    try:
        yield network
    finally:
        network.close()
