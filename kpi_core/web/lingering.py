"""A refusal that its caller gets to read, though it is still sending.

A server that closes the connection while a body arrives has the answer thrown away with it.
So the answer goes out at once, and what still comes is passed over for a while.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

LINGER_SECONDS = 30.0


class Body:
    """What comes in of a request, and whether all of it has."""

    def __init__(self, request: Request) -> None:
        self._receive = request.receive
        headers = request.headers
        says_length = headers.get("content-length", "0") != "0"
        self.is_read = not (says_length or "transfer-encoding" in headers)
        # Whoever asks before sending does not send once it is refused.
        self._asks_first = headers.get("expect", "").lower() == "100-continue"

    async def receive(self) -> Message:
        """The next message."""
        message = await self._receive()
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            self.is_read = True
        return message

    async def pass_over(self) -> None:
        """Read what is left, for a while."""
        if self._asks_first:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                while not self.is_read:
                    await self.receive()


class Lingering(Response):
    """A response that ends once the request has."""

    def __init__(self, response: Response, body: Body) -> None:
        super().__init__(response.body, response.status_code)
        self.raw_headers = response.raw_headers
        self._rest = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, then let the request end."""
        start = {"status": self.status_code, "headers": self.raw_headers}
        await send({"type": "http.response.start", **start})
        await send({"type": "http.response.body", "body": self.body, "more_body": True})
        await self._rest.pass_over()
        await send({"type": "http.response.body", "body": b"", "more_body": False})
