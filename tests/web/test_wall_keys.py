"""Who may see a wall: keys, cookies and networks, and when a screen was last there."""

import time
from contextlib import ExitStack
from datetime import datetime
from typing import Any

import pytest
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from kpi_core.web.attempts import ATTEMPTS
from kpi_core.web.wall import access
from tests.web.wall_office import WALL_CLOCK, WHILE_MADE, Office, beside, counted, shown, told

DAYS_KEPT = 400
"""Browsers keep no cookie for longer."""
LATER = datetime.fromisoformat("2026-11-20 14:10")


def test_a_key_becomes_a_cookie_and_leaves_the_address(office: Office) -> None:
    office.keys_needed, office.base = True, "kpi"
    _, key = office.store.records.add_display("hall", who="t", now=WHILE_MADE)
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


def test_a_page_that_is_loaded_again_keeps_its_key_for_longer(office: Office) -> None:
    _, key = office.store.records.add_display("hall", who="t", now=WHILE_MADE)
    with office.client() as client:
        assert "set-cookie" not in client.get("/wall").headers
        client.get(f"/wall?key={key}")
        again = client.get("/wall?theme=light").headers["set-cookie"]
        assert again.startswith(f"kpi_display={key}; ")
        assert f"Max-Age={DAYS_KEPT * 86_400}" in again
        client.cookies.set("kpi_display", "nobody's", path="/wall")
        assert "set-cookie" not in beside(client).get("/wall").headers


def test_without_a_key_nothing_is_shown_where_keys_are_needed(office: Office) -> None:
    office.keys_needed = True
    office.leads("a")
    with office.client() as client:
        for path in ("/wall", "/wall/first", "/wall?key=guessed"):
            answer = client.get(path)
            assert answer.status_code == 403
            assert "This display needs its own link" in answer.text
            assert "Enquiries" not in answer.text
        with client.websocket_connect("/wall/_live") as line:
            assert told(line) == {"off": "This display needs its own link. Ask your administrator."}


def test_a_screen_is_switched_off_while_it_hangs(office: Office) -> None:
    """Also where walls are open to everyone: the screen was meant, not the wall."""
    office.leads("a")
    office.store.watch()
    display, key = office.store.records.add_display("hall", who="t", now=WHILE_MADE)
    with office.client() as client:
        client.get(f"/wall?key={key}")
        with client.websocket_connect("/wall/_live") as line:
            assert "faces" in told(line)
            office.store.records.revoke_display(display.display_id, who="t", now=WALL_CLOCK)
            assert told(line) == {"off": "This display was switched off"}
        page = client.get("/wall")
        assert page.status_code == 403
        assert "This display was switched off" in page.text
        assert "Enquiries" not in page.text
        assert beside(client).get("/wall").status_code == 200


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
    _, key = office.store.records.add_display("hall", networks=networks, who="t", now=WHILE_MADE)
    with office.client() as client:
        far = beside(client, client=(address, 5000))
        answer = far.get(f"/wall?key={key}")
        assert answer.status_code == (200 if inside else 403)
        assert (f"This display’s link is not valid from {address}." in answer.text) is not inside
        [seen] = office.store.records.displays()
        assert seen.seen_from == (address if inside else None)


def test_a_line_from_the_wrong_network_hears_why(office: Office) -> None:
    _, key = office.store.records.add_display(
        "hall", networks=["10.0.0.0/8"], who="t", now=WHILE_MADE
    )
    with office.client() as client:
        english = {"accept-language": "en"}
        far = beside(client, client=("192.168.3.9", 5000), headers=english)
        with far.websocket_connect(f"/wall/_live?key={key}") as line:
            assert told(line)["off"].startswith("This display’s link is not valid from 192.168.3.9")


def test_behind_a_proxy_the_screens_own_address_counts(office: Office) -> None:
    """Where the server trusts the proxy: the README says how it is told to."""
    _, key = office.store.records.add_display(
        "hall", networks=["10.0.0.0/8"], who="t", now=WHILE_MADE
    )
    sent = {"x-forwarded-for": "10.1.2.3", "x-forwarded-proto": "https"}
    with office.client() as client:
        app: Any = client.app
        behind: Any = ProxyHeadersMiddleware(app, trusted_hosts="172.16.0.1")
        proxy = beside(client, behind, client=("172.16.0.1", 5000), headers=sent)
        answer = proxy.get(f"/wall?key={key}", follow_redirects=False)
        assert answer.status_code == 303
        assert "Secure" in answer.headers["set-cookie"]
        assert proxy.get(f"/wall?key={key}").status_code == 200
        assert office.store.records.displays()[0].seen_from == "10.1.2.3"
        stranger = beside(client, behind, client=("172.16.0.2", 5000), headers=sent)
        assert stranger.get(f"/wall?key={key}").status_code == 403


