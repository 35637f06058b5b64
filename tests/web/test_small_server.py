"""docs/small-server.md, as far as a machine can try it: its units, its proxy, its backup."""

import json
import os
import re
import shlex
import shutil
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from urllib.parse import urlencode

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from tests.server import Server, start_server

NAME = "kpi.example.com"
TEXT = "correct horse"


def block(root: Path, kind: str, begins: str) -> str:
    """One listing of the page, by its kind and first words."""
    page = (root / "docs" / "small-server.md").read_text(encoding="utf-8")
    listings = re.findall(rf"^```{kind}\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    (found,) = [each for each in listings if begins in each]
    return str(found)


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("kpi-board.service", "Description=KPI board\n"),
        ("kpi-board-backup.service", "Description=Backup of the KPI board\n"),
        ("kpi-board-backup.timer", "every night"),
    ],
)
def test_systemd_reads_the_units(root: Path, tmp_path: Path, name: str, begins: str) -> None:
    verify = shutil.which("systemd-analyze")
    if verify is None:
        pytest.skip("No systemd here.")
    here = str(tmp_path)
    for each, words in (
        ("kpi-board.service", "Description=KPI board\n"),
        ("kpi-board-backup.service", "Description=Backup of the KPI board\n"),
        (name, begins),
    ):
        text = block(root, "ini", words).replace("/opt/kpi-board/.venv/bin/streamlit", "/bin/true")
        (tmp_path / each).write_text(text, encoding="utf-8")
    ran = subprocess.run(
        [verify, "verify", "--man=no", f"{here}/{name}"],
        capture_output=True,
        text=True,
        check=False,
    )
    told = [line for line in ran.stderr.splitlines() if here in line or name in line]
    assert (ran.returncode, told) == (0, [])


@dataclass(frozen=True)
class Proxied:
    """A board behind the proxy of the page."""

    board: Server
    port: int
    trust: ssl.SSLContext

    def get(self, path: str, host: str = NAME) -> "Answer":
        url = f"https://127.0.0.1:{self.port}{path}"
        return self.send(urllib.request.Request(url, headers={"Host": host}))

    def send(self, request: urllib.request.Request) -> "Answer":
        """The answer, wherever it leads."""
        handlers = (urllib.request.HTTPSHandler(context=self.trust), Stay())
        try:
            answer = urllib.request.build_opener(*handlers).open(request, timeout=60)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return Answer(answer.status, answer.headers, answer.read().decode())


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Message
    text: str


class Stay(urllib.request.HTTPRedirectHandler):
    """Goes nowhere else."""

    def redirect_request(self, *_: object) -> None:
        """None: the redirection is the answer."""


@pytest.fixture(scope="module")
def proxied(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    nginx, openssl = shutil.which("nginx"), shutil.which("openssl")
    if nginx is None or openssl is None:
        pytest.skip("No nginx or no openssl here.")
    folder = tmp_path_factory.mktemp("proxied")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        shlex.split(
            f"{openssl} req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={NAME}"
            f" -keyout {key} -out {certificate}"
        ),
        capture_output=True,
        check=True,
    )
    trust = ssl.create_default_context()
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    with start_server(
        folder, KPI_DEMO="1", KPI_HOSTS=NAME, FORWARDED_ALLOW_IPS="127.0.0.1"
    ) as board:
        port = board.port + 1 if board.port < 65_000 else board.port - 1
        site = block(root, "nginx", "server {")
        site = re.sub(r"(?ms)^server \{\n    listen 80;.*?^\}\n", "", site)
        site = site.replace("    listen [::]:443 ssl;\n", "")
        for given, here in (
            ("listen 443", f"listen 127.0.0.1:{port}"),
            ("127.0.0.1:8501", f"127.0.0.1:{board.port}"),
            ("/etc/ssl/kpi.example.com.pem", str(certificate)),
            ("/etc/ssl/private/kpi.example.com.key", str(key)),
        ):
            assert given in site
            site = site.replace(given, here)
        own = f"pid {folder}/pid; error_log {folder}/log; daemon off; worker_processes 1;"
        temporary = "".join(
            f"{each}_temp_path {folder}/{each};"
            for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        config = folder / "nginx.conf"
        config.write_text(
            f"{own}\nevents {{}}\nhttp {{ access_log off; {temporary}\n{site} }}\n",
            encoding="utf-8",
        )
        subprocess.run([nginx, "-t", "-c", str(config)], capture_output=True, check=True)
        process = subprocess.Popen([nginx, "-c", str(config)])
        try:
            found = Proxied(board, port, trust)
            for _ in range(100):
                try:
                    found.get("/healthz")
                    break
                except OSError:
                    time.sleep(0.1)
            yield found
        finally:
            process.terminate()
            process.wait(20)


def test_pages_come_through_the_proxy_and_a_foreign_name_does_not(proxied: Proxied) -> None:
    page = proxied.get("/")
    assert page.status == 200
    assert "frame-ancestors 'self'" in page.headers["content-security-policy"]
    assert "max-age" in page.headers["strict-transport-security"]
    assert json.loads(proxied.get("/healthz").text)["ready"]
    assert proxied.get("/", "evil.example").status == 421


def test_web_sockets_come_through_the_proxy(proxied: Proxied) -> None:
    def opens(path: str, name: str) -> bool:
        try:
            with connect(
                f"wss://{name}{path}",
                sock=socket.create_connection(("127.0.0.1", proxied.port)),
                ssl=proxied.trust,
                origin=Origin(f"https://{name}"),
            ):
                return True
        except InvalidStatus:
            return False

    for path in ("/_stcore/stream", "/wall/_live"):
        assert opens(path, NAME)
        assert not opens(path, "evil.example")


def test_the_cookie_that_unlocks_is_for_tls_alone(proxied: Proxied, root: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "kpi_core", "password", "set", "--stdin"],
        cwd=root,
        env=os.environ | {"KPI_DATA": str(proxied.board.data)},
        input=f"{TEXT}\n".encode(),
        capture_output=True,
        check=True,
    )
    request = urllib.request.Request(
        f"https://127.0.0.1:{proxied.port}/unlock",
        urlencode({"password": TEXT}).encode(),
        {"Host": NAME, "Origin": f"https://{NAME}"},
    )
    answer = proxied.send(request)
    assert answer.status == 303
    assert "; secure" in answer.headers["set-cookie"].lower()


def test_the_backup_of_the_page_is_made(proxied: Proxied, root: Path, tmp_path: Path) -> None:
    begins = "Description=Backup of the KPI board\n"
    (line,) = re.findall(r"^ExecStart=(.*)$", block(root, "ini", begins), re.MULTILINE)
    command = line.replace("%%", "%").replace("/var/lib/kpi-board-backups", str(tmp_path))
    command = command.replace(".venv/bin/python", sys.executable)
    subprocess.run(
        shlex.split(command),
        cwd=root,
        env=os.environ | {"KPI_DATA": str(proxied.board.data)},
        capture_output=True,
        check=True,
    )
    assert [each.suffix for each in tmp_path.iterdir()] == [".zip"]
