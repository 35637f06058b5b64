"""The body of a request on its way into a temporary file: counted, never held whole in memory."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from python_multipart.multipart import parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request

from kpi_core.domain.mail_address import without_mail_in_name
from kpi_core.web.api.api_error import ApiError
from kpi_core.web.api.form import Form, NotAForm

MB = 1_000_000
EVENTS_MB = 8
"""The largest list of events in JSON, which is read as a whole. A file may be larger."""
PIECE_BYTES = 1 << 20
AROUND_A_FILE = 300_000
"""Bytes of a form that are not its file: a mapping, and what parts them."""
STALLED_SECONDS = 60.0
LONGEST_NAME = 200
UNNAMED, UNNAMED_EVENTS = "upload", "events.json"


@dataclass(frozen=True)
class Upload:
    """What was sent, as a file. `mapping` is the text of a mapping that came with it."""

    path: Path
    name: str
    is_events: bool = False
    mapping: str | None = None


@dataclass(frozen=True)
class Limit:
    """How much may be sent, and the code of the error for more."""

    mb: int
    code: str = "too_large"

    def error(self) -> ApiError:
        """The error of a larger body."""
        return ApiError(413, self.code, {"limit": self.mb}, extra={"limit_mb": self.mb})


@asynccontextmanager
async def received(request: Request, limit_mb: int, name: str = "") -> AsyncIterator[Upload]:
    """The body as a temporary file, removed afterwards; ApiError for one that cannot be read."""
    kind, options = parse_options_header(request.headers.get("content-type"))
    is_events, is_form = kind == b"application/json", kind.startswith(b"multipart/")
    _check_kind(request, kind)
    limit = Limit(EVENTS_MB, "events_too_large") if is_events else Limit(limit_mb)
    _check_length(request, limit, around=AROUND_A_FILE if is_form else 0)
    handle, temporary = tempfile.mkstemp(prefix="kpi-upload-")
    path = Path(temporary)
    try:
        with FileIO(handle, "wb") as file:
            spool = _Spool(file, limit)
            mapping = None
            if is_form:
                form = Form(options.get(b"boundary", b""), spool.add)
                await _read(request, spool, form.read)
                form.finish()
                name, mapping = name or form.file_name or "", form.mapping
            else:
                await _read(request, spool, spool.add)
        unnamed = UNNAMED_EVENTS if is_events else UNNAMED
        yield Upload(path, file_name(name) or unnamed, is_events, mapping)
    except NotAForm as problem:
        raise ApiError(422, problem.code, {"field": problem.field}) from problem
    finally:
        with suppress(OSError):
            path.unlink()


async def small_body(request: Request, most: int, too_large: ApiError) -> bytes:
    """A body of at most so many bytes, in memory; ApiError for a larger one, or for none."""
    _check_coding(request)
    length = request.headers.get("content-length")
    if length is not None and length.isdecimal() and int(length) > most:
        raise too_large
    pieces, body = aiter(request.stream()), bytearray()
    while (piece := await _next(pieces)) is not None:
        body += piece
        if len(body) > most:
            raise too_large
    if not body:
        raise ApiError(411, "plan_missing")
    return bytes(body)


def file_name(given: str) -> str:
    """The last part of a path of any system: on one line, bounded, without mail addresses."""
    last = given.replace("\\", "/").rpartition("/")[2]
    line = "".join(sign for sign in last if sign.isprintable()).strip()
    return without_mail_in_name(line[:LONGEST_NAME])


class _Spool:
    """A file's bytes, which go to disk in large pieces. ApiError once they are more than the limit.

    `taken` counts them.
    """

    def __init__(self, file: FileIO, limit: Limit) -> None:
        self._file = file
        self.limit = limit
        self.taken = 0
        self._waiting = bytearray()

    def add(self, piece: bytes) -> None:
        """Hold a piece until enough have arrived."""
        self.taken += len(piece)
        if self.taken > self.limit.mb * MB:
            raise self.limit.error()
        self._waiting += piece

    async def write(self, *, at_least: int) -> None:
        """Write the pieces once they are as many bytes."""
        if len(self._waiting) >= at_least:
            piece, self._waiting = self._waiting, bytearray()
            await run_in_threadpool(self._file.write, piece)


async def _read(request: Request, spool: _Spool, take: Callable[[bytes], None]) -> None:
    """The whole body. ApiError where too much of it is not the file's."""
    pieces, read = aiter(request.stream()), 0
    while (piece := await _next(pieces)) is not None:
        take(piece)
        read += len(piece)
        if read - spool.taken > AROUND_A_FILE:
            raise spool.limit.error()
        await spool.write(at_least=PIECE_BYTES)
    await spool.write(at_least=1)


async def _next(pieces: AsyncIterator[bytes]) -> bytes | None:
    """The next bytes; None at the end."""
    try:
        async with asyncio.timeout(STALLED_SECONDS):
            return await anext(pieces, None)
    except TimeoutError:
        raise ApiError(408, "stalled", {"seconds": int(STALLED_SECONDS)}) from None
    except ClientDisconnect:
        raise ApiError(400, "disconnected") from None


def _check_kind(request: Request, kind: bytes) -> None:
    _check_coding(request)
    if kind.startswith(b"multipart/") and kind != b"multipart/form-data":
        raise ApiError(415, "kind_unsupported", {"kind": file_name(kind.decode("latin-1"))})


def _check_coding(request: Request) -> None:
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("", "identity"):
        raise ApiError(415, "coding_unsupported", {"coding": file_name(coding)})


def _check_length(request: Request, limit: Limit, *, around: int) -> None:
    """Refuse before a byte is read, where the request says how much it brings."""
    length = request.headers.get("content-length")
    if length is None and "transfer-encoding" not in request.headers:
        raise ApiError(411, "body_missing")
    if length is not None and length.isdecimal() and int(length) > limit.mb * MB + around:
        raise limit.error()
