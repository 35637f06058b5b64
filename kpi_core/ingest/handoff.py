"""How the command line finds the server that holds the store, and hands it a file.

A running server holds DuckDB's file alone. Beside it lies `<database>.server`, readable to
its owner only: where the server listens, and a token made at its start, of which the server
itself keeps the hash. This module imports neither Starlette nor the store.
"""

from __future__ import annotations

import json
import os
import secrets
import ssl
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlencode, urlsplit

IMPORTS = "/api/imports"
"""Where the API takes files in, seen from the server's base path."""
CHUNK_BYTES = 1 << 20
CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 3600.0
"""An import of many millions of rows waits for those before it and takes its minutes."""


@dataclass(frozen=True)
class Server:
    """A server that runs: where it answers, as which process, and what opens it.

    `certificate` is the file of the certificate it shows; empty without encryption.
    """

    url: str
    pid: int
    token: str
    certificate: str = ""

    def __repr__(self) -> str:
        return f"Server(url={self.url!r}, pid={self.pid})"


class ServerAway(Exception):
    """The server does not answer, or went away before it did."""


def new_token() -> str:
    """A token for one run of the server."""
    return secrets.token_urlsafe(32)


def place(database: Path) -> Path:
    """Where the server of this database leaves word."""
    return database.with_name(f"{database.name}.server")


def write_server(database: Path, server: Server) -> None:
    """Leave word of a server, for its owner's eyes only. OSError where the folder refuses."""
    target = place(database)
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(asdict(server), file)
    beside.replace(target)


def remove_server(database: Path, server: Server) -> None:
    """Take back the word of this server; that of another one stays."""
    if _read(place(database)) == server:
        place(database).unlink(missing_ok=True)


def running_server(database: Path) -> Server | None:
    """The server that runs on this database.

    None where nobody left word, where it was somebody else, or where the process is gone.
    """
    server = _read(place(database))
    return server if server is not None and _runs(server.pid) else None


def send_file(
    server: Server,
    path: Path,
    params: Sequence[tuple[str, str]],
    *,
    mapping: str | None = None,
) -> tuple[int, Any]:
    """Have the server take a file in. Its status and its answer, as `POST /api/imports` gives them.

    `params` are that route's; `mapping` is the text of a mapping of one's own. The file is
    read while it is sent. ServerAway where no answer comes, OSError where the file cannot be read.
    """
    boundary = secrets.token_hex(16)
    head, tail = _form(mapping, boundary)
    asked = [*params, ("name", path.name)]
    with path.open("rb") as file:
        length = len(head) + os.fstat(file.fileno()).st_size + len(tail)
        headers = {
            "authorization": f"Bearer {server.token}",
            "content-type": f"multipart/form-data; boundary={boundary}",
            "content-length": str(length),
        }
        return _ask(server, asked, headers, _body(head, file, tail))


def _ask(
    server: Server,
    params: Sequence[tuple[str, str]],
    headers: dict[str, str],
    body: Iterable[bytes],
) -> tuple[int, Any]:
    parts = urlsplit(server.url)
    connection = _connection(server)
    target = f"{parts.path.rstrip('/')}{IMPORTS}?{urlencode(params)}"
    try:
        connection.connect()
        connection.sock.settimeout(ANSWER_SECONDS)
        with suppress(BrokenPipeError, ConnectionResetError):  # refused before all of it was sent
            connection.request("POST", target, body, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    except (ConnectionError, TimeoutError, HTTPException, ssl.SSLError, ValueError) as error:
        raise ServerAway(type(error).__name__) from error
    finally:
        connection.close()


def _connection(server: Server) -> HTTPConnection:
    parts = urlsplit(server.url)
    host, port = parts.hostname or "127.0.0.1", parts.port
    if parts.scheme != "https":
        return HTTPConnection(host, port, timeout=CONNECT_SECONDS)
    # Its own certificate, which names another host than the loopback it is asked at.
    context = ssl.create_default_context(cafile=server.certificate or None)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return HTTPSConnection(host, port, timeout=CONNECT_SECONDS, context=context)


def _form(mapping: str | None, boundary: str) -> tuple[bytes, bytes]:
    """What stands before the file's bytes in a form, and what behind them."""
    head = ""
    if mapping is not None:
        head += _part(boundary, 'name="mapping"') + mapping + "\r\n"
    head += _part(boundary, 'name="file"; filename="file"')
    return head.encode(), f"\r\n--{boundary}--\r\n".encode()


def _part(boundary: str, about: str) -> str:
    return f"--{boundary}\r\nContent-Disposition: form-data; {about}\r\n\r\n"


def _body(head: bytes, file: BinaryIO, tail: bytes) -> Iterator[bytes]:
    yield head
    while chunk := file.read(CHUNK_BYTES):
        yield chunk
    yield tail


def _read(path: Path) -> Server | None:
    """What is written there; None for what is not there, not ours, or not to be understood."""
    try:
        with path.open(encoding="utf-8") as file:
            if not _ours(os.fstat(file.fileno())):
                return None
            return Server(**json.load(file))
    except (OSError, ValueError, TypeError):
        return None


def _ours(status: os.stat_result) -> bool:
    """Written by this user or by the system's, and by nobody else: it says where a file is sent."""
    if os.name != "posix":
        return True
    return status.st_uid in (os.getuid(), 0) and not status.st_mode & 0o077


def _runs(pid: int) -> bool:
    """Whether there is such a process. Assumed on Windows, where asking would end it."""
    if os.name != "posix":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        pass
    return True
