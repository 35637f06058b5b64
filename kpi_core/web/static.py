"""Small copies of a framework's own static files, made once and served ready-made.

Streamlit serves its bundle uncompressed, 2.8 MB for a first view. Compressing at each
request would cost more than it gives; the files never change, so neither do the copies.
"""

from __future__ import annotations

import gzip
import logging
import mimetypes
import os
import re
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.utils import formatdate
from hashlib import sha256
from pathlib import Path

import brotli
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

LOGGER = logging.getLogger(__name__)

COMPRESSIBLE = {".js", ".css", ".html", ".json", ".svg", ".map"}
FOR_EVER = "public, immutable, max-age=31536000"
"""For names that carry a hash of what is in them, as all under static/ do."""
EACH_TIME = "no-cache"
INDEX = "index.html"


def _brotli_best(body: bytes) -> bytes:
    return bytes(brotli.compress(body, quality=11))


def _brotli_good(body: bytes) -> bytes:
    return bytes(brotli.compress(body, quality=9))


def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, 9, mtime=0)


@dataclass(frozen=True)
class Copy:
    """One file in one encoding, as it goes over the wire."""

    body: bytes
    headers: Mapping[str, str]


class StaticCopies:
    """The copies of one directory, kept in `cache`, a folder of this version's own.

    What `index.html` names comes first and smallest, since every visitor needs it. Until
    a copy is made, and wherever the disk cannot be written, there is none.
    """

    def __init__(self, directory: Path, cache: Path) -> None:
        self._directory = directory
        self._cache = cache
        self._copies: dict[tuple[str, str], Copy] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Make what is missing, in a thread that steps back for everything else."""
        self._thread = threading.Thread(target=self._make_quietly, name="kpi-static", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop after the file that is being made."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def make(self) -> None:
        """Make every copy that is missing. OSError where the cache cannot be written."""
        first = self._named_by_index()
        names = sorted(
            path.relative_to(self._directory).as_posix()
            for path in self._directory.rglob("*")
            if path.suffix in COMPRESSIBLE
        )
        for name in sorted(names, key=lambda name: name not in first):
            best = _brotli_best if name in first else _brotli_good
            for encoding, compress in (("br", best), ("gzip", _gzip)):
                if self._stop.is_set():
                    return
                self._copies[name, encoding] = self._copy(name, encoding, compress)

    def find(self, name: str, accepted: str) -> Copy | None:
        """The smallest copy of a file that a visitor accepts. None where there is none yet."""
        codings = {
            coding.strip()
            for coding, _, weight in (part.partition(";") for part in accepted.split(","))
            if weight.strip() != "q=0"
        }
        for encoding in ("br", "gzip"):
            if encoding in codings and (copy := self._copies.get((name, encoding))):
                return copy
        return None

    def _make_quietly(self) -> None:
        with suppress(AttributeError, OSError):  # Linux only; elsewhere it is as quick as it is
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)
        try:
            self.make()
        except OSError as problem:
            LOGGER.warning("Static files are served uncompressed: %s", problem)

    def _named_by_index(self) -> set[str]:
        text = (self._directory / INDEX).read_text(encoding="utf-8")
        return {INDEX, *re.findall(r'(?:src|href)="\./([^"]+)"', text)}

    def _copy(self, name: str, encoding: str, compress: Callable[[bytes], bytes]) -> Copy:
        source = self._directory / name
        kept = self._cache / f"{name}.{encoding}"
        if kept.is_file():
            body = kept.read_bytes()
        else:
            body = compress(source.read_bytes())
            kept.parent.mkdir(parents=True, exist_ok=True)
            # Written beside, then renamed: a killed server leaves no half of a file.
            beside = kept.with_name(f"{kept.name}.{os.getpid()}")
            beside.write_bytes(body)
            beside.replace(kept)
        media_type = mimetypes.guess_type(name)[0] or "text/plain"
        if media_type.startswith("text/"):
            media_type += "; charset=utf-8"
        return Copy(
            body,
            {
                "content-type": media_type,
                "content-encoding": encoding,
                "content-length": str(len(body)),
                "cache-control": EACH_TIME if name == INDEX else FOR_EVER,
                "etag": f'"{sha256(body).hexdigest()[:32]}"',
                "last-modified": formatdate(source.stat().st_mtime, usegmt=True),
                "vary": "accept-encoding",
            },
        )


class CompressedStatic:
    """Answers for `/` and `/static/…` from the copies, and leaves all else to the app."""

    def __init__(self, app: ASGIApp, copies: StaticCopies, base_path: str = "") -> None:
        self._app = app
        self._copies = copies
        self._root = f"/{base_path.strip('/')}/" if base_path.strip("/") else "/"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = self._answer(scope)
        await (response or self._app)(scope, receive, send)

    def _answer(self, scope: Scope) -> Response | None:
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
            return None
        path = str(scope["path"])
        if not path.startswith(self._root):
            return None
        name = path.removeprefix(self._root) or INDEX
        headers = Headers(scope=scope)
        if not (name == INDEX or name.startswith("static/")) or "range" in headers:
            return None
        copy = self._copies.find(name, headers.get("accept-encoding", ""))
        if copy is None:
            return None
        known = {
            tag.strip().removeprefix("W/") for tag in headers.get("if-none-match", "").split(",")
        }
        if copy.headers["etag"] in known:
            kept = {"cache-control", "etag", "vary"}
            return Response(
                status_code=304, headers={k: v for k, v in copy.headers.items() if k in kept}
            )
        body = b"" if scope["method"] == "HEAD" else copy.body
        return Response(body, headers=dict(copy.headers))
