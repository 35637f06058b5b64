"""The wall's page and line without a browser: who is let in, what is sent, and when."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient, WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from kpi_core.i18n.catalog import Language
from kpi_core.plans.document import Plan
from kpi_core.plans.revise import load_plan
from kpi_core.storage.facts import EVENT_COLUMNS, Batch
from kpi_core.storage.store import Store, open_store
from kpi_core.web.live import Hub
from kpi_core.web.wall.access import Access
from kpi_core.web.wall.document import build
from kpi_core.web.wall.faces import Faces
from kpi_core.web.wall.party import Parties
from kpi_core.web.wall.routes import Walls
from kpi_core.web.wall.screen import Screen, least_vmin

NOW = datetime(2026, 11, 20, 5, 2, tzinfo=UTC)
"""Two in the afternoon in Tokyo, on a Friday."""
WALL_CLOCK = datetime.fromisoformat("2026-11-20 14:02")
WHILE_MADE = datetime.fromisoformat("2026-11-01 09:00")
PLAN = """
id = "{id}"
name = "{id}"
csf = "c"
kgi = {{ name = "g", target = 1, deadline = 2027-03-31 }}
calendar = {{ country = "JP", zone = "Asia/Tokyo" }}
{rest}
[kpi]
id = "mql"
name = "{name}"
owner = "<Owner>"
kind = "count"
stage = "marketing_qualified"
targets.default = 4
"""


@dataclass
class Office:
    """A store, its walls, and a browser in front of them."""

    store: Store
    keys_needed: bool = False
    now: datetime = NOW
    base: str = ""
    hub: Hub = field(init=False)

    def __post_init__(self) -> None:
        self.hub = Hub(self.store, lambda: self.now)

    def plan(self, name: str, title: str = "Enquiries", rest: str = "") -> None:
        text = PLAN.format(id=name, name=title, rest=rest)
        plan = load_plan(self.store, text, who="t", why="", effective_from=None, now=WHILE_MADE)
        assert isinstance(plan, Plan), plan

    def leads(self, *names: str) -> None:
        """Leads that qualify now, as an import."""
        rows = [
            {"line": 2, "lead": name, "stage": "marketing_qualified", "occurred_at": WALL_CLOCK}
            for name in names
        ]
        events = pd.DataFrame(rows).reindex(columns=list(EVENT_COLUMNS)).astype(EVENT_COLUMNS)
        mark = "-".join(names)
        batch = Batch("s", f"{mark}.csv", mark, "m", "", rows=len(rows), events=events)
        self.store.commit(batch, who="t", now=WALL_CLOCK)

    def client(self) -> TestClient:
        faces = Faces(self.store, lambda: self.now)
        parties = Parties(self.store, lambda: self.now)
        access = Access(self.store, lambda: WALL_CLOCK, keys_needed=self.keys_needed)
        walls = Walls(
            lambda: self.hub, lambda: faces, lambda: parties, lambda: access, base=self.base
        )

        @asynccontextmanager
        async def living(_app: Starlette) -> AsyncIterator[None]:
            await self.hub.start()
            yield
            await self.hub.stop()
            # Whoever left in the middle of a sentence: its thread still reads the store.
            begun = [*walls._begun.values(), *walls._messages.values()]
            await asyncio.gather(*(task for _, task in begun), return_exceptions=True)

        app = Starlette(routes=walls.routes(), lifespan=living)
        return TestClient(app, headers={"accept-language": "en"})


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    store = open_store(tmp_path / "kpi.duckdb")
    office = Office(store)
    office.plan("first")
    yield office
    store.close()


def value(html: str) -> str:
    found = re.search(r'<p class="value">(.*?)</p>', html)
    assert found
    return found[1]


def told(line: WebSocketTestSession) -> Any:
    return line.receive_json()


# --- the page ---


def test_the_page_is_complete_as_it_is_sent(office: Office) -> None:
    office.leads("a", "b")
    with office.client() as client:
        page = client.get("/wall")
        assert page.status_code == 200
        assert value(page.text) == "2"
        assert "/ 4" in page.text
        assert client.get("/wall/first").text.count("<article") == 1
        assert len(page.content) < 60_000


def test_the_policy_lets_only_this_style_and_script_run(office: Office) -> None:
    with office.client() as client:
        policy = client.get("/wall").headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert len(re.findall(r"'sha256-[A-Za-z0-9+/=]{44}'", policy)) == 2


def test_a_name_is_shown_as_it_was_written(office: Office) -> None:
    office.plan("odd", '<img src=x onerror=alert(1)> & \\"more\\"')
    office.leads("a")
    with office.client() as client:
        text = client.get("/wall/odd").text
    assert "&lt;img src=x onerror=alert(1)&gt; &amp;" in text
    assert "<img" not in text
    assert "&lt;Owner&gt;" in text


def test_what_is_asked_for_wrongly_is_as_if_it_was_not_asked() -> None:
    def asked(plan: str = "", **query: str) -> Screen:
        return Screen.asked(plan, query, "ja")

    assert asked() == Screen((), Language.JA, light=False, every=20, sound=False)
    assert asked(every="soon", lang="fr", theme="red", sound="yes") == asked()
    assert asked(every="1").every == 5
    assert asked(every="99999").every == 3600
    assert asked(plans="a, b,,a").plans == ("a", "b")
    assert asked("c", plans="a,b").plans == ("c",)
    assert len(asked(plans=",".join(map(str, range(99)))).plans) == 20


def test_the_least_text_can_be_read_from_where_the_room_sits() -> None:
    # 55 inches are 684.9 mm high at 16:9; a two-hundredth of 5 m is 25 mm.
    assert least_vmin(5, 55) == pytest.approx(100 * 25 / 684.9, rel=1e-3)
    assert least_vmin(10, 55) == pytest.approx(2 * least_vmin(5, 55))


def test_a_plan_that_fails_says_so_and_the_others_stay(office: Office) -> None:
    office.store.save_revision(
        "broken", "id = 1", effective_from=None, tallies=(), who="t", why="", now=WHILE_MADE
    )
    with office.client() as client:
        text = client.get("/wall?plans=broken,first,nowhere").text
    assert text.count("<article") == 3
    assert text.count('class="face s-no_target failed"') == 2
    assert "There is no plan “nowhere”" in text
    assert value(text) == "–"


def test_without_a_plan_the_wall_says_what_to_do(tmp_path: Path) -> None:
    store = open_store(tmp_path / "none.duckdb")
    with Office(store).client() as client:
        assert "No plan yet" in client.get("/wall").text
    store.close()


def test_the_office_sleeps_at_night_and_on_days_off(office: Office) -> None:
    def sleeps(moment: str, plan: str = "first") -> bool:
        office.now = datetime.fromisoformat(f"{moment}+09:00")
        with office.client() as client:
            return 'class="asleep"' in client.get(f"/wall/{plan}").text

    assert not sleeps("2026-11-20 07:00")
    assert sleeps("2026-11-20 06:59")
    assert sleeps("2026-11-20 21:00")
    assert sleeps("2026-11-21 12:00")  # a Saturday
    assert sleeps("2026-11-23 12:00")  # Labour Thanksgiving Day
    office.plan("shop", rest="wall = { sleeps = false }")
    assert not sleeps("2026-11-21 03:00", "shop")


# --- the line ---


def test_the_line_tells_at_once_and_at_every_change(office: Office) -> None:
    with office.client() as client, client.websocket_connect("/wall/_live/first") as line:
        first = told(line)
        assert first["build"] == build()
        assert value(first["faces"][0]["html"]) == "–"
        office.leads("a")
        assert value(told(line)["faces"][0]["html"]) == "1"
        office.leads("b")
        assert value(told(line)["faces"][0]["html"]) == "2"


def test_a_line_from_a_page_of_another_site_is_closed(office: Office) -> None:
    with (
        office.client() as client,
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect("/wall/_live", headers={"origin": "https://elsewhere.example"}),
    ):
        pass


def test_a_target_is_celebrated_on_every_line_and_never_again(office: Office) -> None:
    with office.client() as client:
        path = "/wall/_live/first"
        with client.websocket_connect(path) as one, client.websocket_connect(path) as other:
            for line in (one, other):
                told(line)
            office.leads("a", "b", "c", "d")
            for line in (one, other):
                assert value(told(line)["faces"][0]["html"]) == "4"
                party = told(line)["party"]
                assert "November 2026: target reached" in party["html"]
                assert party["seconds"] == 30
            office.leads("e")
            for line in (one, other):
                assert value(told(line)["faces"][0]["html"]) == "5"
            office.leads("f")
            for line in (one, other):
                # The next word is the next number: there was no party in between.
                assert value(told(line)["faces"][0]["html"]) == "6"
        with client.websocket_connect(path) as late:
            assert "faces" in told(late)
            office.leads("g")
            assert value(told(late)["faces"][0]["html"]) == "7"


# --- who may see it ---


def test_a_key_becomes_a_cookie_and_leaves_the_address(office: Office) -> None:
    office.keys_needed, office.base = True, "kpi"
    _, key = office.store.add_display("hall", who="t", now=WHILE_MADE)
    with office.client() as client:
        answer = client.get(
            f"/kpi/wall/first?theme=light&key={key}&lang=ja", follow_redirects=False
        )
        assert answer.status_code == 303
        assert answer.headers["location"] == "/kpi/wall/first?theme=light&lang=ja"
        cookie = answer.headers["set-cookie"].lower()
        assert {"httponly", "path=/kpi/wall", "samesite=lax"} <= set(cookie.split("; "))
        assert client.get("/kpi/wall/first").status_code == 200
        with client.websocket_connect("/kpi/wall/_live/first") as line:
            assert "faces" in told(line)


def test_without_a_key_nothing_is_shown_where_keys_are_needed(office: Office) -> None:
    office.keys_needed = True
    office.leads("a")
    with office.client() as client:
        for path in ("/wall", "/wall/first", "/wall?key=guessed"):
            answer = client.get(path)
            assert answer.status_code == 403
            assert "This screen needs its own link" in answer.text
            assert "Enquiries" not in answer.text
        with client.websocket_connect("/wall/_live") as line:
            assert told(line) == {
                "off": "This screen needs its own link. Ask whoever runs the board."
            }


def test_a_screen_is_switched_off_while_it_hangs(office: Office) -> None:
    """Also where walls are open to everyone: the screen was meant, not the wall."""
    office.leads("a")
    display, key = office.store.add_display("hall", who="t", now=WHILE_MADE)
    with office.client() as client:
        client.get(f"/wall?key={key}")
        with client.websocket_connect("/wall/_live") as line:
            assert "faces" in told(line)
            office.store.revoke_display(display.display_id, who="t", now=WALL_CLOCK)
            assert told(line) == {"off": "This display was switched off"}
        page = client.get("/wall")
        assert page.status_code == 403
        assert "This display was switched off" in page.text
        assert "Enquiries" not in page.text
        assert TestClient(client.app).get("/wall").status_code == 200


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("192.168.3.9", True),
        ("192.168.4.9", False),
        ("::ffff:192.168.3.9", True),
        ("fd00::7", True),
        ("fd01::7", False),
        ("somewhere", False),
    ],
)
def test_a_screen_may_be_bound_to_networks(office: Office, address: str, *, inside: bool) -> None:
    networks = ["192.168.3.0/24", "fd00::/64"]
    _, key = office.store.add_display("hall", networks=networks, who="t", now=WHILE_MADE)
    with office.client() as client:
        far = TestClient(client.app, client=(address, 5000))
        assert far.get(f"/wall?key={key}").status_code == (200 if inside else 403)
        [seen] = office.store.displays()
        assert seen.seen_from == (address if inside else None)
