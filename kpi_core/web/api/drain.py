"""An answer that its caller gets to read, though it is still sending.

A server that closes the connection while a body arrives has the answer thrown away with it.
So the answer goes out at once, and the rest of the body is skipped for a while.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

DRAIN_SECONDS = 30.0


class Drain:
    """Ends each answer once its request has ended. HEAD is answered as GET, without its body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
        # A client that asks before sending does not send once it is refused.
        unread = has_body and headers.get("expect", "").lower() != "100-continue"

        async def receiving() -> Message:
            nonlocal unread
            message = await receive()
            if message["type"] == "http.disconnect" or not message.get("more_body"):
                unread = False
            return message

        async def skip() -> None:
            with suppress(TimeoutError):
                async with asyncio.timeout(DRAIN_SECONDS):
                    while unread:
                        await receiving()

        async def sending(message: Message) -> None:
            is_last = message["type"] == "http.response.body" and not message.get("more_body")
            if is_last and unread:
                await send({**message, "more_body": True})
                await skip()
                message = {"type": "http.response.body", "body": b"", "more_body": False}
            await send(message)

        if scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}
        await self._app(scope, receiving, sending)
