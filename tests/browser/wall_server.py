"""A wall to test: its server with a clock that moves, and a network that can be cut."""

import contextlib
import json
import socket
import threading
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kpi_core.facts.store import Store
from kpi_core.plans.document import Plan
from kpi_core.plans.revisions import load_plan
from tests.server import ROOT, Server, start_server

APP = ROOT / "tests" / "browser" / "wall_app.py"
FRIDAY = "2026-11-20 14:02 +09:00"
WHO = "test"
BEFORE = datetime.fromisoformat("2026-11-01 09:00")


@dataclass
class Office:
    """A store, a clock and a server that is started and killed at will, always on one port."""

    folder: Path
    token: str = ""
    port: int = 0
    server: Server | None = None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def clock(self, moment: str) -> None:
        """Set it: `2026-11-20 14:02 +09:00`."""
        file = self.folder / "clock"
        beside = file.with_suffix(".new")
        beside.write_text(moment)
        beside.replace(file)

    def start(self) -> None:
        """Start the server, where it does not run."""
        if self.server is None:
            self.server = start_server(
                self.folder, app=APP, port=self.port, KPI_TEST_CLOCK=str(self.folder / "clock")
            )
            self.port = self.server.port

    def end(self, how: Callable[[Server], None] = Server.stop) -> None:
        """Stop the server, or kill it."""
        if self.server is not None:
            how(self.server)
            self.server = None

    def send(self, channel: str, *leads: str, at: str, stage: str = "marketing_qualified") -> None:
        """Import leads that came by a channel and reached a stage, as a program would."""
        events = [
            {"lead": f"{channel} {lead}", "stage": stage, "at": at, "channel": channel}
            for lead in leads
        ]
        request = urllib.request.Request(
            f"{self.url}/api/imports",
            json.dumps({"source": "crm", "events": events}).encode(),
            {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            assert answer.status == 201


def put(store: Store, text: str) -> None:
    """Put a plan to work."""
    plan = load_plan(store, text, why="", effective_from=None, who=WHO, now=BEFORE)
    assert isinstance(plan, Plan), plan


class Network:
    """What lies between a screen and its server. It can be cut, or fall silent."""

    def __init__(self, port: int) -> None:
        self._behind = port
        self._open = True
        self._silent = False
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._changing = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cut(self) -> None:
        """Every connection ends, and none is made."""
        with self._changing:
            self._open = False
            for end in (end for pair in self._pairs for end in pair):
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
            with self._changing:
                pair = self._connected(near) if self._open else None
                if pair is None:
                    near.close()
                    continue
                self._pairs.append(pair)
            for one, other in (pair, pair[::-1]):
                threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _connected(self, near: socket.socket) -> tuple[socket.socket, socket.socket] | None:
        try:
            far = socket.create_connection(("127.0.0.1", self._behind), timeout=5)
        except OSError:
            return None
        far.settimeout(None)
        return near, far

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