# --- when it was last there ---


def test_a_screen_that_hangs_there_is_seen_though_nothing_changes(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "NOTED_SECONDS", 0.05)
    _, key = office.store.records.add_display("hall", who="t", now=WHILE_MADE)
    _, other = office.store.records.add_display("attic", who="t", now=WHILE_MADE)
    with office.client() as client, client.websocket_connect(f"/wall/_live?key={key}") as line:
        assert told(line)["faces"]
        soon_seen(office, {"hall": (WALL_CLOCK, "testclient"), "attic": (None, None)})
        office.access._now = lambda: LATER
        with client.websocket_connect(f"/wall/_live?key={other}") as second:
            assert told(second)["faces"]
            soon_seen(office, dict.fromkeys(("hall", "attic"), (LATER, "testclient")))
            monkeypatch.setattr(access, "NOTED_SECONDS", 60.0)
            time.sleep(0.2)


def soon_seen(office: Office, expected: dict[str, tuple[datetime | None, str | None]]) -> None:
    """Wait until each screen was last there at the time and the address."""
    for _ in range(200):
        seen = {
            each.name: (each.seen_at, each.seen_from) for each in office.store.records.displays()
        }
        if seen == expected:
            return
        time.sleep(0.05)
    assert seen == expected


def test_a_screen_waits_for_no_import(office: Office) -> None:
    _, key = office.store.records.add_display("hall", who="t", now=WHILE_MADE)
    with office.client() as client:
        with office.store.records.writing():
            assert client.get(f"/wall?key={key}").status_code == 200
            with client.websocket_connect("/wall/_live") as line:
                assert told(line)["faces"]
        assert client.get(f"/wall?key={key}").status_code == 200
        assert office.store.records.displays()[0].seen_at == WALL_CLOCK


def test_a_screen_that_cannot_be_noted_is_shown(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, key = office.store.records.add_display("hall", who="t", now=WHILE_MADE)

    def full(*_: object, **__: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(office.store.records, "display_seen", full)
    monkeypatch.setattr(office.store.records, "displays_seen", full)
    monkeypatch.setattr(access, "NOTED_SECONDS", 0.02)
    with office.client() as client:
        assert client.get(f"/wall?key={key}").status_code == 200
        with client.websocket_connect("/wall/_live") as line:
            assert shown(line) == "–"
            time.sleep(0.1)
            office.leads("a")
            assert shown(line) == "1"


def test_a_push_asks_once_whose_keys_stand_however_many_screens_there_are(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, key = office.store.records.add_display("hall", who="t", now=WHILE_MADE)
    with office.client() as client, ExitStack() as opened:
        lines = [
            opened.enter_context(client.websocket_connect(f"/wall/_live?key={key}"))
            for _ in range(5)
        ]
        for line in lines:
            told(line)
        asked = [
            counted(monkeypatch, office.store.records, name)
            for name in ("displays", "find_display", "display_seen", "displays_seen")
        ]
        office.leads("a")
        for line in lines:
            assert shown(line) == "1"
        assert [len(each) for each in asked] == [1, 0, 0, 0]


def test_who_guesses_keys_has_to_wait_and_a_screen_that_hangs_there_does_not(
    office: Office,
) -> None:
    office.keys_needed = True
    _, key = office.store.records.add_display("hall", who="t", now=WHILE_MADE)
    with office.client() as client:
        client.get(f"/wall?key={key}")
        other = beside(client)
        for number in range(ATTEMPTS):
            assert other.get(f"/wall?key=guess{number}").status_code == 403
        refused = other.get("/wall?key=another&lang=en")
        assert refused.status_code == 429
        assert "Too many wrong links" in refused.text
        assert 0 < int(refused.headers["retry-after"]) <= 60
        assert client.get("/wall").status_code == 200
