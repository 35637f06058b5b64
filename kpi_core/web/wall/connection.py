"""The connection to one screen: its views whenever they change, and what is celebrated."""

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass

from starlette.websockets import WebSocket, WebSocketDisconnect

from kpi_core.i18n.catalog import Words
from kpi_core.web.live import Hub
from kpi_core.web.wall.access import Visit
from kpi_core.web.wall.celebration_feed import CelebrationFeed
from kpi_core.web.wall.celebrations import celebration_message
from kpi_core.web.wall.document import build
from kpi_core.web.wall.messages import Message, Messages
from kpi_core.web.wall.screen import Screen

BEAT_SECONDS = 20.0
"""A message at least this often: proxies cut a connection that is silent for a minute."""


@dataclass
class Connection:
    """A screen that may see the wall. `page` names its page, also when it connects again."""

    socket: WebSocket
    screen: Screen
    visit: Visit
    page: str
    hub: Hub
    messages: Messages
    feed: CelebrationFeed
    asleep: bool = True

    async def push(self) -> None:
        """Tell it everything until it is switched off; WebSocketDisconnect where it leaves."""
        message = await self._show()
        while message is not None:
            stir = self.hub.stir
            if self.hub.pulse() != message.pulse:
                message = await self._show()
                # Not with the first message: a page that was just loaded celebrates nothing.
                self._look(message)
                continue
            await self._celebrate(message)
            try:
                await asyncio.wait_for(stir.wait(), BEAT_SECONDS)
            except TimeoutError:
                message = await self._beat(message)

    async def _show(self) -> Message | None:
        """Send the views as they are now; None where the screen has been switched off."""
        making = self.messages.of(self.screen)
        while not (await asyncio.wait({making}, timeout=BEAT_SECONDS))[0]:
            await send(self.socket, json.dumps({"build": build()}))
        message = making.result()
        if self.visit.display is not None and self.visit.display.display_id in message.off:
            await refuse(self.socket, Words(self.screen.language)("wall.off"))
            return None
        now = self.hub.now()
        await send(self.socket, message.text(now))
        self.asleep = message.asleep(now)
        return message

    async def _beat(self, message: Message) -> Message | None:
        """A heartbeat; a view that failed is tried again."""
        if message.showing.failed:
            return await self._show()
        now, slept = self.hub.now(), self.asleep
        await send(self.socket, message.beat(now))
        self.asleep = message.asleep(now)
        if slept:
            self._look(message)
        return message

    def _look(self, message: Message | None) -> None:
        """A target reached while the office slept is celebrated when it wakes."""
        if message is not None and not self.asleep:
            self.feed.look(message.boards)

    async def _celebrate(self, message: Message) -> None:
        if self.asleep:
            return
        plans = [board.plan_id for board in message.boards]
        for celebration in self.feed.for_page(self.page, plans):
            party = celebration_message(celebration, Words(self.screen.language))
            await send(self.socket, json.dumps({"party": party}, ensure_ascii=False))


async def refuse(socket: WebSocket, sentence: str) -> None:
    """Say why nothing is shown, and nothing else."""
    await send(socket, json.dumps({"off": sentence}, ensure_ascii=False))
    with suppress(RuntimeError):
        await socket.close()


async def send(socket: WebSocket, text: str) -> None:
    """Send; WebSocketDisconnect where the screen is gone, however the server reports it."""
    try:
        await socket.send_text(text)
    except RuntimeError:
        raise WebSocketDisconnect from None
