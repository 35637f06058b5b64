"""An office with walls: a store, a clock that moves, and a browser in front of it all."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient, WebSocketTestSession

from kpi_core.facts.store import Store
from kpi_core.plans.document import Plan
from kpi_core.plans.revisions import load_plan
from kpi_core.web.live import Hub
from kpi_core.web.wall.access import Access
from kpi_core.web.wall.celebrations import Celebrations
from kpi_core.web.wall.routes import Walls
from kpi_core.web.wall.views import Views
from tests.batches import Event, batch

NOW = datetime(2026, 11, 20, 5, 2, tzinfo=UTC)
"""Two in the afternoon in Tokyo, on a Friday."""
WALL_CLOCK = datetime.fromisoformat("2026-11-20 14:02")
WHILE_MADE = datetime.fromisoformat("2026-11-01 09:00")
CALENDAR = '{ country = "JP", zone = "Asia/Tokyo" }'
PLAN = """
id = "{id}"
name = "{id}"
csf = "c"
kgi = {{ name = "g", target = 1, deadline = 2027-03-31 }}
calendar = {calendar}
{rest}
[kpi]
id = "mql"
name = "{name}"
owner = "<Owner>"
{kpi}
"""
KPI = 'kind = "count"\nstage = "marketing_qualified"\ntargets.default = 4'


@dataclass
class Office:
    """A store, its walls, and a browser in front of them."""

    store: Store
    keys_needed: bool = False
    now: datetime = NOW
    base: str = ""
    hub: Hub = field(init=False)
    views: Views = field(init=False)
    celebrations: Celebrations = field(init=False)
    access: Access = field(init=False)

    def __post_init__(self) -> None:
        self.hub = Hub(self.store, lambda: self.now)
        self.views = Views(self.store, lambda: self.now)
        self.celebrations = Celebrations(self.store, lambda: self.now)

    def at(self, moment: str) -> None:
        """Tokyo's clocks show this."""
        self.now = datetime.fromisoformat(f"{moment}+09:00").astimezone(UTC)

    def pulse(self, client: TestClient) -> None:
        """A quarter of an hour has passed: whoever waits hears of it."""
        assert client.portal is not None
        client.portal.call(self.hub.wake)

    def plan(
        self,
        name: str,
        title: str = "Enquiries",
        rest: str = "",
        *,
        calendar: str = CALENDAR,
        kpi: str = KPI,
        now: datetime = WHILE_MADE,
    ) -> None:
        text = PLAN.format(id=name, name=title, rest=rest, calendar=calendar, kpi=kpi)
        plan = load_plan(self.store, text, who="t", why="", effective_from=None, now=now)
        assert isinstance(plan, Plan), plan

    def leads(
        self, *names: str, at: datetime = WALL_CLOCK, now: datetime | None = None, mark: str = ""
    ) -> int:
        """Leads that qualified at a moment, as an import; its number."""
        events = (Event(name, "marketing_qualified", at) for name in names)
        mark += "-".join(names)
        said = batch(*events, source="s", name=f"{mark}.csv", content_hash=mark)
        number = self.store.commit(said, who="t", now=now or at).import_id
        assert number is not None
        return number

    def client(self) -> TestClient:
        self.access = Access(self.store, lambda: WALL_CLOCK, keys_needed=self.keys_needed)
        walls = Walls(
            lambda: self.hub,
            lambda: self.views,
            lambda: self.celebrations,
            lambda: self.access,
            base=self.base,
        )

        @asynccontextmanager
        async def living(_app: Starlette) -> AsyncIterator[None]:
            await self.hub.start()
            yield
            await self.hub.stop()
            # Whoever left in the middle of a sentence: its thread still reads the store.
            making = [each.task for each in walls._messages._made.values()]
            await asyncio.gather(*making, *walls._feed._looking, return_exceptions=True)

        app = Starlette(routes=walls.routes(), lifespan=living)
        return TestClient(app, headers={"accept-language": "en"})


def beside(first: TestClient, app: Any = None, **options: Any) -> TestClient:
    """Another visitor of the same server, on the same event loop."""
    other = TestClient(app or first.app, **options)
    other.portal = first.portal
    return other


def counted(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> list[object]:
    """A mark for each time it is called from now on."""
    calls: list[object] = []
    original = getattr(owner, name)

    def call(*args: Any, **kwargs: Any) -> Any:
        calls.append(args)
        return original(*args, **kwargs)

    monkeypatch.setattr(owner, name, call)
    return calls


def value(html: str) -> str:
    found = re.search(r'<span class="value">(.*?)</span>', html)
    assert found
    return found[1]


def told(line: WebSocketTestSession) -> Any:
    return line.receive_json()


def until(line: WebSocketTestSession, what: str) -> Any:
    """What a line tells next of a kind."""
    while what not in (message := told(line)):
        pass
    return message[what]


def shown(line: WebSocketTestSession) -> str:
    """The number that a line tells next."""
    return value(told(line)["faces"][0]["html"])


def line_of(page: str) -> str:
    """The line that a page opens."""
    found = re.search(r'data-live="(.*?)"', page)
    assert found
    return found[1]
